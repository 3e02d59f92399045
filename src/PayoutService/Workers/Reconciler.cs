using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;
using PayoutService.Views;

namespace PayoutService.Workers;

/// <summary>
/// Finds out what nobody told us: ends leases of workers that did not report back, asks Pockyt about every payout that
/// is due to be asked about, releases what was held, and sends again what Pockyt never saw, where that is allowed.
/// Calls a human to what has lasted too long, whether Pockyt answers or not.
/// </summary>
internal sealed class Reconciler(
    PayoutStore store,
    PayoutClaims claims,
    PayoutReports reports,
    IPayoutGateway gateway,
    Sender sender,
    PayabilityCheck holds,
    WakeUps wakeUps,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Reconciler> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger, wakeUps.Inquiries)
{
    private readonly ConcurrencyLimiter inquiries = new(rules.AtOnce, rules.PollInterval, clock, logger);
    private readonly EveryMinute minute = new(clock);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        var ended = await claims.EndLeasesAsync();
        await store.ExpireHoldsAsync();
        if (minute.IsOver())
        {
            while (await store.RaiseSlowAsync() == PayoutStore.RaisedAtOnce)
            {
            }
        }

        var more = await inquiries.FillAsync(
            gateway.Merchants,
            () => gateway.FreeSlots,
            claims.ClaimInquiriesAsync,
            payout => payout.Merchant,
            InquireAsync,
            cancel);
        return more || ended == PayoutClaims.BatchSize;
    }

    public override Task WhenIdleAsync() => inquiries.WhenIdleAsync();

    private async Task InquireAsync(Payout asked)
    {
        using var span = Traces.Begin("ask about payout", asked.Traceparent);
        var report = await gateway.InquireAsync(asked, CancellationToken.None);
        var payout = await reports.RecordAsync(asked, report, CancellationToken.None);
        Traces.Tell(
            span, PublicId.Of(PublicId.Payout, payout.Id), report.Kind, payout.Status, payout.ConfirmedBy);
        logger.LogInformation(
            "Asked about {payoutId} {invoiceId}: {report} {code}, now {status}.",
            payout.Id, payout.InvoiceId, report.Kind, report.Code, payout.Status);

        // A question that left before the payout was held says nothing about what has come since.
        if (payout.Status is PayoutStatus.Held && report.Kind is ReportKind.NotSeen
            && report.AskedAt > payout.StatusSince && !payout.IsDisputed)
        {
            await CheckHeldAsync(payout);
        }
        else if (payout.MayBeSentAgain(report, Clock.GetUtcNow(), rules))
        {
            await (payout.CancelRequestedBy is not null ? store.CancelAsRequestedAsync(payout)
                : payout.Findings is not null ? store.HoldAsBeforeAsync(payout)
                : SendAgainAsync(payout));
        }
    }

    private async Task CheckHeldAsync(Payout held)
    {
        switch (await holds.CheckAsync(held))
        {
            case Wait.IsOver:
                await store.ReleaseAsync(held);
                break;
            case Wait.NeverEnds:
                await CancelAsync(held, "The account was removed.");
                break;
            case Wait.GoesOn when held.HasWaitedTooLong(Clock.GetUtcNow(), rules):
                await CancelAsync(held, "The payee or account did not become active in time.");
                break;
        }
    }

    private Task<PayoutActionResult> CancelAsync(Payout held, string reason) => store.CancelAsync(
        held.Merchant, held.Id, [held.Version], Actor.Reconciler, reason);

    private async Task SendAgainAsync(Payout payout)
    {
        var beforeClaim = Clock.GetTimestamp();
        var batch = Guid.CreateVersion7(Clock.GetUtcNow());
        if (await ClaimAgainAsync(payout, batch) is { } claimed)
        {
            await sender.SendAsync(new ClaimedPayout(claimed, beforeClaim));
        }
    }

    private async Task<Payout?> ClaimAgainAsync(Payout payout, Guid batch)
    {
        try
        {
            return await claims.ClaimAgainAsync(payout, batch);
        }
        catch
        {
            // The claim may be committed all the same, and nothing was sent for it.
            sender.KeepUncommitted(batch);
            throw;
        }
    }
}
