using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>Nothing that Pockyt did not say moves anything, and nothing breaks on it.</summary>
[Collection(nameof(Proof))]
public sealed class ForgeryTests(ServiceFixture stage, ITestOutputHelper output) : IClassFixture<ServiceFixture>
{
    private static readonly PayoutRules Rules = new();
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private enum Judgement
    {
        NotFound,
        Unreadable,
        Unauthorized,
        Ignored,
        Moved,
    }

    [Fact]
    public void No_forgery_moves_a_payout()
    {
        var payouts = EveryStatus();
        var forgeries = new Forgeries(seed: 20261121, payouts, stage.Pockyt);
        var rows = payouts.ToDictionary(payout => payout.InvoiceId);
        var count = Proof.Size(full: 1_000_000, usual: 10_000);
        var judged = new Dictionary<(string Kind, Judgement), int>();

        for (var sent = 0; sent < count; sent++)
        {
            var forgery = forgeries.Next();
            var judgement = Judge(forgery, rows);
            judged[(forgery.Kind, judgement)] = judged.GetValueOrDefault((forgery.Kind, judgement)) + 1;
        }

        var moved = judged.Where(one => one.Key.Item2 is Judgement.Moved).Sum(one => one.Value);
        output.Say($"forgeries in process: {count} sent, {moved} moved anything");
        foreach (var one in judged.OrderBy(one => $"{one.Key}"))
        {
            output.WriteLine($"{one.Key}: {one.Value}");
        }

        Assert.Equal(0, moved);
        Assert.Equal(20, judged.Keys.Select(one => one.Kind).Distinct().Count());
        Assert.Contains(judged.Keys, one => one.Item2 is Judgement.Ignored);
    }

    [Fact]
    public void What_the_forger_bends_does_move_a_payout_when_it_is_straight()
    {
        var payouts = EveryStatus();
        var forgeries = new Forgeries(seed: 1, payouts, stage.Pockyt);
        var rows = payouts.ToDictionary(payout => payout.InvoiceId);

        var judged = payouts.Select(payout => Judge(forgeries.Genuine(payout, News(payout)), rows));

        Assert.All(judged, judgement => Assert.Equal(Judgement.Moved, judgement));

        static string News(Payout payout) => payout.Status is PayoutStatus.Failed ? "success" : "failed";
    }

    [Fact]
    public async Task No_forgery_posted_to_the_service_moves_a_payout_or_breaks_it()
    {
        await stage.Control.PostAsync("/simulator/faults", JsonContent.Create(
            new { call = "notice", times = 0, answer = new { kind = "drop" } }));
        var payouts = await SentAsync(40);
        var forgeries = new Forgeries(seed: 31121, payouts, stage.Pockyt);
        var count = Proof.Size(full: 20_000, usual: 500);
        var posts = Enumerable.Range(0, count).Select(_ => forgeries.Next()).ToList();
        var before = await ShownAsync();
        var arrivals = stage.Book.Arrivals.Count;
        using var poster = stage.Client(key: null);
        var answers = new ConcurrentDictionary<HttpStatusCode, int>();

        await Parallel.ForEachAsync(posts, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (post, cancel) =>
        {
            using var request = Request(post);
            using var answer = await poster.SendAsync(request, cancel);
            answers.AddOrUpdate(answer.StatusCode, 1, (_, known) => known + 1);
        });

        var after = await ShownAsync();
        var moved = after.Zip(before).Count(pair => pair.First != pair.Second);
        var broken = answers.Where(answer => (int)answer.Key >= 500).Sum(answer => answer.Value);
        output.Say($"forgeries over HTTP: {count} sent, {moved} moved anything, {broken} answers of 5xx");
        output.WriteLine(string.Join(", ", answers.Select(answer => $"{(int)answer.Key}: {answer.Value}").Order()));
        Assert.Equal((0, 0, before.Count), (moved, broken, after.Count));
        Assert.Equal(arrivals, stage.Book.Arrivals.Count);
    }

    /// <summary>What the endpoint makes of a post, without the wire and the database.</summary>
    private Judgement Judge(Forgery post, Dictionary<string, Payout> rows)
    {
        if (!stage.Get<NoticeAddress>().IsPayoutCapability(post.Merchant, post.InvoiceId, post.Capability))
        {
            return Judgement.NotFound;
        }

        if (NoticeBody.Parse(post.Body) is not { } notice)
        {
            return Judgement.Unreadable;
        }

        if (notice.Member("invoiceId") != post.InvoiceId
            || !notice.IsSignedWith(stage.Pockyt.Merchants[post.Merchant].Tokens))
        {
            return Judgement.Unauthorized;
        }

        var payout = rows[post.InvoiceId].Copy();
        return payout.Apply(PayoutTranslation.OfNotice(notice, payout), Start.AddHours(1), Rules) is null
            ? Judgement.Ignored
            : Judgement.Moved;
    }

    /// <summary>Payouts in every status that something can be said of, and two of the usual one.</summary>
    private static List<Payout> EveryStatus()
    {
        (PayoutStatus? Status, Report[] Told)[] courses =
        [
            (PayoutStatus.Queued, []),
            (PayoutStatus.Submitting, []),
            (PayoutStatus.Unconfirmed, [Reply(ReportKind.Unclear)]),
            (PayoutStatus.Processing, [Reply(ReportKind.Acknowledged) with { TransactionNo = "305588797074336092" }]),
            (PayoutStatus.Processing, [Reply(ReportKind.Acknowledged) with { TransactionNo = "305588797074336093" }]),
            (PayoutStatus.Succeeded, [new Report(ReportKind.Settled, Source.Notice)]),
            (PayoutStatus.Failed, [new Report(ReportKind.Refused, Source.Notice)]),
            (PayoutStatus.Succeeded, [new Report(ReportKind.Settled, Source.Inquiry)]),
            (PayoutStatus.Failed, [new Report(ReportKind.Refused, Source.Inquiry)]),
        ];
        return [.. courses.Select((course, at) =>
        {
            var payout = PayoutBuilder.Queued(invoiceId: $"inv-{at:D4}", minor: 1000 + (250 * at));
            if (course.Status is not PayoutStatus.Queued)
            {
                payout.ClaimForSending(Start);
            }

            Array.ForEach(course.Told, told => payout.Hear(told, Start));
            Assert.Equal(course.Status, payout.Status);
            return payout;
        })];
    }

    private static Report Reply(ReportKind kind) => new(kind, Source.Reply) { Claim = 1 };

    /// <summary>Payouts that Pockyt has, with an outcome nobody has told us yet, and some that it has not.</summary>
    private async Task<List<Payout>> SentAsync(int count)
    {
        List<string> invoiceIds = [];
        for (var made = 0; made < count; made++)
        {
            invoiceIds.Add(await stage.PayAsync($"{100 + made}.0{made % 5}"));
        }

        await stage.DispatchAsync();
        invoiceIds.Add(await stage.PayAsync());
        invoiceIds.Add(await stage.PayAsync());
        List<Payout> payouts = [];
        foreach (var invoiceId in invoiceIds)
        {
            payouts.Add(await stage.PayoutAsync(invoiceId));
        }

        Assert.Equal(count, payouts.Count(payout => payout.Status is PayoutStatus.Processing));
        return payouts;
    }

    private static HttpRequestMessage Request(Forgery post)
    {
        string[] segments = [post.Merchant, "payouts", post.InvoiceId, post.Capability];
        var path = string.Join('/', segments.Select(Uri.EscapeDataString));
        var content = new ByteArrayContent(post.Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(post.ContentType!);
        return new HttpRequestMessage(HttpMethod.Post, $"/webhooks/pockyt/{path}") { Content = content };
    }

    /// <summary>All that may not change: only the time of the next question may.</summary>
    private async Task<List<string>> ShownAsync()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var rows = await db.Payouts.AsNoTracking().OrderBy(row => row.Id).ToListAsync();
        var events = await db.PayoutEvents.CountAsync();
        return
        [
            .. rows.Select(row => $"{row.InvoiceId} {row.Version} {row.Status} {row.Attention} {row.ConfirmedBy} "
                + $"{row.TransactionNo} {row.Amount} {row.AccountToken} {row.MoneyMoved} {row.SendCount}"),
            $"{events} events",
        ];
    }
}
