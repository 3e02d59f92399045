using System.Collections.Concurrent;

namespace PayoutService.Workers;

/// <summary>Work under way, so many at once and no more: a slow call holds up one place, not a whole pass.</summary>
#pragma warning disable CA1001 // Never disposed: work may end after its worker, and the semaphore holds no handle.
internal sealed class InFlight(int places, ILogger logger)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim free = new(places);
    private readonly ConcurrentDictionary<Task, byte> running = [];

    /// <summary>How many more can be begun now.</summary>
    public int Room => free.CurrentCount;

    /// <summary>Waits until at least one more can be begun.</summary>
    public async Task WhenRoomAsync(CancellationToken cancel)
    {
        await free.WaitAsync(cancel);
        free.Release();
    }

    /// <summary>Begins work for which there is room.</summary>
    public void Begin(Func<Task> work)
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
