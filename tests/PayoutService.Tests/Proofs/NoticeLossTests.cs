using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;
using PockytSimulator.Calls;
using PockytSimulator.Control;
using PockytSimulator.Notices;
using PockytSimulator.Payouts;
using Xunit.Abstractions;
using PockytNotice = PockytSimulator.Notices.Notice;

namespace PayoutService.Tests.Proofs;

/// <summary>However often Pockyt's notices come, in whatever order, and whichever of them are lost, every payout ends
/// as the book says.</summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class NoticeLossTests(ServiceFixture stage, ITestOutputHelper output) : IClassFixture<ServiceFixture>
{
    private static readonly Dictionary<string, PayoutStatus> Ends = new()
    {
        ["success"] = PayoutStatus.Succeeded,
        ["failed"] = PayoutStatus.Failed,
        ["returned"] = PayoutStatus.Returned,
    };

    /// <summary>What becomes of a payout of so many cents: success, failed, returned; success, then returned.</summary>
    private static readonly int[] Cents = [0, 1, 2, 3];

    /// <summary>Pockyt's words for what is under way.</summary>
    private static readonly string[] Meanwhile = ["processing", "onhold", "unclaimed"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Notices_repeated_shuffled_and_lost_end_every_payout_as_the_book_says(int part)
    {
        var notices = Proof.Size(full: 25_000, usual: 200);
        var prefix = $"part-{part}-of-4";
        var payouts = await SentAsync((notices / 5) + 1, prefix);
        var chance = new Random(part);

        var genuine = payouts.SelectMany(NoticesOf).Take(notices).ToList();
        var copies = genuine.SelectMany(notice => Enumerable.Repeat(notice, chance.Next(1, 9)))
            .Where(_ => chance.Next(10) >= 3)
            .ToArray();
        chance.Shuffle(copies);
        await PostAsync(copies);
        var told = await CountAsync(prefix, row => row.Status != PayoutStatus.Processing);
        await AskAboutAllAsync(prefix);

        var differ = await DifferAsync(payouts);
        output.Say($"genuine notices, {prefix}: {genuine.Count} of {payouts.Count} payouts, "
            + $"{copies.Length} copies posted, {told} payouts moved by them, {differ} differ from the book in the end");
        Assert.Equal((0, notices), (differ, genuine.Count));
        Assert.NotEqual(0, told);
    }

    [Fact]
    public async Task Without_any_notice_every_payout_ends_as_the_book_says()
    {
        var payouts = await SentAsync(Proof.Size(full: 10_000, usual: 100), "all-lost");
        var told = await CountAsync("all-lost", row => row.Status != PayoutStatus.Processing);
        await AskAboutAllAsync("all-lost");

        var differ = await DifferAsync(payouts);
        output.Say($"all notices lost: {payouts.Count} payouts, {differ} differ from the book in the end");
        Assert.Equal((0, 0), (differ, told));
    }

    /// <summary>Payouts that Pockyt has brought to their end, and no notice of it has arrived.</summary>
    private async Task<List<BookedPayout>> SentAsync(int count, string prefix)
    {
        stage.Faults.Add(new FaultScript("notice", Times: 0, Answer: new FaultAnswer("drop")));
        var known = stage.Book.PayoutCount;
        Assert.True(PublicId.TryParse(PublicId.Account, stage.AccountId, out var account));
        var orders = Enumerable.Range(0, count).Select(at => new PayoutOrder
        {
            Merchant = "main",
            InvoiceId = stage.NewKey(prefix),
            AccountId = account,
            Amount = new Money(100 + Cents[at % Cents.Length], "USD"),
            ApiKey = "proof",
            Owner = "proof",
            Content = [],
        }).ToList();
        await EachAsync(orders, async order =>
            Assert.IsType<CreatePayoutResult.Created>(
                await stage.Creations.CreateAsync(order, Patience.ForMany, CancellationToken.None)));

        // On a machine that is busy a connection may fail; such a payout is sent a minute later.
        await stage.DispatchAsync();
        for (var tries = 0; tries < 5 && stage.Book.PayoutCount < known + count; tries++)
        {
            await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
            await stage.DispatchAsync();
        }

        await stage.AdvanceAsync(TimeSpan.FromHours(1));
        await stage.WhenPockytIsIdleAsync();
        var booked = stage.Book.Payouts.Skip(known).ToList();
        Assert.Equal(orders.Select(order => order.InvoiceId).Order(), booked.Select(one => one.InvoiceId).Order());
        Assert.All(booked, one => Assert.Contains(one.Status, Ends.Keys));
        return booked;
    }

    /// <summary>All that Pockyt has to say of a payout, in its own words and with its own signature.</summary>
    private IEnumerable<PockytNotice> NoticesOf(BookedPayout payout) => payout.History
        .Concat(Meanwhile.Select(word => new StatusChange(payout.AcceptedAt, word)))
        .Select(told => stage.OfPockyt<NoticeFactory>().Of(payout, told.Status, told.At)!);

    private Task PostAsync(PockytNotice[] copies) => EachAsync(copies, async notice =>
        Assert.True((await stage.OfPockyt<NoticeSender>().SendOnceAsync(notice, CancellationToken.None)).Delivered));

    private static Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> each) => Parallel.ForEachAsync(
        all, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (one, _) => await each(one));

    /// <summary>Hours go by, and what is due is asked about, until all is confirmed; ten hours at most.</summary>
    private async Task AskAboutAllAsync(string prefix)
    {
        for (var hour = 0; hour < 10 && await CountAsync(prefix, row => row.ConfirmedBy == null) > 0; hour++)
        {
            await stage.AdvanceAsync(TimeSpan.FromHours(1));
            await stage.ReconcileAsync();
        }
    }

    private async Task<int> CountAsync(string prefix, Expression<Func<Payout, bool>> condition)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.Where(row => row.InvoiceId.StartsWith(prefix)).CountAsync(condition);
    }

    /// <summary>The number of payouts that are not what the book says: another end, not confirmed, wanting attention,
    /// another amount, or paid more than once.</summary>
    private async Task<int> DifferAsync(List<BookedPayout> booked)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var rows = await db.Payouts.AsNoTracking().ToDictionaryAsync(row => row.InvoiceId);
        return booked.Count(one =>
        {
            var row = rows[one.InvoiceId];
            return (row.Status, row.ConfirmedBy, row.Attention) != (Ends[one.Status], Source.Inquiry, null)
                || row.Amount.ToString() != PockytFormat.Amount(one.Amount)
                || row.TransactionNo != one.TransactionNo
                || stage.Book.PayoutsOf(one.InvoiceId).Count != 1;
        });
    }
}
