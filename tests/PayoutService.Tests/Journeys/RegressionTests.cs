using System.Net;
using System.Net.Http.Json;
using System.Text;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>What once went wrong.</summary>
public sealed class RegressionTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_of_what_pockyt_once_knew_is_never_confirmed_by_its_not_knowing(bool knownByInquiry)
    {
        var invoiceId = await stage.PayAsync();
        var claimed = Assert.Single(await ClaimAsync());
        await RecordAsync(claimed, new Report(ReportKind.Refused, Source.Reply)
        {
            Claim = claimed.Claim,
            ProviderStatus = knownByInquiry ? null : "failed",
        });
        if (knownByInquiry)
        {
            await RecordAsync(claimed, new Report(ReportKind.Acknowledged, Source.Inquiry));
        }

        await stage.AdvanceAsync(TimeSpan.FromMinutes(2));
        await NotSeenAsync(claimed);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(16));
        await NotSeenAsync(claimed);

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Failed, null), (payout.Status, payout.ConfirmedBy));
        Assert.False(payout.MayBeReplaced);
    }

    [Fact]
    public async Task A_resend_answered_as_a_duplicate_is_never_sent_a_third_time()
    {
        var invoiceId = await stage.PayAsync();
        var claimed = Assert.Single(await ClaimAsync());

        await RecordAsync(claimed, PayoutTranslation.OfPay(
            new PockytAnswer.Said("000023", "Duplicate request error", default), claimed));

        Assert.True((await stage.PayoutAsync(invoiceId)).KnownToProvider);
    }

    [Fact]
    public async Task An_answer_from_before_a_hold_does_not_release_it()
    {
        var invoiceId = await stage.PayAsync();
        await stage.Control.PostAsJsonAsync("/simulator/faults", new
        {
            call = "pay",
            invoiceId,
            execute = false,
            answer = new { kind = "ret", code = "000040", message = "balance" },
        });
        await stage.DispatchAsync();
        await SetAsync(invoiceId, "due_at = now() - interval '1 minute', status_since = now() + interval '1 day'");

        await stage.ReconcileAsync();

        Assert.Equal(PayoutStatus.Held, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task Asking_often_does_not_use_up_the_watch_for_a_return()
    {
        var invoiceId = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        for (var time = 0; time < 9; time++)
        {
            await stage.AdvanceAsync(TimeSpan.FromSeconds(6));
            await stage.Store.InquireNowAsync("main", (await stage.PayoutAsync(invoiceId)).Id);
            await stage.ReconcileAsync();
        }

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.True(payout.DueAt < stage.Clock.GetUtcNow().AddHours(1), $"{payout.DueAt}");
    }

    [Fact]
    public async Task A_queued_payout_that_wants_attention_is_asked_about()
    {
        var invoiceId = await stage.PayAsync();
        await SetAsync(invoiceId, "attention = 'mismatch'");

        await stage.ReconcileAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.NotNull(payout.AskedAt);
        Assert.True(payout.DueAt > stage.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_payout_of_a_merchant_this_replica_does_not_know_is_left_to_one_that_does()
    {
        var invoiceId = await stage.PayAsync();
        await SetAsync(invoiceId, "merchant = 'newer'");

        await stage.DispatchAsync();
        await stage.ReconcileAsync();

        Assert.Equal(PayoutStatus.Queued, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_row_that_cannot_be_read_does_not_hold_up_the_others(int leasesEnded)
    {
        var broken = await stage.PayAsync();
        await SetAsync(broken, "metadata = '{\"a\": 5}'");
        var invoiceId = await stage.PayAsync("500.04");

        await stage.DispatchAsync();
        await stage.AdvanceAsync(stage.Rules.Lease * leasesEnded + TimeSpan.FromMinutes(2));
        await stage.ReconcileAsync();

        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync(invoiceId)).Status);
        Assert.NotNull((await stage.PayoutAsync(invoiceId)).AskedAt);
        Assert.Empty(stage.Book.ArrivalsOf(broken));
    }

    [Fact]
    public async Task A_notice_of_seventy_thousand_bytes_is_too_large_and_not_an_error_of_ours()
    {
        var address = stage.Get<NoticeAddress>().OfPayout("main", await stage.PayAsync());

        var answer = await stage.Api.PostAsync(address, new StringContent(new string('a', 70_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v1/payouts?invoiceId=%00")]
    [InlineData("/v1/payouts?transactionNo=a%00b")]
    [InlineData("/v1/payees?customerCode=%00")]
    public async Task A_nul_in_a_query_is_refused(string path)
    {
        var answer = await stage.Api.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("{\"amount\":\"1\",\"amount\":\"2\"}", "duplicate-member")]
    [InlineData("{\"surprise\":1}", "unknown-member")]
    [InlineData("{\"\\ud800\":1}", "malformed-request")]
    public async Task Production_describes_a_bad_body_as_development_does(string body, string code)
    {
        string[] settings = [.. Example.Production, .. Example.Key(1, "main", "writer", "payouts:write")];
        await using var service = Program.Build(settings);
        await service.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", "writer");

        var answer = await client.PostAsync("/v1/payouts", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(code, (await ServiceFixture.Answer(answer)).GetProperty("code").GetString());
    }

    private Task<List<Payout>> ClaimAsync() =>
        stage.Claims.ClaimDueAsync([new("main", 10)], 10, Guid.CreateVersion7(stage.Clock.GetUtcNow()));

    private Task<Payout> RecordAsync(Payout payout, Report report) =>
        stage.Reports.RecordAsync(payout, report, CancellationToken.None);

    private Task<Payout> NotSeenAsync(Payout payout) => RecordAsync(
        payout, new Report(ReportKind.NotSeen, Source.Inquiry) { AskedAt = stage.Clock.GetUtcNow() });

    private Task<int> SetAsync(string invoiceId, string change) => TestDatabase.ExecuteAsync(
        stage.ConnectionString, $"UPDATE payouts SET {change} WHERE invoice_id = '{invoiceId}'");
}
