using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;

namespace PayoutService.Workers;

/// <summary>Claims due payouts and sends each once. The claim is committed before a byte leaves.</summary>
internal sealed class Dispatcher(
    PayoutClaims claims,
    IPayoutGateway gateway,
    Sender sender,
    WakeUps wakeUps,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Dispatcher> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger, wakeUps.Sends)
{
    private readonly ConcurrencyLimiter sends = new(rules.AtOnce, rules.PollInterval, clock, logger);

    /// <summary>Claims of which we do not know whether they were committed: nothing was sent for them.</summary>
    private readonly Queue<Guid> uncommitted = [];

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        await RecordUncommittedClaimsAsync(cancel);
        await sender.RecordUncommittedClaimsAsync(cancel);
        return await sends.FillAsync(
            gateway.Merchants,
            () => gateway.FreeSlots,
            ClaimAsync,
            claimed => claimed.Payout.Merchant,
            sender.SendAsync,
            cancel);
    }

    public override Task WhenIdleAsync() => sends.WhenIdleAsync();

    private async Task<List<ClaimedPayout>> ClaimAsync(IReadOnlyList<Capacity> capacities, int limit)
    {
        // Read before the claim: a send must know how much of its lease is left.
        var beforeClaim = Clock.GetTimestamp();
        var batch = Guid.CreateVersion7(Clock.GetUtcNow());
        uncommitted.Enqueue(batch);
        var claimed = await claims.ClaimDueAsync(capacities, limit, batch);

        // Only now is the claim known to be committed. Had the line above thrown, the batch would stay in the queue.
        uncommitted.Dequeue();
        return [.. claimed.Select(payout => new ClaimedPayout(payout, beforeClaim))];
    }

    private async Task RecordUncommittedClaimsAsync(CancellationToken cancel)
    {
        while (uncommitted.TryPeek(out var batch))
        {
            await claims.RecordNotSentAsync(batch);
            uncommitted.Dequeue();
        }
    }
}
