using Npgsql;
using PayoutService.Telemetry;

namespace PayoutService.Storage;

/// <summary>
/// Group commit: all queued requests share one transaction. One batch at a time and no timer, so a single request
/// starts at once; a second one begins while a whole batch waits. An item's own error fails only that item: beside the
/// others the group is halved until it is found. Nobody in a batch waits for a locked row: an item that needs one
/// leaves the batch and gets a transaction of its own.
/// </summary>
/// <param name="name">Its name in metrics.</param>
/// <param name="serve">Serves a group, whole or not at all, and answers each in its place, or says that a row
/// which it needs is locked. Told that it may wait for locks, it never says so. When it is refused it may say for which
/// item: <see cref="RefusedItemException"/>.</param>
internal sealed class GroupCommit<TItem, TResult>(
    string name, Func<IReadOnlyList<TItem>, bool, Task<Served<TResult>[]>> serve)
{
    /// <summary>The number of items that one transaction takes; more would make the first of them wait.</summary>
    internal const int Largest = 128;

    /// <summary>The same for the next groups after one that was refused: among few, the next that is refused is found
    /// sooner, and fewer are served again.</summary>
    private const int LargestAfterRefusal = 32;

    /// <summary>The number of groups that are smaller after one that was refused.</summary>
    private const int GroupsAfterRefusal = 8;

    /// <summary>The number of lanes, each with one batch at a time. A second one uses the processors that the first
    /// leaves idle while PostgreSQL writes.</summary>
    private const int Lanes = 2;

    /// <summary>The number of transactions beside the lanes: of items that wait for locked rows, and of groups of
    /// which one item was refused.</summary>
    private const int AsideAtOnce = 4;

    /// <summary>How often a group is served when other transactions keep aborting it.</summary>
    private const int Attempts = 5;

    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = [];

    /// <summary>A chain of groups each: a task ends when the last group of its chain was served.</summary>
    private readonly Task[] aside = [.. Enumerable.Repeat(Task.CompletedTask, AsideAtOnce)];
    private int nextAside;
    private int running;
    private int smaller;

    /// <summary>Waits until the item is served. Giving up does not take it back: it may be served all the same.
    /// </summary>
    public Task<TResult> AddAsync(TItem item, CancellationToken cancel)
    {
        var place = new Waiting(item, cancel);
        List<Waiting>? group;
        lock (gate)
        {
            waiting.Enqueue(place);
            group = running < Lanes && IsWorthALane(running) ? TakeGroup() : null;
            running += group is null ? 0 : 1;
        }

        if (group is not null)
        {
            // On this thread until it first waits: handing over to another would cost a single caller time.
            _ = RunAsync(group);
        }

        return place.Answer.Task.WaitAsync(cancel);
    }

    private async Task RunAsync(List<Waiting>? group)
    {
        Traces.Leave();
        while (group is not null)
        {
            var isRefused = false;
            group.RemoveAll(place => place.Cancel.IsCancellationRequested);
            if (group.Count > 0)
            {
                Metrics.Grouped(name, group.Count);
                if (await ServeAsync(group, mayWait: false))
                {
                    // Who comes next need not wait until it is found.
                    ServeAside(group, mayWait: false, isRefused: true);
                    isRefused = true;
                }
            }

            lock (gate)
            {
                smaller = isRefused ? GroupsAfterRefusal : smaller;
                group = IsWorthALane(running - 1) ? TakeGroup() : null;
                running -= group is null ? 1 : 0;
            }
        }
    }

    /// <summary>The first lane serves any number, each other one only whole groups.</summary>
    private bool IsWorthALane(int others) => waiting.Count >= (others == 0 ? 1 : Largest);

    private List<Waiting> TakeGroup()
    {
        var most = Math.Min(waiting.Count, smaller > 0 ? LargestAfterRefusal : Largest);
        smaller -= smaller > 0 ? 1 : 0;
        var group = new List<Waiting>(most);
        while (group.Count < most && waiting.TryDequeue(out var next))
        {
            group.Add(next);
        }

        return group;
    }

    /// <summary>Serves a group and answers each of it.</summary>
    /// <returns>True when it was refused, nobody is answered, and at least one of them is the reason.</returns>
    private async Task<bool> ServeAsync(List<Waiting> group, bool mayWait)
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

                return false;
            }
            catch (Exception lost) when (attempt < Attempts && StateOf(lost).StartsWith("40", StringComparison.Ordinal))
            {
                // Nothing of it was written.
            }
            catch (Exception refused) when (group.Count > 1 && IsAboutOne(refused))
            {
                if (refused is RefusedItemException { At: var at })
                {
                    var suspect = group[at] with { IsSuspect = true };
                    group.RemoveAt(at);
                    group.Add(suspect);
                }

                return true;
            }
            catch (Exception refused) when (!mayWait && IsAboutOne(refused))
            {
                // In a transaction of its own it may wait for what it did not see because it was locked.
                ServeAside(group, mayWait: true);
                return false;
            }
            catch (Exception broken)
            {
                group.ForEach(place => place.Answer.TrySetException(broken));
                return false;
            }
        }
    }

    /// <summary>Halves a group that was refused until the item that is the reason is alone; a suspect is a half by
    /// itself. When the first half is served, the reason is in the second, which need not be tried whole; when it is
    /// not, the second half probably has none, and waits for the others of its kind.</summary>
    private async Task HalveAsync(List<Waiting> refused, bool mayWait)
    {
        List<Waiting> others = [];
        while (refused.Count > 1)
        {
            var first = refused[..(refused[^1].IsSuspect ? refused.Count - 1 : refused.Count / 2)];
            var second = refused[first.Count..];
            if (await ServeAsync(first, mayWait || first.Count == 1))
            {
                others.AddRange(second);
                refused = first;
            }
            else
            {
                refused = second;
            }
        }

        // Alone, as any other: it may wait for locked rows.
        await ServeAsync(refused, mayWait: true);
        if (others.Count > 0 && await ServeAsync(others, mayWait))
        {
            await HalveAsync(others, mayWait);
        }
    }

    /// <summary>Serves some beside the lanes, which go on.</summary>
    private void ServeAside(List<Waiting> some, bool mayWait, bool isRefused = false)
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
            if (isRefused || await ServeAsync(some, mayWait))
            {
                await HalveAsync(some, mayWait);
            }
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

        /// <summary>True when it is probably the reason why its group was refused.</summary>
        public bool IsSuspect { get; init; }
    }
}

/// <summary>A group was refused, and this is probably the item that is the reason.</summary>
/// <param name="at">Its place in the group.</param>
/// <param name="refused">What the database said.</param>
internal sealed class RefusedItemException(int at, Exception refused) : Exception(refused.Message, refused)
{
    public int At => at;
}

/// <summary>The outcome of one item of a batch.</summary>
/// <param name="Result">Its answer.</param>
/// <param name="IsLocked">There is none yet: a row that it needs is locked by somebody else.</param>
internal readonly record struct Served<TResult>(TResult? Result, bool IsLocked)
{
    public static readonly Served<TResult> Locked = new(default, IsLocked: true);

    public static implicit operator Served<TResult>(TResult result) => new(result, IsLocked: false);
}
