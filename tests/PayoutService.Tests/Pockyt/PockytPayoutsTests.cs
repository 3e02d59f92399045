using PayoutService.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.PayoutStatus;

namespace PayoutService.Tests.Pockyt;

/// <summary>Sending and asking over real sockets: what each answer, and each way of not answering,
/// leaves behind.</summary>
public sealed class PockytPayoutsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("000010", "version", Failed, null)]
    [InlineData("000020", "missing invoiceId", Failed, null)]
    [InlineData("000021", "no record", Failed, null)]
    [InlineData("000022", "do not match", Failed, null)]
    [InlineData("000023", "bad format", Failed, null)]
    [InlineData("000023", "Duplicate request error", Unconfirmed, null)]
    [InlineData("000023", "bad timestamp", Unconfirmed, null)]
    [InlineData("000022", "DUPLICATE", Unconfirmed, null)]
    [InlineData("000030", "no rights", Held, HoldReason.Access)]
    [InlineData("000000", "data error : verifySign", Held, HoldReason.Access)]
    [InlineData("000040", "balance", Held, HoldReason.Balance)]
    [InlineData("000000", "system error", Unconfirmed, null)]
    [InlineData("000080", "supplier", Unconfirmed, null)]
    [InlineData("999999", "new", Unconfirmed, null)]
    [InlineData("", "empty", Unconfirmed, null)]
    public async Task A_send_answered_by_a_code_leaves_the_payout(
        string code, string message, PayoutStatus status, HoldReason? reason)
    {
        var invoiceId = await stage.PayAsync();
        Fault(invoiceId, new { kind = "ret", code, message }, execute: false);

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        await stage.Sending.ResumeAsync("main", Actor.ApiKey("test"));
        await stage.Store.CancelAsync("main", payout.Id, null, Actor.ApiKey("test"));
        Assert.Equal((status, reason), (payout.Status, payout.HoldReason));
        Assert.Equal(1, payout.SendCount);
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    public static TheoryData<string, object> Broken => new()
    {
        { "nothing comes", new { kind = "hang" } },
        { "the connection closes", new { kind = "close" } },
        { "500", new { kind = "http", status = 500, contentType = "text/html", body = "<h1>Oops</h1>" } },
        { "502", new { kind = "http", status = 502, contentType = "text/html", body = "<h1>Bad gateway</h1>" } },
        { "408", new { kind = "http", status = 408, contentType = "text/plain", body = "" } },
        { "429", new { kind = "http", status = 429, contentType = "text/plain", body = "" } },
        { "503", new { kind = "http", status = 503, contentType = "text/plain", body = "" } },
        { "504", new { kind = "http", status = 504, contentType = "text/plain", body = "" } },
        { "429 with a refusal", new { kind = "ret", status = 429, code = "000030", message = "no rights" } },
        { "500 with a refusal", new { kind = "ret", status = 500, code = "000023", message = "bad format" } },
        { "503 with too low a balance", new { kind = "ret", status = 503, code = "000040", message = "balance" } },
        {
            "200 as HTML",
            new { kind = "http", status = 200, contentType = "text/html", body = "<h1>Maintenance</h1>" }
        },
        { "cut at once", new { kind = "cut", bytes = 0 } },
        { "cut in the middle", new { kind = "cut", bytes = 40 } },
        { "one byte a second", new { kind = "drip", bytesPerSecond = 1 } },
        { "a redirect", new { kind = "redirect", status = 307, location = "http://127.0.0.1:1/elsewhere" } },
        { "far too much", new { kind = "oversize", bytes = 300_000 } },
        {
            "half a character",
            new
            {
                kind = "http",
                status = 200,
                contentType = "application/json",
                body = "{\"ret_code\":\"000023\",\"ret_msg\":\"\\ud800\"}",
            }
        },
        { "no result", new { kind = "replace", remove = new[] { "result" } } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task However_the_answer_breaks_the_payout_is_unconfirmed_and_asking_finds_it(string how, object answer)
    {
        Assert.NotEmpty(how);
        var invoiceId = await stage.PayAsync("500.04");
        Fault(invoiceId, answer);

        await stage.DispatchAsync();
        var afterSend = await stage.PayoutAsync(invoiceId);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await stage.ReconcileAsync();

        Assert.Equal(Unconfirmed, afterSend.Status);
        Assert.Equal(Processing, (await stage.PayoutAsync(invoiceId)).Status);
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData("invoiceId", "another")]
    [InlineData("amount", "500.01")]
    [InlineData("amount", "5.0004e2")]
    [InlineData("currency", "EUR")]
    [InlineData("accountToken", "2010000000000000000001")]
    public async Task An_answer_that_echoes_something_else_is_not_believed_and_wants_attention(
        string member, string value)
    {
        var invoiceId = await stage.PayAsync("500.04");
        Fault(invoiceId, new { kind = "replace", members = new Dictionary<string, string> { [member] = value } });

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((Unconfirmed, Attention.Mismatch), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData("amount", "500.040")]
    [InlineData("status", "PENDING")]
    [InlineData("status", "unclaimed")]
    public async Task An_answer_that_says_the_same_in_another_spelling_is_believed(string member, string value)
    {
        var invoiceId = await stage.PayAsync("500.04");
        Fault(invoiceId, new { kind = "replace", members = new Dictionary<string, string> { [member] = value } });

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((Processing, null), (payout.Status, payout.Attention));
    }

    [Fact]
    public async Task A_message_that_cannot_be_kept_as_it_is_does_not_keep_the_answer_from_being_kept()
    {
        var invoiceId = await stage.PayAsync();
        var message = $"bad\0 format {new string('x', 199)}\ud83d\ude00{new string('y', 5000)}";
        Fault(invoiceId, new { kind = "ret", code = "000023", message }, execute: false);

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal(Failed, payout.Status);
        Assert.Equal(200, payout.ProviderMessage!.EnumerateRunes().Count());
    }

    [Fact]
    public async Task A_status_word_we_do_not_know_means_pockyt_has_it_and_somebody_must_look()
    {
        var invoiceId = await stage.PayAsync("500.04");
        Fault(
            invoiceId,
            new { kind = "replace", members = new Dictionary<string, string> { ["status"] = "teleported" } });

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((Processing, Attention.Mismatch), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData("000020")]
    [InlineData("000022")]
    [InlineData("000023")]
    [InlineData("000030")]
    [InlineData("000040")]
    [InlineData("000000")]
    [InlineData("000010")]
    [InlineData("000080")]
    public async Task A_question_answered_by_an_error_teaches_nothing(string code)
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var before = await stage.PayoutAsync(invoiceId);
        Fault(invoiceId, new { kind = "ret", code, message = "data error" }, call: "inquiry");
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        await stage.ReconcileAsync();

        var after = await stage.PayoutAsync(invoiceId);
        Assert.Equal((Processing, before.Version), (after.Status, after.Version));
        Assert.True(after.DueAt > stage.Clock.GetUtcNow(), "Pockyt is asked again, later.");
    }

    [Fact]
    public async Task A_question_answered_with_another_payout_wants_attention_and_moves_nothing()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        Fault(
            invoiceId,
            new
            {
                kind = "replace",
                members = new Dictionary<string, string> { ["amount"] = "1.00", ["status"] = "success" },
            },
            call: "inquiry");
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        await stage.ReconcileAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((Processing, Attention.Mismatch), (payout.Status, payout.Attention));
    }

    private void Fault(string invoiceId, object answer, string call = "pay", bool execute = true)
    {
        var answered = stage.Control.PostAsync(
            "/simulator/faults",
            System.Net.Http.Json.JsonContent.Create(new { call, invoiceId, execute, answer })).GetAwaiter().GetResult();
        answered.EnsureSuccessStatusCode();
    }
}
