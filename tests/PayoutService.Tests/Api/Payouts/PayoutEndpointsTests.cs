using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Api.Payouts;

/// <summary>Asking for payouts, repeating, listing, withdrawing, replacing.</summary>
public sealed class PayoutEndpointsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_payout_is_answered_201_with_its_address_its_version_and_nothing_sent()
    {
        var invoiceId = stage.NewKey();

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, invoiceId));

        var payout = await ServiceFixture.Answer(answer);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/v1/payouts/{payout.GetProperty("id").GetString()}", answer.Headers.Location!.ToString());
        Assert.Equal("\"1\"", answer.Headers.ETag!.Tag);
        Assert.Equal("queued", payout.GetProperty("status").GetString());
        Assert.Equal("no", payout.GetProperty("moneyMoved").GetString());
        Assert.EndsWith("Z", payout.GetProperty("createdAt").GetString(), StringComparison.Ordinal);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData("500.00", "500")]
    [InlineData("500.00", "500.0")]
    [InlineData("7", "7.00")]
    public async Task The_same_request_again_gets_the_same_payout_however_the_amount_is_written(
        string first, string again)
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey(), first);
        var created = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payouts", request));
        await stage.DispatchAsync();
        request["amount"] = again;

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(
            created.GetProperty("id").GetString(), (await ServiceFixture.Answer(answer)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_repeat_gets_its_payout_even_when_the_account_was_removed_since()
    {
        var (payeeId, accountId) = await stage.RegisterAsync();
        var request = Example.Payout(accountId, stage.NewKey());
        await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await stage.Api.DeleteAsync($"/v1/payees/{payeeId}/accounts/{accountId}");

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_idempotency_key_makes_the_invoice_id_and_holds_on_to_it()
    {
        var request = Example.Payout(stage.AccountId, "unused");
        request.Remove("invoiceId");
        var key = stage.NewKey("header");

        var first = await ServiceFixture.Answer(await PostAsync(request, key));
        var again = await ServiceFixture.Answer(await PostAsync(request, key));
        request["invoiceId"] = stage.NewKey();
        var other = await PostAsync(request, key);

        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        Assert.Equal(32, first.GetProperty("invoiceId").GetString()!.Length);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task An_idempotency_key_that_comes_with_a_known_invoice_id_is_bound_to_it()
    {
        var known = Example.Payout(stage.AccountId, stage.NewKey());
        var other = Example.Payout(stage.AccountId, stage.NewKey());
        var key = stage.NewKey("header");
        await stage.Api.PostAsJsonAsync("/v1/payouts", known);

        HttpStatusCode[] answers =
        [
            (await PostAsync(known, key)).StatusCode,
            (await PostAsync(other, key)).StatusCode,
            (await PostAsync(known, key)).StatusCode,
            (await stage.Api.PostAsJsonAsync("/v1/payouts", other)).StatusCode,
            (await PostAsync(other, key)).StatusCode,
            (await PostAsync(WithoutInvoiceId(other), key)).StatusCode,
        ];

        Assert.Equal(
            [
                HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.OK,
                HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict,
            ],
            answers);
    }

    [Fact]
    public async Task A_payout_may_have_two_idempotency_keys_and_a_key_one_payout()
    {
        var first = Example.Payout(stage.AccountId, stage.NewKey());
        var second = Example.Payout(stage.AccountId, stage.NewKey());
        var (key, again) = (stage.NewKey("header"), stage.NewKey("header"));
        await PostAsync(first, key);
        var replay = await PostAsync(first, again);
        await stage.Api.PostAsJsonAsync("/v1/payouts", second);

        var refused = new[] { await PostAsync(second, key), await PostAsync(second, again) };

        Assert.Equal(HttpStatusCode.OK, replay.StatusCode);
        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        var problem = await ServiceFixture.Answer(refused[1]);
        Assert.Equal("idempotency-key-in-use", problem.GetProperty("code").GetString());
        Assert.Equal(await PathAsync((string)first["invoiceId"]!), problem.GetProperty("link").GetString());
    }

    [Fact]
    public async Task An_idempotency_key_of_a_refused_call_is_free_and_another_merchants_is_another()
    {
        var known = Example.Payout(stage.AccountId, stage.NewKey());
        var key = stage.NewKey("header");
        await stage.Api.PostAsJsonAsync("/v1/payouts", known);
        known["amount"] = "1.00";
        var differs = await PostAsync(known, key);
        var nowhere = await PostAsync(
            Example.Payout(PublicId.Of(PublicId.Account, Guid.Empty), stage.NewKey()), key);
        using var other = stage.Client("other-key");
        var (_, accountId) = await stage.RegisterAsync(other);

        var free = await PostAsync(Example.Payout(stage.AccountId, stage.NewKey()), key);
        var theirs = await PostAsync(Example.Payout(accountId, stage.NewKey()), key, other);

        Assert.Equal(
            (HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity), (differs.StatusCode, nowhere.StatusCode));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (free.StatusCode, theirs.StatusCode));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_many_invoice_ids_sent_at_once_under_one_key_one_has_it(bool known)
    {
        for (var round = 0; round < 5; round++)
        {
            var key = stage.NewKey("header");
            var requests = Enumerable.Range(0, 8).Select(_ => Example.Payout(stage.AccountId, stage.NewKey())).ToList();
            foreach (var request in known ? requests : [])
            {
                await stage.Api.PostAsJsonAsync("/v1/payouts", request);
            }

            var answers = await Task.WhenAll(requests.Select(request => PostAsync(request, key)));

            var accepted = Assert.Single(answers, answer => answer.IsSuccessStatusCode);
            Assert.Equal(known ? HttpStatusCode.OK : HttpStatusCode.Created, accepted.StatusCode);
            Assert.All(
                answers.Where(answer => answer != accepted),
                answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        }
    }

    [Fact]
    public async Task The_same_invoice_id_belongs_to_each_merchant_separately()
    {
        using var other = stage.Client("other-key");
        var (_, accountId) = await stage.RegisterAsync(other);
        var invoiceId = stage.NewKey();
        await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, invoiceId));

        var answer = await other.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, invoiceId));

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task A_scheduled_payout_is_sent_when_its_time_has_come()
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey(), "500.04");
        request["executeAt"] = stage.Clock.GetUtcNow().AddHours(2);
        var invoiceId = (string)request["invoiceId"]!;
        await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        await stage.DispatchAsync();
        var early = stage.Book.ArrivalsOf(invoiceId).Count;
        await stage.AdvanceAsync(TimeSpan.FromHours(2));
        await stage.DispatchAsync();

        Assert.Equal((0, 1), (early, stage.Book.ArrivalsOf(invoiceId).Count));
    }

    [Fact]
    public async Task A_queued_payout_can_be_canceled_once_and_again_and_is_never_sent()
    {
        var invoiceId = await stage.PayAsync();
        var path = await PathAsync(invoiceId);

        var first = await stage.Api.PostAsync($"{path}/cancel", null);
        var again = await stage.Api.PostAsync($"{path}/cancel", null);
        await stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Equal("canceled", (await ServiceFixture.Answer(again)).GetProperty("status").GetString());
        Assert.Equal(2, (await stage.EventsAsync(invoiceId)).Count);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Fact]
    public async Task Refresh_asks_pockyt_now_and_never_sends()
    {
        var processing = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var queued = await stage.PayAsync("500.04");
        await stage.AdvanceAsync(TimeSpan.FromSeconds(6));
        await stage.ReconcileAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(6));
        var dueBefore = (await stage.PayoutAsync(queued)).DueAt;

        var asked = await stage.Api.PostAsync($"{await PathAsync(processing)}/refresh", null);
        var unmoved = await stage.Api.PostAsync($"{await PathAsync(queued)}/refresh", null);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (asked.StatusCode, unmoved.StatusCode));
        Assert.True((await stage.PayoutAsync(processing)).DueAt <= stage.Clock.GetUtcNow());
        Assert.Equal(dueBefore, (await stage.PayoutAsync(queued)).DueAt);
    }

    [Fact]
    public async Task The_history_tells_every_step_and_who_made_it()
    {
        var invoiceId = await stage.PayAsync("500.07");
        await stage.RunAsync(TimeSpan.FromMinutes(10));

        var answer = await ServiceFixture.Answer(await stage.Api.GetAsync($"{await PathAsync(invoiceId)}/events"));

        var steps = answer.GetProperty("data").EnumerateArray()
            .Select(step => (step.GetProperty("actor").GetString(), step.GetProperty("to").GetString())).ToList();

        // Its notice may come before the answer that says nothing.
        Assert.Equal([("dev", "queued"), ("dispatcher", "submitting")], steps[..2]);
        Assert.Equal(("pockyt", "succeeded"), steps[^1]);
    }

    [Fact]
    public async Task Lists_are_newest_first_and_their_pages_meet_without_gap_or_overlap()
    {
        var (_, accountId) = await stage.RegisterAsync();
        var made = new List<string>();
        for (var count = 0; count < 7; count++)
        {
            made.Add(stage.NewKey("page"));
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, made[^1]));
        }

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ServiceFixture.Answer(await stage.Api.GetAsync(
                $"/v1/payouts?accountId={accountId}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}"));
            listed.AddRange(
                page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("invoiceId").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(made.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task A_cursor_of_another_merchant_is_refused()
    {
        await stage.PayAsync();
        await stage.PayAsync();
        var page = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/payouts?limit=1"));
        using var other = stage.Client("other-key");

        var answer = await other.GetAsync($"/v1/payouts?cursor={page.GetProperty("nextCursor").GetString()}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Payouts_are_found_by_each_thing_that_is_known_of_them()
    {
        var (payeeId, accountId) = await stage.RegisterAsync();
        var invoiceId = stage.NewKey("find");
        await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, invoiceId, "500.04"));
        await stage.DispatchAsync();
        var transactionNo = (await stage.PayoutAsync(invoiceId)).TransactionNo;
        string[] queries =
        [
            $"invoiceId={invoiceId}", $"payeeId={payeeId}", $"accountId={accountId}", $"transactionNo={transactionNo}",
            $"status=processing&accountId={accountId}", $"createdFrom=2020-01-01T00:00:00Z&payeeId={payeeId}",
        ];

        foreach (var query in queries)
        {
            var page = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?{query}"));
            var found = Assert.Single(page.GetProperty("data").EnumerateArray());
            Assert.Equal(invoiceId, found.GetProperty("invoiceId").GetString());
        }

        var none =
            await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?attention=any&accountId={accountId}"));
        Assert.Empty(none.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_payout_is_replaced_once_and_only_when_it_certainly_never_pays()
    {
        var failed = await stage.PayAsync("500.01");
        var failedId = await IdAsync(failed);
        await stage.DispatchAsync();
        var early = await ReplaceAsync(failedId);
        await stage.RunAsync(TimeSpan.FromMinutes(5));

        var replaced = await ReplaceAsync(failedId);
        var twice = await ReplaceAsync(failedId);

        Assert.Equal(
            (HttpStatusCode.Conflict, HttpStatusCode.Created, HttpStatusCode.Conflict),
            (early.StatusCode, replaced.StatusCode, twice.StatusCode));
        Assert.Equal("already-replaced", (await ServiceFixture.Answer(twice)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_forged_failure_does_not_let_a_payout_be_replaced()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync(invoiceId);
        await stage.Reports.RecordAsync(payout, new Report(ReportKind.Refused, Source.Notice), CancellationToken.None);

        var answer = await ReplaceAsync(PublicId.Of(PublicId.Payout, payout.Id));

        Assert.Equal("reissue-hold", (await ServiceFixture.Answer(answer)).GetProperty("code").GetString());
    }

    private Task<HttpResponseMessage> ReplaceAsync(string replaced)
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey("again"));
        request["replaces"] = replaced;
        return stage.Api.PostAsJsonAsync("/v1/payouts", request);
    }

    private static Dictionary<string, object?> WithoutInvoiceId(Dictionary<string, object?> request) =>
        request.Where(member => member.Key != "invoiceId").ToDictionary();

    private Task<HttpResponseMessage> PostAsync(
        Dictionary<string, object?> request, string idempotencyKey, HttpClient? caller = null)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/v1/payouts") { Content = JsonContent.Create(request) };
        message.Headers.Add("Idempotency-Key", idempotencyKey);
        return (caller ?? stage.Api).SendAsync(message);
    }

    private async Task<string> IdAsync(string invoiceId) =>
        PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);

    private async Task<string> PathAsync(string invoiceId) => $"/v1/payouts/{await IdAsync(invoiceId)}";
}
