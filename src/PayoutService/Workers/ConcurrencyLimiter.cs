using System.Collections.Concurrent;
using PayoutService.Storage.Payouts;

namespace PayoutService.Workers;

/// <summary>Limits concurrent work per merchant: a slow call occupies one slot, and a merchant without a free slot
/// holds up no other.</summary>
internal sealed class ConcurrencyLimiter(int slots, TimeSpan interval, TimeProvider clock, ILogger logger)
{
    /// <summary>The number of rows one statement claims at most.</summary>
    private const int BatchSize = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = [];

    /// <summary>Merchants that may have more due than there were slots for.</summary>
    private readonly HashSet<string> backlogged = [];

    private readonly ConcurrentDictionary<Task, byte> running = [];
    private TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Claims rows for the free slots and starts the work on each. First waits, at most one interval, while
    /// every backlogged merchant is out of slots.</summary>
    /// <param name="merchants">The merchants whose rows are claimed.</param>
    /// <param name="most">The limit of another resource, such as the circuit breaker.</param>
    /// <param name="claim">Claims rows: at most so many of each merchant, and of all together.</param>
    /// <param name="merchantOf">The merchant of a row.</param>
    /// <param name="work">The work on a row.</param>
    /// <param name="cancel">Stops before anything is claimed.</param>
    /// <returns>True when there may be more to claim.</returns>
    public async Task<bool> FillAsync<T>(
        string[] merchants,
        Func<int> most,
        Func<IReadOnlyList<Capacity>, int, Task<List<T>>> claim,
        Func<T, string> merchantOf,
        Func<T, Task> work,
        CancellationToken cancel)
    {
        await WaitForCapacityAsync(cancel);
        cancel.ThrowIfCancellationRequested();
        var capacities = CapacitiesOf(merchants);
        var limit = Math.Min(most(), BatchSize);
        if (capacities.Count == 0 || limit == 0)
        {
            return false;
        }

        var claimed = await claim(capacities, limit);
        var counts = claimed.CountBy(merchantOf).ToDictionary();
        foreach (var capacity in capacities)
        {
            var isBacklogged = claimed.Count == limit || counts.GetValueOrDefault(capacity.Merchant) == capacity.Slots;
            _ = isBacklogged ? backlogged.Add(capacity.Merchant) : backlogged.Remove(capacity.Merchant);
        }

        claimed.ForEach(row => Begin(merchantOf(row), () => work(row)));
        return backlogged.Count > 0;
    }

    /// <summary>The same where all merchants share the slots.</summary>
    public Task<bool> FillAsync<T>(
        Func<int> most, Func<int, Task<List<T>>> claim, Func<T, Task> work, CancellationToken cancel) =>
        FillAsync(
            [""], most, (capacities, limit) => claim(Math.Min(capacities[0].Slots, limit)), _ => "", work, cancel);

    public Task WhenIdleAsync() => Task.WhenAll(running.Keys);

    private async Task WaitForCapacityAsync(CancellationToken cancel)
    {
        if (NextFreed() is null)
        {
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var timeout = Task.Delay(interval, clock, enough.Token);
        while (!timeout.IsCompleted && NextFreed() is { } next)
        {
            await Task.WhenAny(next, timeout);
        }

        await enough.CancelAsync();
    }

    /// <summary>Completes when the next slot is free; null when a backlogged merchant has half its slots free already:
    /// small claims cost as much as large ones.</summary>
    private Task? NextFreed()
    {
        lock (gate)
        {
            return backlogged.Count == 0 || backlogged.Any(merchant => FreeOf(merchant) * 2 >= slots)
                ? null
                : freed.Task;
        }
    }

    private List<Capacity> CapacitiesOf(string[] merchants)
    {
        lock (gate)
        {
            return [.. from merchant in merchants
                       where FreeOf(merchant) > 0
                       select new Capacity(merchant, FreeOf(merchant))];
        }
    }

    private int FreeOf(string merchant) => slots - taken.GetValueOrDefault(merchant);

    private void Begin(string merchant, Func<Task> work)
    {
        Take(merchant, 1);
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            // One failure must not end the worker: the row says when it is due again.
            catch (Exception broken)
            {
                logger.LogError(broken, "The work on a row failed; the row is due again at its time.");
            }
            finally
            {
                Take(merchant, -1);
            }
        });
        running.TryAdd(task, 0);
        task.ContinueWith(done => running.TryRemove(done, out _), TaskScheduler.Default);
    }

    private void Take(string merchant, int count)
    {
        lock (gate)
        {
            taken[merchant] = taken.GetValueOrDefault(merchant) + count;
            if (count < 0)
            {
                freed.TrySetResult();
                freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
