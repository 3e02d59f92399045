using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.Storage.Refunds;
using PayoutService.Tests.Support;
using PockytSimulator.PayIns;

namespace PayoutService.Tests.Api.Refunds;

/// <summary>Giving money back: once, whatever happens on the way. The simulator's book is the judge.</summary>
public sealed class RefundEndpointsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_refund_gives_the_money_back_and_tells_what_pockyt_said()
    {
        var reference = await stage.ReceiveAsync("100.00");
        var key = stage.NewKey("refund");

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund(key, reference, "10.00"));

        var refund = await ServiceFixture.Answer(answer);
        var booked = Assert.Single(Booked(key));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(
            ("succeeded", "yes", "10.00"),
            (Text(refund, "status"), Text(refund, "moneyMoved"), Text(refund, "amount")));
        Assert.Equal(booked.TransactionNo, Text(refund, "transactionNo"));
        Assert.Equal(booked.RefundTransactionNo, Text(refund.GetProperty("provider"), "refundTransactionNo"));
        Assert.Equal(10.00m, booked.Amount);
        Assert.False(refund.TryGetProperty("nextActionAt", out _));
        Assert.Equal(answer.Headers.Location!.ToString(), $"/v1/refunds/{Text(refund, "id")}");
        Assert.Equal("\"2\"", answer.Headers.ETag!.Tag);
        Assert.StartsWith("rfd_", Text(refund, "id"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_request_again_gets_the_one_refund_and_sends_nothing()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var first = await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        request["amount"] = "10";

        var again = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(Text(await ServiceFixture.Answer(first), "id"), Text(await ServiceFixture.Answer(again), "id"));
        Assert.Single(Arrivals((string)request["refundReference"]!));
    }

    [Fact]
    public async Task Twenty_callers_with_one_key_make_one_refund()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => stage.Api.PostAsJsonAsync("/v1/refunds", request)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Single(Arrivals((string)request["refundReference"]!));
    }

    [Fact]
    public async Task The_same_reference_with_other_content_names_the_fields()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        request["amount"] = "11.00";
        request["settleCurrency"] = "EUR";

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("refund-reference-in-use", Text(problem, "code"));
        Assert.Equal(
            ["amount", "settleCurrency"],
            problem.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
        Assert.Single(Arrivals((string)request["refundReference"]!));
    }

    [Theory]
    [InlineData("000010", "version")]
    [InlineData("000020", "missing")]
    [InlineData("000021", "no record")]
    [InlineData("000022", "do not match")]
    [InlineData("000023", "bad format")]
    [InlineData("000023", "bad timestamp")]
    [InlineData("000030", "no rights")]
    [InlineData("000040", "transaction status error")]
    [InlineData("000000", "data error : verifySign")]
    public async Task A_refusal_is_told_and_leaves_the_key_free_for_other_content(string code, string message)
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "ret", code, message }, execute: false);

        var refused = await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        var row = await stage.RefundAsync(key);
        request["amount"] = "9.00";
        var mended = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(("provider-refused", code), (Text(problem, "code"), Text(problem, "providerCode")));
        Assert.Null(row);
        Assert.Equal(HttpStatusCode.Created, mended.StatusCode);
        Assert.Equal(9.00m, Assert.Single(Booked(key)).Amount);
    }

    public static TheoryData<string, object> Broken => new()
    {
        { "system error", new { kind = "ret", code = "000000", message = "system error" } },
        { "supplier", new { kind = "ret", code = "000080", message = "supplier" } },
        { "duplicate", new { kind = "ret", code = "000023", message = "Duplicate request error" } },
        { "unknown code", new { kind = "ret", code = "999999", message = "new" } },
        { "nothing comes", new { kind = "hang" } },
        { "the connection closes", new { kind = "close" } },
        { "502", new { kind = "http", status = 502, contentType = "text/html", body = "<h1>Bad gateway</h1>" } },
        { "cut in the middle", new { kind = "cut", bytes = 40 } },
        { "no result", new { kind = "replace", remove = new[] { "result" } } },
        { "another amount", new { kind = "replace", members = new { refundAmount = "1.00" } } },
        { "another refund", new { kind = "replace", members = new { refundReference = "another" } } },
        { "another currency", new { kind = "replace", members = new { currency = "EUR" } } },
        { "another payment", new { kind = "replace", members = new { reference = "another" } } },
        { "a status nobody knows", new { kind = "replace", members = new { status = "teleported" } } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task However_the_answer_breaks_an_executed_refund_is_found_by_asking_and_never_sent_twice(
        string how, object answer)
    {
        Assert.NotEmpty(how);
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, answer);

        var first = await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        var open = await ServiceFixture.Answer(first);
        var repeat = await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(5));
        await stage.ReconcileRefundsAsync();

        var booked = Assert.Single(Booked(key));
        var refund = (await stage.RefundAsync(key))!;
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.StatusCode, repeat.StatusCode));
        Assert.Equal(("unconfirmed", "unknown"), (Text(open, "status"), Text(open, "moneyMoved")));
        Assert.Equal((RefundStatus.Succeeded, null), (refund.Status, refund.DueAt));
        Assert.Equal(booked.RefundTransactionNo, refund.RefundTransactionNo);
        Assert.Single(Arrivals(key));
    }

    [Fact]
    public async Task A_refund_that_never_arrived_stays_unconfirmed_wants_attention_and_is_never_sent_again()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "close" }, execute: false);
        var created = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/refunds", request));

        for (var hour = 0; hour < 48; hour++)
        {
            await stage.AdvanceAsync(TimeSpan.FromHours(1));
            await stage.ReconcileRefundsAsync();
            await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        }

        var refund = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/refunds/{Text(created, "id")}"));
        var wanting = await ServiceFixture.Answer(
            await stage.Api.GetAsync($"/v1/refunds?attention=notSeen&refundReference={key}"));
        Assert.Equal(
            ("unconfirmed", "unknown", "notSeen"),
            (Text(refund, "status"), Text(refund, "moneyMoved"), Text(refund, "attention")));
        Assert.True(refund.TryGetProperty("nextActionAt", out _), "Pockyt is still asked.");
        Assert.Single(wanting.GetProperty("data").EnumerateArray());
        Assert.Single(Arrivals(key));
        Assert.Empty(Booked(key));
    }

    [Fact]
    public async Task Parts_are_refunded_up_to_the_payment_and_no_further()
    {
        var reference = await stage.ReceiveAsync("10.00");

        string[] amounts = ["6.00", "5.00", "4.00", "0.01"];
        var statuses = new List<HttpStatusCode>();
        foreach (var amount in amounts)
        {
            var request = Example.Refund(stage.NewKey("refund"), reference, amount);
            statuses.Add((await stage.Api.PostAsJsonAsync("/v1/refunds", request)).StatusCode);
        }

        var paid = stage.Transactions.FindPayment(null, reference)!;
        Assert.Equal(
            [
                HttpStatusCode.Created, HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created,
                HttpStatusCode.UnprocessableEntity,
            ],
            statuses);
        Assert.Equal(
            10.00m,
            stage.Transactions.Refunds.Where(refund => refund.TransactionNo == paid.TransactionNo).Sum(r => r.Amount));
    }

    [Fact]
    public async Task A_refund_can_name_the_payment_by_pockyts_number()
    {
        var paid = stage.Transactions.FindPayment(null, await stage.ReceiveAsync())!;
        var request = Example.Refund(stage.NewKey("refund"), "");
        request.Remove("reference");
        request["transactionNo"] = paid.TransactionNo;

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var found =
            await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/refunds?transactionNo={paid.TransactionNo}"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(Text(await ServiceFixture.Answer(answer), "id"), Text(found.GetProperty("data")[0], "id"));
    }

    [Theory]
    [InlineData("pending", RefundStatus.Processing)]
    [InlineData("DEALING", RefundStatus.Processing)]
    [InlineData("init", RefundStatus.Processing)]
    [InlineData("failed", RefundStatus.Failed)]
    [InlineData("Fail", RefundStatus.Failed)]
    [InlineData("SUCCESS", RefundStatus.Succeeded)]
    public async Task The_status_word_decides(string word, RefundStatus status)
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "replace", members = new { status = word } });

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var refund = (await stage.RefundAsync(key))!;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal((status, status is RefundStatus.Processing), (refund.Status, refund.DueAt is not null));
    }

    [Fact]
    public async Task A_refund_under_way_is_asked_about_by_its_own_number_until_it_ends()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "replace", members = new { status = "pending" } });
        await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(5));

        // Had it been asked about by its reference, this would have struck.
        await FaultAsync("tranQuery", key, new { kind = "ret", code = "000021", message = "no record" });
        await stage.ReconcileRefundsAsync();

        Assert.Equal(RefundStatus.Succeeded, (await stage.RefundAsync(key))!.Status);
        await stage.Control.DeleteAsync("/simulator/faults");
    }

    [Theory]
    [InlineData("transactionType", "payment")]
    [InlineData("amount", "100.00")]
    [InlineData("currency", "EUR")]
    [InlineData("reference", "another")]
    public async Task A_question_answered_with_another_transaction_moves_nothing_and_wants_attention(
        string member, string value)
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "close" });
        await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        await FaultAsync(
            "tranQuery",
            key,
            new { kind = "replace", members = new Dictionary<string, string> { [member] = value } });
        await stage.AdvanceAsync(TimeSpan.FromSeconds(5));

        await stage.ReconcileRefundsAsync();

        var refund = (await stage.RefundAsync(key))!;
        Assert.Equal((RefundStatus.Unconfirmed, RefundAttention.Mismatch), (refund.Status, refund.Attention));
        Assert.NotNull(refund.DueAt);
    }

    [Theory]
    [InlineData("000020")]
    [InlineData("000023")]
    [InlineData("000030")]
    [InlineData("000040")]
    [InlineData("000000")]
    public async Task A_question_answered_by_an_error_teaches_nothing(string code)
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "close" });
        await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        await FaultAsync("tranQuery", key, new { kind = "ret", code, message = "data error" });
        await stage.AdvanceAsync(TimeSpan.FromSeconds(5));

        await stage.ReconcileRefundsAsync();

        var refund = (await stage.RefundAsync(key))!;
        Assert.Equal((RefundStatus.Unconfirmed, null, 2), (refund.Status, refund.Attention, refund.Version));
        Assert.True(refund.DueAt > stage.Clock.GetUtcNow(), "Pockyt is asked again, later.");
    }

    [Theory]
    [InlineData(true, RefundStatus.Succeeded)]
    [InlineData(false, RefundStatus.Unconfirmed)]
    public async Task A_refund_whose_caller_crashed_is_taken_up_when_its_lease_ends(bool sent, RefundStatus status)
    {
        var refund = await BeginAsync(await stage.ReceiveAsync());
        if (sent)
        {
            await stage.Get<IRefundGateway>().SendAsync(refund, CancellationToken.None);
        }

        await stage.ReconcileRefundsAsync();
        var during = (await stage.RefundAsync(refund.RefundReference))!;
        await stage.AdvanceAsync(stage.Rules.Lease);
        await stage.ReconcileRefundsAsync();

        var after = (await stage.RefundAsync(refund.RefundReference))!;
        Assert.Equal((RefundStatus.Submitting, 1), (during.Status, during.Version));
        Assert.Equal(status, after.Status);
        Assert.Equal(sent ? 1 : 0, Arrivals(refund.RefundReference).Count);
    }

    [Fact]
    public async Task A_refusal_that_comes_after_the_lease_frees_the_key_too()
    {
        var refund = await BeginAsync(await stage.ReceiveAsync());
        await stage.AdvanceAsync(stage.Rules.Lease);
        await stage.ReconcileRefundsAsync();

        var kept = await stage.Get<RefundStore>().RecordAsync(
            refund.Id, new RefundReport(RefundReportKind.Refused) { Code = "000023" }, Actor.ApiKey("test"));

        Assert.Null(kept);
        Assert.Null(await stage.RefundAsync(refund.RefundReference));
    }

    [Fact]
    public async Task A_refusal_of_a_refund_that_pockyt_has_shown_us_moves_nothing_and_wants_attention()
    {
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        var refund = (await stage.RefundAsync(key))!;

        await stage.Get<RefundStore>().RecordAsync(
            refund.Id, new RefundReport(RefundReportKind.Refused) { Code = "000023" }, Actor.ApiKey("test"));

        var kept = (await stage.RefundAsync(key))!;
        Assert.Equal((RefundStatus.Succeeded, RefundAttention.Mismatch), (kept.Status, kept.Attention));
    }

    [Fact]
    public async Task A_refund_number_that_another_refund_has_is_not_believed()
    {
        var first = stage.NewKey("refund");
        await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund(first, await stage.ReceiveAsync()));
        var refundTransactionNo = (await stage.RefundAsync(first))!.RefundTransactionNo;
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var key = (string)request["refundReference"]!;
        await FaultAsync("refund", key, new { kind = "replace", members = new { refundTransactionNo } });

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var refund = (await stage.RefundAsync(key))!;
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal((RefundStatus.Unconfirmed, RefundAttention.Mismatch), (refund.Status, refund.Attention));
    }

    [Theory]
    [InlineData("reader-key", "refunds:write")]
    [InlineData(null, null)]
    public async Task Without_the_scope_nothing_is_refunded(string? key, string? scope)
    {
        using var caller = stage.Client(key);
        var request = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());

        var answer = await caller.PostAsJsonAsync("/v1/refunds", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal(scope is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains(scope ?? "Bearer", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Empty(Arrivals((string)request["refundReference"]!));
    }

    [Fact]
    public async Task Another_merchants_refund_is_not_there()
    {
        using var other = stage.Client("other-key");
        var key = stage.NewKey("refund");
        var mine = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund(key, await stage.ReceiveAsync())));

        var answer = await other.GetAsync($"/v1/refunds/{Text(mine, "id")}");
        var list = await ServiceFixture.Answer(await other.GetAsync($"/v1/refunds?refundReference={key}"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("not-found", Text(await ServiceFixture.Answer(answer), "code"));
        Assert.Empty(list.GetProperty("data").EnumerateArray());
    }

    [Theory]
    [InlineData("reference", null, "reference")]
    [InlineData("transactionNo", "1", "transactionNo")]
    [InlineData("reference", "a&b=c", "reference")]
    [InlineData("refundReference", "a b", "refundReference")]
    [InlineData("amount", "0.001", "amount")]
    [InlineData("amount", "0.00", "amount")]
    [InlineData("amount", "-1.00", "amount")]
    [InlineData("currency", "usd", "currency")]
    [InlineData("settleCurrency", "nothing", "settleCurrency")]
    public async Task A_bad_request_is_refused_by_field_and_leaves_nothing(string member, string? value, string field)
    {
        var key = stage.NewKey("refund");
        var request = Example.Refund(key, await stage.ReceiveAsync());
        request[member] = value;

        var answer = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        Assert.Null(await stage.RefundAsync(key));
    }

    [Fact]
    public async Task A_list_of_refunds_goes_on_where_its_page_ended()
    {
        var paid = stage.Transactions.FindPayment(null, await stage.ReceiveAsync())!;
        for (var number = 0; number < 3; number++)
        {
            await stage.Api.PostAsJsonAsync(
                "/v1/refunds", Example.Refund(stage.NewKey("refund"), paid.Reference, "1.00"));
        }

        var list = $"/v1/refunds?transactionNo={paid.TransactionNo}&limit=2";
        var first = await ServiceFixture.Answer(await stage.Api.GetAsync(list));
        var second = await ServiceFixture.Answer(
            await stage.Api.GetAsync($"{list}&cursor={first.GetProperty("nextCursor").GetString()}"));

        Assert.Equal(2, first.GetProperty("data").GetArrayLength());
        Assert.Equal(1, second.GetProperty("data").GetArrayLength());
    }

    private static string? Text(JsonElement resource, string name) => resource.GetProperty(name).GetString();

    private List<BookedRefund> Booked(string refundReference) =>
        [.. stage.Transactions.Refunds.Where(refund => refund.RefundReference == refundReference)];

    private List<RefundArrival> Arrivals(string refundReference) =>
        [.. stage.Transactions.Arrivals.Where(arrival => arrival.RefundReference == refundReference)];

    /// <summary>What a caller's request does before it calls Pockyt.</summary>
    private async Task<Refund> BeginAsync(string reference)
    {
        var order = new RefundOrder
        {
            Merchant = "main",
            RefundReference = stage.NewKey("refund"),
            Reference = reference,
            AmountMinor = 1000,
            Currency = "USD",
            SettleCurrency = "USD",
            ApiKey = "dev",
            Content = [],
        };
        return ((BeginResult<Refund>.New)await stage.Get<RefundStore>().BeginAsync(order)).Row;
    }

    private async Task FaultAsync(string call, string key, object answer, bool execute = true)
    {
        var armed = await stage.Control.PostAsJsonAsync(
            "/simulator/faults", new { call, invoiceId = key, execute, answer });
        armed.EnsureSuccessStatusCode();
    }
}
