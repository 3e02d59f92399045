using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PayoutService.Api.Payouts;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Payouts;

/// <summary>Many payouts in one call: each is answered as if it had come alone.</summary>
public sealed class PayoutBatchTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Ten_thousand_payouts_are_accepted_in_one_call_and_a_repeat_finds_them_all()
    {
        var prefix = stage.NewKey("batch");
        var payouts = Enumerable.Range(0, 10_000).Select(at => Good($"{prefix}-{at}")).ToArray();

        var first = await AcceptAsync(payouts);
        var again = await AcceptAsync(payouts);

        Assert.Equal((10_000, 0, 0), Counts(first));
        Assert.Equal((0, 10_000, 0), Counts(again));
        Assert.Equal(
            payouts.Select(payout => payout["invoiceId"]), Items(first).Select(item => Text(item, "invoiceId")));
        Assert.Equal(
            Items(first).Select(item => Text(item, "payoutId")), Items(again).Select(item => Text(item, "payoutId")));
        Assert.Equal(10_000, Items(first).Select(item => Text(item, "payoutId")).Distinct().Count());
        var some = await ServiceFixture.Answer(
            await stage.Api.GetAsync($"/v1/payouts/{Text(Items(first)[4711], "payoutId")}"));

        // Else another test would send them all.
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            $"UPDATE payouts SET status = 'canceled', due_at = NULL WHERE invoice_id LIKE '{prefix}-%'");
        Assert.Equal(($"{prefix}-4711", "queued"), (Text(some, "invoiceId"), Text(some, "status")));
    }

    [Fact]
    public async Task What_is_wrong_with_one_is_its_own_refusal_and_the_others_are_accepted()
    {
        var prefix = stage.NewKey("mixed");
        var taken = await stage.PayAsync("500.00");
        object[] payouts =
        [
            Good($"{prefix}-0"),
            With($"{prefix}-1", "amount", "5.001"),
            With($"{prefix}-2", "currency", "XXX"),
            With($"{prefix}-3", "accountId", "acc_01jh9m3k8r6x0t2v4w6y8z0a1b"),
            With($"{prefix}-4", "amount", 5),
            With($"{prefix}-5", "Amount", "5.00"),
            With($"{prefix}-6", "description", "a & b"),
            With("half \ud83d", "note", "x"),
            Good($"{prefix}-0"),
            With($"{prefix}-0", "amount", "7.00"),
            Without($"{prefix}-10", "amount"),
            Without($"{prefix}-11", "invoiceId"),
            With(taken, "amount", "1.00"),
            "not an object",
            new object[] { 1, 2 },
            Good($"{prefix}-15"),
        ];

        var answer = await AcceptAsync(payouts);

        Assert.Equal(
            [
                "created", "validation-failed", "unsupported-currency", "account-not-found", "validation-failed",
                "unknown-member", "validation-failed", "validation-failed", "replayed", "invoice-id-in-use",
                "validation-failed", "invoice-id-required", "invoice-id-in-use", "malformed-request",
                "malformed-request", "created",
            ],
            Items(answer).Select(Word));
        Assert.Equal((2, 1, 13), Counts(answer));
        var problem = Items(answer)[1].GetProperty("problem");
        Assert.Equal(("/problems/validation-failed", 400), (Text(problem, "type"), Status(problem)));
        Assert.True(problem.GetProperty("errors").TryGetProperty("amount", out _));
        Assert.Equal(409, Status(Items(answer)[9].GetProperty("problem")));
        Assert.Equal(422, Status(Items(answer)[3].GetProperty("problem")));
        Assert.Equal("description", Items(answer)[6].GetProperty("problem").GetProperty("errors")
            .EnumerateObject().Single().Name);
    }

    [Fact]
    public async Task An_invoice_id_of_a_batch_and_one_of_a_single_call_are_the_same_payout()
    {
        var invoiceId = stage.NewKey("same");
        var single = await stage.Api.PostAsJsonAsync("/v1/payouts", Good(invoiceId));

        var answer = await AcceptAsync([Good(invoiceId)]);

        Assert.Equal("replayed", Word(Items(answer)[0]));
        Assert.Equal(Text(await ServiceFixture.Answer(single), "id"), Text(Items(answer)[0], "payoutId"));
    }

    [Fact]
    public async Task What_a_batch_asks_for_is_paid()
    {
        var prefix = stage.NewKey("paid");

        await AcceptAsync([Good($"{prefix}-0"), Good($"{prefix}-1")]);
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(MoneyMoved.Yes, (await stage.PayoutAsync($"{prefix}-0")).MoneyMoved);
        Assert.Single(stage.Book.PayoutsOf($"{prefix}-1"));
    }

    [Theory]
    [InlineData("""{"payouts":[]}""", "validation-failed")]
    [InlineData("""{"payouts":null}""", "validation-failed")]
    [InlineData("""{}""", "validation-failed")]
    [InlineData("""[]""", "malformed-request")]
    [InlineData("", "malformed-request")]
    [InlineData("""{"payouts":[{}]""", "malformed-request")]
    [InlineData("""{"payouts":[{}]} {}""", "malformed-request")]
    [InlineData("""{"payouts":[{}],"payouts":[{}]}""", "duplicate-member")]
    [InlineData("""{"payouts":[{}],"more":1}""", "unknown-member")]
    [InlineData("""{"payouts":[{"amount":"1.00","amount":"100.00"}]}""", "duplicate-member")]
    [InlineData("""{"payouts":[{"amount":"1.00"},]}""", "malformed-request")]
    public async Task A_body_that_is_not_a_batch_is_refused_as_a_whole(string body, string code)
    {
        var answer = await stage.Api.PostAsync("/v1/payout-batches", Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(code, Text(await ServiceFixture.Answer(answer), "code"));
    }

    [Fact]
    public async Task More_than_ten_thousand_are_refused_as_a_whole()
    {
        var body = $$"""{"payouts":[{{string.Join(',', Enumerable.Repeat("{}", 10_001))}}]}""";

        var answer = await stage.Api.PostAsync("/v1/payout-batches", Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await ServiceFixture.Answer(answer)).GetProperty("errors");
        Assert.Equal("must have 1 to 10000 payouts", errors.GetProperty("payouts")[0].GetString());
    }

    [Theory]
    [InlineData("1", "validation-failed")]
    [InlineData("{\"a\":1}", "validation-failed")]
    [InlineData("[", "malformed-request")]
    public async Task A_body_of_14_MiB_that_is_no_batch_takes_no_more_than_a_few_times_its_bytes(
        string item, string code)
    {
        var items = string.Join(',', Enumerable.Repeat(item, 14 * 1024 * 1024 / (item.Length + 1)));
        var body = Encoding.ASCII.GetBytes($$"""{"payouts":[{{items}}]}""");

        // Other tests run beside this one: the least of a few is ours.
        var least = long.MaxValue;
        for (var tries = 0; tries < 5; tries++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var answer = await stage.Api.PostAsync(
                "/v1/payout-batches",
                new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } });
            Assert.Equal(code, Text(await ServiceFixture.Answer(answer), "code"));
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / 1024 / 1024);
        }

        Assert.True(least < 100, $"{least} MiB");
    }

    [Fact]
    public async Task A_payout_of_a_batch_that_is_too_large_for_a_body_is_its_own_refusal()
    {
        var large = With(stage.NewKey("large"), "note", new string('x', 65 * 1024));

        var answer = await AcceptAsync([Good(stage.NewKey("small")), large]);

        Assert.Equal(["created", "payload-too-large"], Items(answer).Select(Word));
    }

    [Fact]
    public async Task When_two_batches_are_under_way_another_waits_for_its_turn_and_then_gets_503()
    {
        var turns = stage.Get<BatchTurns>();
        await turns.WaitAsync();
        await turns.WaitAsync();
        var batch = new { payouts = new[] { Good(stage.NewKey("turn")) } };

        var busy = await stage.Api.PostAsJsonAsync("/v1/payout-batches", batch);
        var waiting = stage.Api.PostAsJsonAsync("/v1/payout-batches", batch);
        turns.Release(2);
        var accepted = await waiting;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.Equal("busy", Text(await ServiceFixture.Answer(busy), "code"));
        Assert.NotNull(busy.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task A_batch_of_more_than_16_MiB_is_refused_and_a_single_payout_of_more_than_64_KiB_still_is()
    {
        var batch = $$"""{"payouts":[{"note":"{{new string('x', 17 * 1024 * 1024)}}"}]}""";
        var single = $$"""{"note":"{{new string('x', 65 * 1024)}}"}""";

        foreach (var (path, body) in new[] { ("/v1/payout-batches", batch), ("/v1/payouts", single) })
        {
            // Else the refusal could come while we still send.
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) };
            request.Headers.ExpectContinue = true;
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await stage.Api.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task A_key_that_may_only_read_gets_403()
    {
        var answer = await stage.Client("reader-key").PostAsJsonAsync(
            "/v1/payout-batches", new { payouts = new[] { Good(stage.NewKey()) } });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private Dictionary<string, object?> Good(string invoiceId) => Example.Payout(stage.AccountId, invoiceId, "5.00");

    private Dictionary<string, object?> With(string invoiceId, string member, object value) =>
        new(Good(invoiceId)) { [member] = value };

    private Dictionary<string, object?> Without(string invoiceId, string member)
    {
        var payout = Good(invoiceId);
        payout.Remove(member);
        return payout;
    }

    private async Task<JsonElement> AcceptAsync(object[] payouts)
    {
        var answer = await stage.Api.PostAsJsonAsync("/v1/payout-batches", new { payouts });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await ServiceFixture.Answer(answer);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static JsonElement[] Items(JsonElement answer) => [.. answer.GetProperty("data").EnumerateArray()];

    private static (int Created, int Replayed, int Refused) Counts(JsonElement answer) => (
        answer.GetProperty("created").GetInt32(),
        answer.GetProperty("replayed").GetInt32(),
        answer.GetProperty("refused").GetInt32());

    private static string? Word(JsonElement item) => Text(item, "outcome") is "refused"
        ? Text(item.GetProperty("problem"), "code") : Text(item, "outcome");

    private static string? Text(JsonElement item, string member) =>
        item.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static int Status(JsonElement problem) => problem.GetProperty("status").GetInt32();
}
