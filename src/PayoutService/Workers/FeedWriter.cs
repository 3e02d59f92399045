using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Views.Events;

namespace PayoutService.Workers;

/// <summary>Takes committed lines of history into the feeds of events.</summary>
internal sealed class FeedWriter(
    FeedStore store,
    WakeUps wakeUps,
    EventRules events,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<FeedWriter> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger, wakeUps.History)
{
    private readonly EveryMinute minute = new(clock);
    private bool isMoreOld;

    /// <summary>A pass is a commit of its own, which those that move payouts would wait for.</summary>
    protected override TimeSpan Rest => TimeSpan.FromMilliseconds(100);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (isMoreOld || minute.IsOver())
        {
            var trimmed = await store.TrimAsync(Clock.GetUtcNow() - events.KeptFor);
            isMoreOld = trimmed >= FeedStore.TrimmedAtOnce;
        }

        var taken = await store.AdvanceAsync(TypesOf);
        if (taken is > 0)
        {
            wakeUps.Signal(Work.Feeds);
        }

        return isMoreOld || taken >= FeedStore.PassSize;
    }

    public override Task WhenIdleAsync() => Task.CompletedTask;

    private static IReadOnlyList<string> TypesOf(HistoryLine line) => line.Payout is { } payout
        ? EventCatalogue.Of(payout, line.Before, line.IsBalanceLow)
        : EventCatalogue.Of(line.Other!);
}
