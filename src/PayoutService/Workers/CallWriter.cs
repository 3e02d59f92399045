using PayoutService.Payouts;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;

namespace PayoutService.Workers;

/// <summary>Writes down the calls to Pockyt that this process made, and removes old ones.</summary>
internal sealed class CallWriter(
    CallLog log,
    CallStore store,
    EventRules events,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<CallWriter> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    /// <summary>The number of calls that one pass writes at most.</summary>
    private const int PassSize = 1_000;

    private readonly EveryMinute minute = new(clock);
    private bool isMoreOld;

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        var isFull = await WriteAsync();
        if (isMoreOld || minute.IsOver())
        {
            var trimmed = await store.TrimAsync(Clock.GetUtcNow() - events.KeptFor);
            isMoreOld = trimmed == CallStore.TrimmedAtOnce;
        }

        return isFull || isMoreOld;
    }

    public override Task WhenIdleAsync() => WriteAsync();

    private async Task<bool> WriteAsync()
    {
        var calls = log.Take(PassSize);
        if (calls.Count > 0)
        {
            await store.WriteAsync(calls);
        }

        return calls.Count == PassSize;
    }
}
