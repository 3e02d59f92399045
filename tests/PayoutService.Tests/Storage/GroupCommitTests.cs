using PayoutService.Storage;
using PayoutService.Tests.Proofs;

namespace PayoutService.Tests.Storage;

/// <summary>Whoever is added to a lane is served, whenever that is.</summary>
public sealed class GroupCommitTests
{
    private static readonly int Rounds = Proof.Size(full: 400_000, usual: 30_000);

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
}
