using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;

namespace PayoutService.UseCases;

/// <summary>The state of all merchants' work at one moment.</summary>
/// <param name="At">When it was read.</param>
/// <param name="IsReady">The service can do its work.</param>
/// <param name="Backlog">Open payouts by cause.</param>
/// <param name="Beats">When the processes last reported, the newest first.</param>
/// <param name="Endpoints">Webhook endpoints.</param>
/// <param name="Database">What slows the database down.</param>
internal sealed record State(
    DateTimeOffset At,
    bool IsReady,
    IReadOnlyList<BacklogOfCause> Backlog,
    IReadOnlyList<DateTimeOffset> Beats,
    IReadOnlyList<WebhookEndpoint> Endpoints,
    DatabaseStatistics Database);

/// <summary>Reads the state of all merchants' work.</summary>
internal sealed class ReadState(
    PayoutDb db,
    NpgsqlDataSource source,
    CountBacklog backlog,
    Readiness readiness,
    IPayoutGateway gateway,
    TimeProvider clock)
{
    private const int MostBeats = 100;

    public async Task<State> RunAsync(CancellationToken cancel)
    {
        var (problems, _) = await readiness.CheckAsync(cancel);
        return new(
            clock.GetUtcNow(),
            problems.Count == 0,
            await backlog.RunAsync(gateway.Merchants, cancel),
            await db.Replicas.AsNoTracking().OrderByDescending(row => row.BeatAt).Take(MostBeats)
                .Select(row => row.BeatAt).ToListAsync(cancel),
            await db.WebhookEndpoints.AsNoTracking().ToListAsync(cancel),
            await DatabaseStatistics.ReadAsync(source, cancel));
    }
}
