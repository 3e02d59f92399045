using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage;

namespace PayoutService.Workers;

/// <summary>
/// Finds out what became of refunds that nobody answered for: ends the leases of callers that did not come back, and
/// asks Pockyt about every refund that is due to be asked about. It never sends one.
/// </summary>
internal sealed class RefundReconciler(
    RefundStore store,
    IRefundGateway gateway,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<RefundReconciler> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    private readonly InFlight asks = new(rules.AtOnce, logger);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        var ended = await store.EndLeasesAsync(cancel);
        await asks.WhenRoomAsync(cancel);
        var limit = Math.Min(Math.Min(asks.Room, gateway.Room), RefundStore.BatchSize);
        if (limit == 0)
        {
            return ended == RefundStore.BatchSize;
        }

        var due = await store.ClaimAsksAsync(limit, cancel);
        foreach (var refund in due)
        {
            asks.Begin(() => AskAsync(refund));
        }

        return due.Count == limit || ended == RefundStore.BatchSize;
    }

    public override Task WhenIdleAsync() => asks.WhenIdleAsync();

    private async Task AskAsync(Refund asked)
    {
        var report = await gateway.AskAsync(asked, CancellationToken.None);
        var refund = await store.RecordAsync(asked.Id, report, CancellationToken.None);
        logger.LogInformation(
            "Asked about {refundId} {refundReference}: {report} {code}, now {status}.",
            asked.Id, asked.RefundReference, report.Kind, report.Code, refund?.Status);
    }
}
