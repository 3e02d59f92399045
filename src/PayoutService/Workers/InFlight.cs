using System.Collections.Concurrent;

namespace PayoutService.Workers;

/// <summary>Work under way, so many at once and no more: a slow call holds up one place, not a whole pass.</summary>
#pragma warning disable CA1001 // Never disposed: work may end after its worker, and the semaphore holds no handle.
internal sealed class InFlight(int places, ILogger logger)
#pragma warning restore CA1001
{
    /// <summary>How many rows one statement claims at most.</summary>
    private const int BatchSize = 100;

    private readonly SemaphoreSlim free = new(places);
    private readonly ConcurrentDictionary<Task, byte> running = [];

    /// <summary>Waits for room, claims as much as there is room for, and begins it.</summary>
    /// <param name="most">How much may be claimed at most, whatever room there is here.</param>
    /// <param name="claim">Claims so many rows at most.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="cancel">Stops before anything is claimed.</param>
    /// <returns>Whether there may be more to claim right now.</returns>
    public async Task<bool> FillAsync<T>(
        Func<int> most, Func<int, Task<List<T>>> claim, Func<T, Task> work, CancellationToken cancel)
    {
        await free.WaitAsync(cancel);
        free.Release();
        var limit = Math.Min(Math.Min(free.CurrentCount, most()), BatchSize);
        if (limit == 0)
        {
            return false;
        }

        cancel.ThrowIfCancellationRequested();
        var claimed = await claim(limit);
        foreach (var row in claimed)
        {
            Begin(() => work(row));
        }

        return claimed.Count == limit;
    }

    private void Begin(Func<Task> work)
    {
        free.Wait();
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            // One broken piece of work must not end the worker: its row says who looks next, and when.
#pragma warning disable CA1031
            catch (Exception broken)
#pragma warning restore CA1031
            {
                logger.LogError(broken, "A piece of work failed; its row is looked at again when it is due.");
            }
            finally
            {
                free.Release();
            }
        });
        running.TryAdd(task, 0);
        task.ContinueWith(done => running.TryRemove(done, out _), TaskScheduler.Default);
    }

    public Task WhenIdleAsync() => Task.WhenAll(running.Keys);
}
