using PayoutService.Payouts;
using PayoutService.Storage.Payouts;

namespace PayoutService.Workers;

/// <summary>Claims due payouts and sends each once. The claim is committed before a byte leaves.</summary>
internal sealed class Dispatcher(
    PayoutClaims claims,
    IPayoutGateway gateway,
    Sender sender,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Dispatcher> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    private readonly ConcurrencyLimiter sends = new(rules.AtOnce, rules.PollInterval, clock, logger);

    /// <summary>Claims whose commit is in doubt: nothing was sent for them.</summary>
    private readonly Queue<Guid> doubtful = [];

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        await SettleDoubtsAsync(cancel);
        await sender.SettleAsync(cancel);

        // Read before the claim: a send must know how much of its lease is left.
        long beforeClaim = 0;
        return await sends.FillAsync(
            gateway.Merchants,
            () => gateway.Room,
            (rooms, limit) =>
            {
                beforeClaim = Clock.GetTimestamp();
                return ClaimAsync(rooms, limit);
            },
            payout => payout.Merchant,
            payout => sender.SendAsync(payout, beforeClaim),
            cancel);
    }

    public override Task WhenIdleAsync() => sends.WhenIdleAsync();

    private async Task<List<Payout>> ClaimAsync(IReadOnlyList<Capacity> rooms, int limit)
    {
        var batch = Guid.CreateVersion7(Clock.GetUtcNow());
        doubtful.Enqueue(batch);
        var claimed = await claims.ClaimDueAsync(rooms, limit, batch);

        // Only now is the claim known to be committed. Had the line above thrown, the batch would stay in doubt.
        doubtful.Dequeue();
        return claimed;
    }

    private async Task SettleDoubtsAsync(CancellationToken cancel)
    {
        while (doubtful.TryPeek(out var batch))
        {
            await claims.RecordNotSentAsync(batch);
            doubtful.Dequeue();
        }
    }
}
