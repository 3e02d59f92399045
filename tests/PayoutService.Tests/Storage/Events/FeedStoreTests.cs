using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Payouts;
using Xunit.Abstractions;

namespace PayoutService.Tests.Storage.Events;

/// <summary>Every committed line of history comes into its feed once, in an order that never changes, whoever commits
/// when.</summary>
public sealed class FeedStoreTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>The time that a transaction is held open: ten minutes in full.</summary>
    private static readonly TimeSpan HeldOpen = TimeSpan.FromSeconds(Proof.Size(full: 600, usual: 1));

    private readonly ServiceFixture stage = new();
    private int made;

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Two_writers_that_commit_in_the_opposite_order_of_their_writes_are_both_told()
    {
        await AdvanceAsync();
        await using var first = await HistoryWriter.BeginAsync(stage);
        await using var second = await HistoryWriter.BeginAsync(stage);
        var early = await first.WriteAsync(Next());
        var late = await second.WriteAsync(Next());
        Assert.True(early < late);

        await second.CommitAsync();
        await AdvanceAsync();
        var before = await ToldAsync();
        await first.CommitAsync();
        await AdvanceAsync();
        var after = await ToldAsync();

        Assert.Equal(late, before[^1]);
        Assert.DoesNotContain(early, before);
        Assert.Equal([.. before, early], after);
        Assert.Empty(await GapsAsync());
    }

    [Fact]
    public async Task A_writer_that_rolls_back_leaves_no_gap_once_all_before_it_are_over()
    {
        await AdvanceAsync();
        await using var lost = await HistoryWriter.BeginAsync(stage);
        await using var kept = await HistoryWriter.BeginAsync(stage);
        var no = await lost.WriteAsync(Next());
        await kept.WriteAsync(Next());
        await kept.CommitAsync();
        await AdvanceAsync();
        Assert.Equal((no, no), Assert.Single(await GapsAsync()));

        await lost.DisposeAsync();

        // Transactions of other databases are before it too.
        for (var tries = 0; tries < 200 && (await GapsAsync()).Count > 0; tries++)
        {
            await AdvanceAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Empty(await GapsAsync());
        Assert.DoesNotContain(no, await ToldAsync());
    }

    [Fact]
    public async Task A_transaction_that_stays_open_holds_nobody_up_and_is_told_when_it_commits()
    {
        await AdvanceAsync();
        await using var idle = await HistoryWriter.BeginAsync(stage);
        await using var slow = await HistoryWriter.BeginAsync(stage);
        await idle.AssignIdAsync();
        var waiting = await slow.WriteAsync(Next());

        var began = TimeProvider.System.GetTimestamp();
        var passes = 0;
        for (; passes < 50 || TimeProvider.System.GetElapsedTime(began) < HeldOpen; passes++)
        {
            await using var writer = await HistoryWriter.BeginAsync(stage);
            var no = await writer.WriteAsync(Next());
            await writer.CommitAsync();
            await AdvanceAsync();
            Assert.Equal(no, (await ToldAsync())[^1]);
            Assert.Equal((waiting, waiting), Assert.Single(await GapsAsync()));
            await Task.Delay(TimeSpan.FromMilliseconds(Proof.Size(full: 500, usual: 0)), TimeProvider.System);
        }

        await slow.CommitAsync();
        await AdvanceAsync();
        Assert.Equal(waiting, (await ToldAsync())[^1]);
        Assert.Empty(await GapsAsync());
        output.Say($"feed: a transaction held open for {TimeProvider.System.GetElapsedTime(began):mm\\:ss}, "
            + $"{passes} passes meanwhile, none of which waited, and nothing was skipped");
    }

    [Fact]
    public async Task Many_writers_and_many_replicas_tell_each_line_once_without_a_hole()
    {
        const int Writers = 8;
        const int Each = 60;
        var random = new Random(20261127);
        var delays = Enumerable.Range(0, Writers * Each).Select(_ => random.Next(4)).ToArray();
        using var over = new CancellationTokenSource();
        var passes = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!over.IsCancellationRequested)
            {
                await AdvanceAsync();
            }
        }).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var at = 0; at < Each; at++)
            {
                await using var one = await HistoryWriter.BeginAsync(stage);
                for (var lines = 0; lines < 3; lines++)
                {
                    await one.WriteAsync(Next());
                }

                await Task.Delay(TimeSpan.FromMilliseconds(delays[(writer * Each) + at]), TimeProvider.System);
                if (at % 5 != 0)
                {
                    await one.CommitAsync();
                }
            }
        }));
        await over.CancelAsync();
        await Task.WhenAll(passes);

        // A gap is given up when no transaction of the server is older; other tests have some.
        for (var tries = 0; tries < 200 && (tries < 2 || (await GapsAsync()).Count > 0); tries++)
        {
            await AdvanceAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await using var db = await DbAsync();
        var told = await db.FeedEntries.Where(entry => entry.Merchant == "main").OrderBy(entry => entry.Sequence)
            .ToListAsync();
        var lines = await LinesAsync();
        Assert.Equal(lines.Order(), told.Select(entry => entry.LineNo).Distinct().Order());
        Assert.Equal(Enumerable.Range(1, told.Count).Select(no => (long)no), told.Select(entry => entry.Sequence));
        Assert.Empty(await GapsAsync());
    }

    [Fact]
    public async Task A_pass_that_dies_before_its_commit_leaves_the_feed_to_the_next()
    {
        await AdvanceAsync();
        var before = await ToldAsync();
        await using var writer = await HistoryWriter.BeginAsync(stage);
        var no = await writer.WriteAsync(Next());
        await writer.CommitAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => stage.Get<FeedStore>().AdvanceAsync(_ => throw new InvalidOperationException("It died.")));
        Assert.Equal(before, await ToldAsync());

        await AdvanceAsync();
        Assert.Equal([.. before, no], await ToldAsync());
    }

    [Fact]
    public async Task Payouts_that_wait_for_the_balance_make_it_low_once_and_restored_when_none_waits()
    {
        var merchantNo = stage.OfPockyt<SimulatorSettings>().MerchantNo;
        stage.OfPockyt<Balances>().Set("USD", 0, merchantNo);
        var (first, second) = (await stage.PayAsync(), await stage.PayAsync());
        await stage.DispatchAsync();
        await AdvanceAsync();
        var low = await EventsAsync("balance.low");
        Assert.Empty(await EventsAsync("balance.restored"));

        stage.OfPockyt<Balances>().Set("USD", 1_000_000, merchantNo);
        await stage.RunAsync(TimeSpan.FromDays(1));
        await AdvanceAsync();

        var about = Assert.Single(low).GetProperty("data").GetProperty("object");
        Assert.Equal("USD low", $"{about.GetProperty("currency")} {about.GetProperty("status")}");
        Assert.Single(await EventsAsync("balance.low"));
        Assert.Single(await EventsAsync("balance.restored"));
        Assert.All([first, second], id => Assert.Equal("success", stage.Book.Payouts.Single(paid =>
            paid.InvoiceId == id).Status));
    }

    [Fact]
    public async Task What_is_older_than_is_kept_leaves_the_feed_and_nothing_newer_does()
    {
        await stage.PayAsync();
        await AdvanceAsync();
        var all = await ToldAsync();
        await stage.AdvanceAsync(TimeSpan.FromDays(1));
        await stage.PayAsync();
        await AdvanceAsync();
        var newer = (await ToldAsync())[all.Count..];

        var trimmed = await stage.Get<FeedStore>().TrimAsync(stage.Clock.GetUtcNow().AddHours(-1));
        var bounds = await stage.Get<FeedReader>().BoundsAsync("main");

        Assert.Equal(all.Count, trimmed);
        Assert.Equal(newer, await ToldAsync());
        Assert.Equal((all.Count + 1, all.Count + newer.Count), (bounds.Oldest, bounds.Newest));
        Assert.Equal(0, await stage.Get<FeedStore>().TrimAsync(stage.Clock.GetUtcNow().AddHours(-1)));
    }

    private async Task<List<JsonElement>> EventsAsync(string type)
    {
        var page = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/events?type={type}"));
        return [.. page.GetProperty("data").EnumerateArray()];
    }

    private string Next() => $"payor-{Interlocked.Increment(ref made)}";

    private Task AdvanceAsync() => stage.FeedWriter.RunOnceAsync(CancellationToken.None);

    private Task<PayoutDb> DbAsync() => stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();

    /// <summary>The numbers of the lines that are told, in the order of the feed.</summary>
    private async Task<List<long>> ToldAsync()
    {
        await using var db = await DbAsync();
        return await db.FeedEntries.Where(entry => entry.Merchant == "main").OrderBy(entry => entry.Sequence)
            .Select(entry => entry.LineNo).ToListAsync();
    }

    private async Task<List<(long First, long Last)>> GapsAsync()
    {
        await using var db = await DbAsync();
        return [.. (await db.FeedGaps.ToListAsync()).Select(gap => (gap.First, gap.Last))];
    }

    /// <summary>The numbers of the lines that are committed.</summary>
    private async Task<List<long>> LinesAsync()
    {
        await using var db = await DbAsync();
        return
        [
            .. await db.History.Where(line => line.Merchant == "main")
                .Select(line => EF.Property<long>(line, PayoutDb.LineNo)).ToListAsync(),
            .. await db.PayoutEvents.Select(line => EF.Property<long>(line, PayoutDb.LineNo)).ToListAsync(),
        ];
    }
}
