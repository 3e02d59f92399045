using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage.Refunds;

namespace PayoutService.Workers;

/// <summary>
/// Finds out what became of refunds that nobody answered for: ends the leases of callers that did not come back, and
/// asks Pockyt about every refund that is due to be asked about. It never sends one. Calls a human to those that have
/// been open for too long.
/// </summary>
internal sealed class RefundReconciler(
    RefundStore store,
    IRefundGateway gateway,
    IPayoutGateway provider,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<RefundReconciler> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    private readonly ConcurrencyLimiter asks = new(rules.AtOnce, rules.PollInterval, clock, logger);
    private readonly EveryMinute minute = new(clock);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        var ended = await store.EndLeasesAsync();
        if (minute.IsOver())
        {
            await store.RaiseSlowAsync();
        }

        var more = await asks.FillAsync(
            () => gateway.FreeSlots,
            limit => store.ClaimInquiriesAsync(limit, provider.Merchants),
            InquireAsync,
            cancel);
        return more || ended == RefundStore.BatchSize;
    }

    public override Task WhenIdleAsync() => asks.WhenIdleAsync();

    private async Task InquireAsync(Refund asked)
    {
        var report = await gateway.InquireAsync(asked, CancellationToken.None);
        var refund = await store.RecordAsync(asked.Id, report, Actor.Reconciler);
        logger.LogInformation(
            "Asked about {refundId} {refundReference}: {report} {code}, now {status}.",
            asked.Id, asked.RefundReference, report.Kind, report.Code, refund?.Status);
    }
}
