using System.Threading.Channels;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>
/// Serves whoever is waiting as one group, in one transaction: one at a time and no timer, so that a lonely caller goes
/// at once and a crowd shares the cost of a commit. What is wrong with one of a group is only that one's answer.
/// </summary>
/// <param name="serve">Serves a group, whole or not at all, and answers each in its place.</param>
internal sealed class Groups<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<TResult[]>> serve)
{
    /// <summary>How many one transaction takes; more would make the first of them wait.</summary>
    private const int Largest = 128;

    /// <summary>A group that lost to another transaction is served again, so often.</summary>
    private const int Attempts = 5;

    private readonly Channel<Waiting> waiting = Channel.CreateUnbounded<Waiting>(
        new UnboundedChannelOptions { SingleReader = true });

    private int isRunning;

    /// <summary>Waits until the item is served. Giving up does not take it back: it may be served all the same.
    /// </summary>
    public Task<TResult> AddAsync(TItem item, CancellationToken cancel)
    {
        var place = new Waiting(item, cancel);
        waiting.Writer.TryWrite(place);
        if (Interlocked.Exchange(ref isRunning, 1) == 0)
        {
            // On this thread until it first waits: handing over to another would cost the lonely caller time.
            _ = RunAsync();
        }

        return place.Answer.Task.WaitAsync(cancel);
    }

    private async Task RunAsync()
    {
        var group = new List<Waiting>(Largest);
        do
        {
            while (TakeGroup(group))
            {
                await ServeAsync(group);
            }

            Volatile.Write(ref isRunning, 0);
        }
        while (waiting.Reader.TryPeek(out _) && Interlocked.Exchange(ref isRunning, 1) == 0);
    }

    private bool TakeGroup(List<Waiting> group)
    {
        group.Clear();
        while (group.Count < Largest && waiting.Reader.TryRead(out var next))
        {
            if (!next.Cancel.IsCancellationRequested)
            {
                group.Add(next);
            }
        }

        return group.Count > 0;
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
