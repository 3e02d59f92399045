using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;

namespace PayoutService.UseCases;

/// <summary>A process that reports.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When it last reported.</param>
internal sealed record Beat(Guid Id, DateTimeOffset At);

/// <summary>The last calls to Pockyt, of all processes.</summary>
/// <param name="Count">How many.</param>
/// <param name="Unanswered">How many of them Pockyt did not answer.</param>
/// <param name="P95Ms">The latency, in milliseconds, that 19 of 20 did not exceed.</param>
internal sealed record LastCalls(int Count, int Unanswered, int P95Ms);

/// <summary>The health of the service as operators see it.</summary>
/// <param name="Problems">What keeps it from its work.</param>
/// <param name="Notes">What is worth knowing.</param>
/// <param name="Beats">The processes that reported lately, the newest first.</param>
/// <param name="PockytAwaySince">Since when Pockyt does not answer; null: it does.</param>
/// <param name="Calls">The last calls to Pockyt; null: there was none.</param>
/// <param name="Endpoints">Webhook endpoints of the merchants.</param>
/// <param name="LastNotice">When the last notification came; null: there was none.</param>
/// <param name="Causes">What a person must act on.</param>
internal sealed record ServiceHealth(
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Notes,
    IReadOnlyList<Beat> Beats,
    DateTimeOffset? PockytAwaySince,
    LastCalls? Calls,
    IReadOnlyList<WebhookEndpoint> Endpoints,
    DateTimeOffset? LastNotice,
    IReadOnlyList<Cause> Causes);

/// <summary>Reads whether the service does its work.</summary>
internal sealed class ReadHealth(PayoutDb db, Readiness readiness, IPayoutGateway gateway, TimeProvider clock)
{
    private const int MostBeats = 20;
    private const int MostCalls = 1_000;

    /// <summary>The time after which a process that does not report is silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    public async Task<ServiceHealth> RunAsync(IReadOnlyList<string> merchants, CancellationToken cancel)
    {
        var (problems, notes) = await readiness.CheckAsync(cancel);
        var beats = await db.Replicas.AsNoTracking().OrderByDescending(row => row.BeatAt).Take(MostBeats)
            .Select(row => new Beat(row.Id, row.BeatAt)).ToListAsync(cancel);
        var endpoints = await db.WebhookEndpoints.AsNoTracking().Where(row => merchants.Contains(row.Merchant))
            .OrderBy(row => row.Id).ToListAsync(cancel);
        DateTimeOffset? notice = null;
        foreach (var merchant in merchants)
        {
            var last = await db.Notices.Where(row => row.Merchant == merchant)
                .MaxAsync(row => (DateTimeOffset?)row.ReceivedAt, cancel);
            notice = notice > last ? notice : last ?? notice;
        }

        var now = clock.GetUtcNow();
        Cause?[] causes =
        [
            problems.Count > 0 ? Cause.NotReady : null,
            beats is [] || now - beats[0].At > Silence ? Cause.WorkersSilent : null,
            endpoints.Exists(one => one is { Status: EndpointStatus.Enabled, FailingSince: not null })
                ? Cause.EndpointFailing : null,
            endpoints.Exists(one => one.Status is EndpointStatus.Disabled) ? Cause.EndpointDisabled : null,
        ];
        return new(
            problems,
            notes,
            beats,
            gateway.AwaySince,
            await LastCallsAsync(cancel),
            endpoints,
            notice,
            [.. causes.OfType<Cause>()]);
    }

    private async Task<LastCalls?> LastCallsAsync(CancellationToken cancel)
    {
        var calls = await db.ProviderCalls.OrderByDescending(row => row.Id).Take(MostCalls)
            .Select(row => new { row.LatencyMs, row.Outcome }).ToListAsync(cancel);
        return calls.Count == 0 ? null : new(
            calls.Count,
            calls.Count(call => call.Outcome is not CallOutcome.Answered),
            calls.Select(call => call.LatencyMs).Order().ElementAt((calls.Count - 1) * 95 / 100));
    }
}
