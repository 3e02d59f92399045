using System.Collections.Concurrent;
using PayoutService.Storage;
using PayoutService.Tests.Proofs;

namespace PayoutService.Tests.Storage;

/// <summary>Whoever is added to a lane is served, whenever that is.</summary>
public sealed class GroupCommitTests
{
    private static readonly int Rounds = Proof.Size(full: 400_000, usual: 30_000);

    private const int Whole = GroupCommit<int, int>.Largest;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Whoever_is_added_just_as_the_lane_goes_to_rest_is_served()
    {
        var lane = new GroupCommit<int, int>(
            "items", (items, _) => Task.FromResult(items.Select(item => (Served<int>)item).ToArray()));
        var rounds = new int[2];

        var sides = await Task.WhenAll(Enumerable.Range(0, 2).Select(side => Task.Factory.StartNew(
            () => Enumerable.Range(1, Rounds).TakeWhile(round => IsServed(side, round)).Count(),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal([Rounds, Rounds], sides);

        // Each side begins a round when the other one has ended the last, a few instructions apart: another distance
        // each time. An item whose wake-up is lost would wait for the next round, which does not come.
        bool IsServed(int side, int round)
        {
            Volatile.Write(ref rounds[side], round);
            if (!SpinWait.SpinUntil(() => Volatile.Read(ref rounds[1 - side]) >= round, Patience))
            {
                return false;
            }

            Thread.SpinWait(((round * 7) + (side * 13)) % 41);
            return lane.AddAsync(round, CancellationToken.None).Wait(Patience);
        }
    }

    [Fact]
    public async Task While_a_refused_item_is_looked_for_who_comes_next_is_served()
    {
        var begun = new TaskCompletionSource();
        var begin = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var lane = new GroupCommit<int, int>("items", ServeAsync);

        // The first waits until the others stand behind it, as one group.
        var first = lane.AddAsync(0, CancellationToken.None);
        var group = Enumerable.Range(1, 20).Select(item => lane.AddAsync(item, CancellationToken.None)).ToList();
        begin.SetResult();
        await begun.Task.WaitAsync(Patience);
        var next = await lane.AddAsync(100, CancellationToken.None).WaitAsync(Patience);
        goOn.SetResult();
        var served = await Task.WhenAll(group.Where((_, at) => at != 12)).WaitAsync(Patience);

        Assert.Equal((0, 100), (await first, next));
        Assert.Equal(Enumerable.Range(1, 20).Except([13]), served);
        await Assert.ThrowsAsync<InvalidOperationException>(() => group[12].WaitAsync(Patience));

        async Task<Served<int>[]> ServeAsync(IReadOnlyList<int> items, bool mayWait)
        {
            if (items.Contains(0))
            {
                await begin.Task;
            }
            else if (items.Count < 20 && !items.Contains(100))
            {
                // A part of the group.
                begun.TrySetResult();
                await goOn.Task;
            }

            return items.Contains(13) ? throw new InvalidOperationException("refused")
                : [.. items.Select(item => (Served<int>)item)];
        }
    }

    [Theory]
    [InlineData(13)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1, 100)]
    [InlineData(50, 51)]
    [InlineData(1, 2, 3, 98, 99, 100)]
    public async Task Each_refused_item_of_a_group_is_found_and_all_others_are_served(params int[] refused)
    {
        var begin = new TaskCompletionSource();
        var served = new ConcurrentQueue<int>();
        var tries = 0;
        var lane = new GroupCommit<int, int>("items", ServeAsync);

        var all = await AddHundredAsync(lane, begin);
        foreach (var (item, answer) in all)
        {
            if (refused.Contains(item))
            {
                await Assert.ThrowsAsync<InvalidOperationException>(() => answer.WaitAsync(Patience));
            }
            else
            {
                Assert.Equal(item, await answer.WaitAsync(Patience));
            }
        }

        Assert.Equal(Enumerable.Range(1, 100).Except(refused), served.Order());
        Assert.True(tries <= 2 + (refused.Length * 2 * 7) + refused.Length, $"{tries} transactions");

        async Task<Served<int>[]> ServeAsync(IReadOnlyList<int> items, bool mayWait)
        {
            if (items is [0])
            {
                await begin.Task;
                return [0];
            }

            Interlocked.Increment(ref tries);
            if (items.Any(refused.Contains))
            {
                throw new InvalidOperationException("refused");
            }

            foreach (var item in items)
            {
                served.Enqueue(item);
            }

            return [.. items.Select(item => (Served<int>)item)];
        }
    }

    [Fact]
    public async Task A_second_group_is_served_while_a_whole_one_waits_and_never_a_third()
    {
        var end = new SemaphoreSlim(0);
        var groups = new ConcurrentQueue<int>();
        var lane = new GroupCommit<int, int>("items", ServeAsync);
        var answers = new List<Task<int>>();

        Add(1);
        Add(Whole - 1);
        Assert.Equal([1], groups);

        Add(1);
        Assert.Equal([1, Whole], groups);

        Add(3 * Whole);
        Assert.Equal([1, Whole], groups);

        end.Release(5);
        await Task.WhenAll(answers).WaitAsync(Patience);
        Assert.Equal([1, Whole, Whole, Whole, Whole], groups);

        void Add(int count) =>
            answers.AddRange(Enumerable.Range(0, count).Select(item => lane.AddAsync(item, CancellationToken.None)));

        async Task<Served<int>[]> ServeAsync(IReadOnlyList<int> items, bool mayWait)
        {
            groups.Enqueue(items.Count);
            await end.WaitAsync();
            return [.. items.Select(item => (Served<int>)item)];
        }
    }

    [Fact]
    public async Task A_suspect_is_tried_alone_and_the_others_together()
    {
        var begin = new TaskCompletionSource();
        var groups = new ConcurrentQueue<int>();
        var lane = new GroupCommit<int, int>("items", ServeAsync);

        var all = await AddHundredAsync(lane, begin);
        await Assert.ThrowsAsync<InvalidOperationException>(() => all[13].WaitAsync(Patience));
        await Task.WhenAll(all.Where(one => one.Key != 13).Select(one => one.Value)).WaitAsync(Patience);

        Assert.Equal([100, 99, 1], groups);

        async Task<Served<int>[]> ServeAsync(IReadOnlyList<int> items, bool mayWait)
        {
            if (items is [0])
            {
                await begin.Task;
                return [0];
            }

            groups.Enqueue(items.Count);
            if (items.Contains(13))
            {
                var refused = new InvalidOperationException("refused");
                throw items.Count == 1 ? refused : new RefusedItemException(items.ToList().IndexOf(13), refused);
            }

            return [.. items.Select(item => (Served<int>)item)];
        }
    }

    [Fact]
    public async Task After_a_refusal_groups_are_smaller_for_a_while()
    {
        var groups = new ConcurrentQueue<int>();
        var begin = new SemaphoreSlim(0);
        var begun = 0;
        var lane = new GroupCommit<int, int>("items", ServeAsync);

        // Two that are refused together, and behind them a hundred more.
        var first = Add(0);
        var refused = Add(-1, -1);
        begin.Release();
        await first.WaitAsync(Patience);
        SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 2, Patience);
        var rest = Add([.. Enumerable.Range(1, 100)]);
        begin.Release(100);
        await Assert.ThrowsAsync<InvalidOperationException>(() => refused.WaitAsync(Patience));
        await rest.WaitAsync(Patience);
        Assert.Equal([1, 32, 32, 32, 4], groups);

        // These are the last of the smaller groups, but for the one that the next stand behind.
        await Add(1).WaitAsync(Patience);
        await Add(1).WaitAsync(Patience);
        await Add(1).WaitAsync(Patience);
        begin = new SemaphoreSlim(0);
        groups.Clear();
        first = Add(1);
        rest = Add([.. Enumerable.Range(1, 100)]);
        begin.Release(100);
        await Task.WhenAll(first, rest).WaitAsync(Patience);
        Assert.Equal([1, 100], groups);

        Task<int[]> Add(params int[] items) =>
            Task.WhenAll(items.Select(item => lane.AddAsync(item, CancellationToken.None)));

        async Task<Served<int>[]> ServeAsync(IReadOnlyList<int> items, bool mayWait)
        {
            Interlocked.Increment(ref begun);
            await begin.WaitAsync();
            if (items.Contains(-1))
            {
                throw new InvalidOperationException("refused");
            }

            groups.Enqueue(items.Count);
            return [.. items.Select(item => (Served<int>)item)];
        }
    }

    /// <summary>Adds 1 to 100 while 0 waits, so that they stand behind it as one group, and lets it go on.</summary>
    private static async Task<Dictionary<int, Task<int>>> AddHundredAsync(
        GroupCommit<int, int> lane, TaskCompletionSource begin)
    {
        var first = lane.AddAsync(0, CancellationToken.None);
        var all = Enumerable.Range(1, 100)
            .ToDictionary(item => item, item => lane.AddAsync(item, CancellationToken.None));
        begin.SetResult();
        await first;
        return all;
    }
}
