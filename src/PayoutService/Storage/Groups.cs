using System.Collections.Concurrent;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>
/// Serves whoever is waiting as one group, in one transaction: one at a time and no timer, so that a single caller goes
/// at once and many share the cost of a commit. What is wrong with one of a group is only that one's answer.
/// </summary>
/// <param name="serve">Serves a group, whole or not at all, and answers each in its place.</param>
internal sealed class Groups<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<TResult[]>> serve)
{
    /// <summary>How many one transaction takes; more would make the first of them wait.</summary>
    private const int Largest = 128;

    /// <summary>A group that lost to another transaction is served again, so often.</summary>
    private const int Attempts = 5;

    private readonly ConcurrentQueue<Waiting> waiting = [];

    /// <summary>How many were added and not served yet. It is changed only after the queue was, so whoever counts an
    /// item finds it there.</summary>
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
        int taken;
        do
        {
            var group = TakeGroup(out taken);
            if (group.Count > 0)
            {
                await ServeAsync(group);
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

    private async Task ServeAsync(List<Waiting> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answers = await serve([.. group.Select(place => place.Item)]);
                for (var at = 0; at < answers.Length; at++)
                {
                    group[at].Answer.TrySetResult(answers[at]);
                }

                return;
            }
            catch (Exception lost) when (attempt < Attempts && StateOf(lost).StartsWith("40", StringComparison.Ordinal))
            {
                // Nothing of it was written.
            }
            catch (Exception refused) when (group.Count > 1 && IsAboutOne(refused))
            {
                var half = group.Count / 2;
                await ServeAsync(group[..half]);
                await ServeAsync(group[half..]);
                return;
            }
            catch (Exception broken)
            {
                group.ForEach(place => place.Answer.TrySetException(broken));
                return;
            }
        }
    }

    /// <summary>A value, a constraint, a row that cannot be read or that somebody keeps locked: the others of the group
    /// need not suffer for it.</summary>
    private static bool IsAboutOne(Exception refused) =>
        !Database.IsAway(refused) || StateOf(refused) is PostgresErrorCodes.LockNotAvailable;

    /// <summary>EF wraps what may pass.</summary>
    private static string StateOf(Exception broken) => (broken.GetBaseException() as PostgresException)?.SqlState ?? "";

    private sealed record Waiting(TItem Item, CancellationToken Cancel)
    {
        public TaskCompletionSource<TResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
