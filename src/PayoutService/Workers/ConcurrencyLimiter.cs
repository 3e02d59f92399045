using System.Collections.Concurrent;
using PayoutService.Storage.Payouts;

namespace PayoutService.Workers;

/// <summary>Work under way, so much at once for each merchant and no more: a slow call holds up one place, not a whole
/// pass, and a merchant whose places are all taken holds up no other.</summary>
internal sealed class ConcurrencyLimiter(int places, TimeSpan interval, TimeProvider clock, ILogger logger)
{
    /// <summary>How many rows one statement claims at most.</summary>
    private const int BatchSize = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = [];

    /// <summary>Merchants of whom there may be more than there was room for.</summary>
    private readonly HashSet<string> backlogged = [];

    private readonly ConcurrentDictionary<Task, byte> running = [];
    private TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Claims as much as there is room for, and begins it. Waits before that while there is room for none of
    /// those there may be more of, but not for longer than the interval: others may have something new.</summary>
    /// <param name="merchants">Whose work it is.</param>
    /// <param name="most">How much may be claimed at most, whatever room there is here.</param>
    /// <param name="claim">Claims rows of these merchants, so many of each and of all at most.</param>
    /// <param name="merchantOf">Whose row it is.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="cancel">Stops before anything is claimed.</param>
    /// <returns>Whether there may be more to claim.</returns>
    public async Task<bool> FillAsync<T>(
        string[] merchants,
        Func<int> most,
        Func<IReadOnlyList<Capacity>, int, Task<List<T>>> claim,
        Func<T, string> merchantOf,
        Func<T, Task> work,
        CancellationToken cancel)
    {
        await WaitForRoomAsync(cancel);
        cancel.ThrowIfCancellationRequested();
        var rooms = RoomsOf(merchants);
        var limit = Math.Min(most(), BatchSize);
        if (rooms.Count == 0 || limit == 0)
        {
            return false;
        }

        var claimed = await claim(rooms, limit);
        var counts = claimed.CountBy(merchantOf).ToDictionary();
        foreach (var room in rooms)
        {
            var isBacklogged = claimed.Count == limit || counts.GetValueOrDefault(room.Merchant) == room.Places;
            _ = isBacklogged ? backlogged.Add(room.Merchant) : backlogged.Remove(room.Merchant);
        }

        claimed.ForEach(row => Begin(merchantOf(row), () => work(row)));
        return backlogged.Count > 0;
    }

    /// <summary>The same where all merchants share the places.</summary>
    public Task<bool> FillAsync<T>(
        Func<int> most, Func<int, Task<List<T>>> claim, Func<T, Task> work, CancellationToken cancel) =>
        FillAsync(
            [""], most, (rooms, limit) => claim(Math.Min(rooms[0].Places, limit)), _ => "", work, cancel);

    public Task WhenIdleAsync() => Task.WhenAll(running.Keys);

    private async Task WaitForRoomAsync(CancellationToken cancel)
    {
        if (NextFreed() is null)
        {
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var patience = Task.Delay(interval, clock, enough.Token);
        while (!patience.IsCompleted && NextFreed() is { } next)
        {
            await Task.WhenAny(next, patience);
        }

        await enough.CancelAsync();
    }

    /// <summary>Completes when the next place is free; null when a backlogged merchant has half its slots free
    /// already: small claims cost as much as large ones.</summary>
    private Task? NextFreed()
    {
        lock (gate)
        {
            return backlogged.Count == 0 || backlogged.Any(merchant => FreeOf(merchant) * 2 >= places)
                ? null
                : freed.Task;
        }
    }

    private List<Capacity> RoomsOf(string[] merchants)
    {
        lock (gate)
        {
            return [.. from merchant in merchants
                       where FreeOf(merchant) > 0
                       select new Capacity(merchant, FreeOf(merchant))];
        }
    }

    private int FreeOf(string merchant) => places - taken.GetValueOrDefault(merchant);

    private void Begin(string merchant, Func<Task> work)
    {
        Take(merchant, 1);
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            // One broken piece of work must not end the worker: its row says who looks next, and when.
            catch (Exception broken)
            {
                logger.LogError(broken, "A piece of work failed; its row is looked at again when it is due.");
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
