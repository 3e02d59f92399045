using System.Net;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>The one writer: claims, records and verbs, when several do them at once.</summary>
public sealed class PayoutStoreTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Eight_claimers_never_share_a_row_and_leave_none()
    {
        var invoices = new List<string>();
        for (var made = 0; made < 60; made++)
        {
            invoices.Add(await stage.PayAsync());
        }

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(ClaimAllAsync)));

        var claimed = claims.SelectMany(rows => rows).Select(payout => payout.InvoiceId).ToList();
        Assert.Equal(claimed.Count, claimed.Distinct().Count());
        Assert.Superset(invoices.ToHashSet(), claimed.ToHashSet());
    }

    [Fact]
    public async Task A_claim_writes_its_lease_its_request_and_one_event()
    {
        var invoiceId = await stage.PayAsync();

        var claimed = Assert.Single(await ClaimAllAsync(), payout => payout.InvoiceId == invoiceId);

        Assert.Equal((PayoutStatus.Submitting, 2, 1), (claimed.Status, claimed.Version, claimed.Claim!.Value));
        Assert.Equal([1], claimed.OpenSends);
        Assert.Equal(claimed.DueAt, claimed.LeaseUntil);
        Assert.NotNull(claimed.SignedAt);
        Assert.NotNull(claimed.RequestId);
        var last = (await stage.EventsAsync(invoiceId))[^1];
        Assert.Equal(
            (2, EventKind.Claimed, PayoutStatus.Queued, PayoutStatus.Submitting),
            (last.Version, last.Kind, last.From, last.To));
    }

    [Fact]
    public async Task A_payout_that_is_not_due_or_wants_attention_is_not_claimed()
    {
        var later = await stage.PayAsync();
        var doubted = await stage.PayAsync();
        await SetAsync(later, "due_at = now() + interval '1 day'");
        await SetAsync(doubted, "attention = 'mismatch'");

        var claimed = (await ClaimAllAsync()).Select(payout => payout.InvoiceId).ToList();

        Assert.DoesNotContain(later, claimed);
        Assert.DoesNotContain(doubted, claimed);
    }

    [Fact]
    public async Task Nothing_is_claimed_when_the_clocks_differ_by_more_than_the_setting()
    {
        await using var skewed = new StageWithSkew();
        await skewed.Stage.InitializeAsync();
        await skewed.Stage.PayAsync();
        await skewed.Stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        var claimed = await skewed.Stage.Claims.ClaimDueAsync([new("main", 10)], 10, NewBatch());

        Assert.Empty(claimed);
        var ready = await skewed.Stage.Api.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("differ by", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_that_names_an_older_version_changes_nothing()
    {
        var invoiceId = await stage.PayAsync();
        await stage.DispatchAsync();
        await stage.WhenPockytIsIdleAsync();
        var payout = await stage.PayoutAsync(invoiceId);

        var canceled = await stage.Store.CancelAsync("main", payout.Id, [1], Actor.ApiKey("billing"));

        Assert.IsType<PayoutActionResult.Stale>(canceled);
        Assert.Equal(payout.Version, (await stage.PayoutAsync(invoiceId)).Version);
    }

    [Fact]
    public async Task Cancel_and_claim_at_once_have_one_winner()
    {
        for (var round = 0; round < 30; round++)
        {
            var invoiceId = await stage.PayAsync();
            var payout = await stage.PayoutAsync(invoiceId);

            var cancel = Task.Run(
                () => stage.Store.CancelAsync("main", payout.Id, null, Actor.ApiKey("test")));
            var claim = Task.Run(ClaimAllAsync);
            await Task.WhenAll(cancel, claim);

            var claimed = (await claim).Any(row => row.InvoiceId == invoiceId);
            Assert.NotEqual(claimed, await cancel is PayoutActionResult.Done);
            var after = (await stage.PayoutAsync(invoiceId)).Status;
            Assert.Equal(claimed ? PayoutStatus.Submitting : PayoutStatus.Canceled, after);
        }
    }

    [Fact]
    public async Task A_lease_that_ends_leaves_the_payout_unconfirmed_and_a_late_answer_still_counts()
    {
        var invoiceId = await stage.PayAsync();
        var claimed = Assert.Single(await ClaimAllAsync(), payout => payout.InvoiceId == invoiceId);
        await stage.AdvanceAsync(stage.Rules.Lease + TimeSpan.FromSeconds(1));

        await stage.Claims.EndLeasesAsync();
        var ended = await stage.PayoutAsync(invoiceId);
        await stage.Reports.RecordAsync(
            claimed,
            new Report(ReportKind.Acknowledged, Source.Reply) { Claim = claimed.Claim },
            CancellationToken.None);

        Assert.Equal(PayoutStatus.Unconfirmed, ended.Status);
        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task The_same_answer_recorded_twice_is_recorded_once()
    {
        var invoiceId = await stage.PayAsync();
        var claimed = Assert.Single(await ClaimAllAsync(), payout => payout.InvoiceId == invoiceId);
        var answer = new Report(ReportKind.NotSent, Source.Reply) { Claim = claimed.Claim };

        await stage.Reports.RecordAsync(claimed, answer, CancellationToken.None);
        var once = await stage.PayoutAsync(invoiceId);
        await stage.Reports.RecordAsync(claimed, answer, CancellationToken.None);

        var twice = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Queued, 3), (once.Status, once.Version));
        Assert.Equal((once.Version, once.DueAt), (twice.Version, twice.DueAt));
    }

    [Fact]
    public async Task A_claim_in_doubt_is_given_back_without_being_sent()
    {
        var invoiceId = await stage.PayAsync();
        var batch = Guid.CreateVersion7(stage.Clock.GetUtcNow());
        await stage.Claims.ClaimDueAsync([new("main", 100), new("other", 100)], 100, batch);

        await stage.Claims.RecordNotSentAsync(batch);

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal(PayoutStatus.Queued, payout.Status);
        Assert.Empty(payout.OpenSends);
    }

    [Fact]
    public async Task A_transaction_number_that_another_payout_has_is_not_taken_over()
    {
        var first = await stage.PayAsync();
        var second = await stage.PayAsync();
        var claimed = await ClaimAllAsync();
        foreach (var invoiceId in new[] { first, second })
        {
            var payout = Assert.Single(claimed, row => row.InvoiceId == invoiceId);
            await stage.Reports.RecordAsync(
                payout,
                new Report(ReportKind.Acknowledged, Source.Inquiry) { TransactionNo = "T-1" },
                CancellationToken.None);
        }

        Assert.Equal("T-1", (await stage.PayoutAsync(first)).TransactionNo);
        var other = await stage.PayoutAsync(second);
        Assert.Equal(
            (PayoutStatus.Submitting, Attention.Mismatch, null),
            (other.Status, other.Attention, other.TransactionNo));
    }

    [Fact]
    public async Task Sixteen_callers_with_one_key_make_one_payout()
    {
        var invoiceId = stage.NewKey("raced");
        var body = Example.Payout(stage.AccountId, invoiceId);

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(stage.Api, "/v1/payouts", body)));

        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Created);
        Assert.Equal(15, answers.Count(answer => answer.StatusCode is HttpStatusCode.OK));
        Assert.Single(await stage.EventsAsync(invoiceId));
    }

    [Fact]
    public async Task An_ask_is_claimed_once_among_replicas()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            stage.Claims.ClaimInquiriesAsync([new("main", 100)], 100)));

        Assert.Single(claims.SelectMany(rows => rows), payout => payout.InvoiceId == invoiceId);
    }

    private Guid NewBatch() => Guid.CreateVersion7(stage.Clock.GetUtcNow());

    private async Task<List<Payout>> ClaimAllAsync()
    {
        var all = new List<Payout>();
        while (true)
        {
            var some = await stage.Claims.ClaimDueAsync([new("main", 7), new("other", 7)], 7, NewBatch());
            all.AddRange(some);
            if (some.Count == 0)
            {
                return all;
            }
        }
    }

    private Task SetAsync(string invoiceId, string change) => TestDatabase.ExecuteAsync(
        stage.ConnectionString, $"UPDATE payouts SET {change} WHERE invoice_id = '{invoiceId}'");

    private sealed class StageWithSkew : IAsyncDisposable
    {
        public ServiceFixture Stage { get; } = new ServiceFixture().With("Payouts:MaxClockSkew", "00:00:30");

        public async ValueTask DisposeAsync() => await Stage.DisposeAsync();
    }
}
