using System.Collections.Concurrent;
using Npgsql;
using PayoutService.Telemetry;

namespace PayoutService.Storage;

/// <summary>
/// Group commit: all queued requests share one transaction. One batch at a time and no timer, so a single request
/// starts at once. An item's own error fails only that item: beside the others the group is split until it is found.
/// Nobody in a batch waits for a locked row: an item that needs one leaves the batch and gets a transaction of its own.
/// </summary>
/// <param name="name">Its name in metrics.</param>
/// <param name="serve">Serves a group, whole or not at all, and answers each in its place, or says that a row
/// which it needs is locked. Told that it may wait for locks, it never says so.</param>
internal sealed class GroupCommit<TItem, TResult>(
    string name, Func<IReadOnlyList<TItem>, bool, Task<Served<TResult>[]>> serve)
{
    /// <summary>The number of items that one transaction takes; more would make the first of them wait.</summary>
    private const int Largest = 128;

    /// <summary>The number of transactions beside the lane: of items that wait for locked rows, and of the parts of a
    /// group of which one item was refused. So many parts such a group has.</summary>
    private const int AsideAtOnce = 4;

    /// <summary>How often a group is served when other transactions keep aborting it.</summary>
    private const int Attempts = 5;

    private readonly ConcurrentQueue<Waiting> waiting = [];

    /// <summary>A chain of parts each: a task ends when the last part of its chain was served.</summary>
    private readonly Task[] aside = [.. Enumerable.Repeat(Task.CompletedTask, AsideAtOnce)];
    private int nextAside;

    /// <summary>The number of items that were added and not served yet. It is changed only after the queue was, so a
    /// thread that counts an item finds it there.</summary>
    private int count;

    /// <summary>Waits until the item is served. Giving up does not take it back: it may be served all the same.
    /// </summary>
    public Task<TResult> AddAsync(TItem item, CancellationToken cancel)
    {
        var place = new Waiting(item, cancel);
        waiting.Enqueue(place);
        if (Interlocked.Increment(ref count) == 1)
        {
            // On this thread until it first waits: handing over to another would cost a single caller time.
            _ = RunAsync();
        }

        return place.Answer.Task.WaitAsync(cancel);
    }

    private async Task RunAsync()
    {
        Traces.Leave();
        int taken;
        do
        {
            var group = TakeGroup(out taken);
            if (group.Count > 0)
            {
                Metrics.Grouped(name, group.Count);
                await ServeAsync(group, mayWait: false);
            }
        }
        while (Interlocked.Add(ref count, -taken) > 0);
    }

    /// <summary>Takes no more than are counted: what is added meanwhile has yet to be, and may start the next run.
    /// </summary>
    private List<Waiting> TakeGroup(out int taken)
    {
        var most = Math.Min(Volatile.Read(ref count), Largest);
        var group = new List<Waiting>(most);
        for (taken = 0; taken < most && waiting.TryDequeue(out var next); taken++)
        {
            if (!next.Cancel.IsCancellationRequested)
            {
                group.Add(next);
            }
        }

        return group;
    }

    private async Task ServeAsync(List<Waiting> group, bool mayWait)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answers = await serve([.. group.Select(place => place.Item)], mayWait);
                for (var at = 0; at < answers.Length; at++)
                {
                    if (answers[at].IsLocked)
                    {
                        ServeAside([group[at]], mayWait: true);
                    }
                    else
                    {
                        group[at].Answer.TrySetResult(answers[at].Result!);
                    }
                }

                return;
            }
            catch (Exception lost) when (attempt < Attempts && StateOf(lost).StartsWith("40", StringComparison.Ordinal))
            {
                // Nothing of it was written.
            }
            catch (Exception refused) when (group.Count > 1 && IsAboutOne(refused))
            {
                // Who comes next need not wait until it is found.
                foreach (var part in group.Chunk((group.Count + AsideAtOnce - 1) / AsideAtOnce))
                {
                    ServeAside([.. part], mayWait);
                }

                return;
            }
            catch (Exception refused) when (!mayWait && IsAboutOne(refused))
            {
                // In a transaction of its own it may wait for what it did not see because it was locked.
                ServeAside(group, mayWait: true);
                return;
            }
            catch (Exception broken)
            {
                group.ForEach(place => place.Answer.TrySetException(broken));
                return;
            }
        }
    }

    /// <summary>Serves some beside the lane, which goes on.</summary>
    private void ServeAside(List<Waiting> part, bool mayWait)
    {
        lock (aside)
        {
            nextAside = (nextAside + 1) % AsideAtOnce;
            aside[nextAside] = AfterAsync(aside[nextAside]);
        }

        async Task AfterAsync(Task before)
        {
            // Never within the lock, nor on the stack of the part before.
            await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await ServeAsync(part, mayWait);
        }
    }

    /// <summary>A value, a constraint, a row that cannot be read: the others of the group need not suffer for it.
    /// </summary>
    private static bool IsAboutOne(Exception refused) => !PostgresFailures.IsUnavailable(refused);

    /// <summary>EF wraps what may pass.</summary>
    private static string StateOf(Exception broken) => (broken.GetBaseException() as PostgresException)?.SqlState ?? "";

    private sealed record Waiting(TItem Item, CancellationToken Cancel)
    {
        public TaskCompletionSource<TResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The outcome of one item of a batch.</summary>
/// <param name="Result">Its answer.</param>
/// <param name="IsLocked">There is none yet: a row that it needs is locked by somebody else.</param>
internal readonly record struct Served<TResult>(TResult? Result, bool IsLocked)
{
    public static readonly Served<TResult> Locked = new(default, IsLocked: true);

    public static implicit operator Served<TResult>(TResult result) => new(result, IsLocked: false);
}
