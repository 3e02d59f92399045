using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Support;
using PockytSimulator.Control;
using PockytSimulator.Payees;

namespace PayoutService.Tests.Pockyt;

/// <summary>Facts of Pockyt's: fees, times of payment, its own numbers, deposits, e-mails.</summary>
public sealed class ProviderFactsTests : IAsyncLifetime
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    private readonly ServiceFixture stage = new ServiceFixture().WithPockyt("TransactionFee", "14.00");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_fee_and_what_is_left_are_shown_once_Pockyt_said_a_fee()
    {
        var invoiceId = await stage.PayAsync("500.04");
        var before = await ShownAsync(invoiceId);

        await stage.DispatchAsync();
        var after = await ShownAsync(invoiceId);

        Assert.False(before.TryGetProperty("fee", out _) || before.TryGetProperty("net", out _));
        Assert.Equal(
            ("14.00", "486.04"), (after.GetProperty("fee").GetString(), after.GetProperty("net").GetString()));
    }

    [Theory]
    [InlineData("-1.00")]
    [InlineData("500.05")]
    [InlineData("0.001")]
    [InlineData("free")]
    public async Task A_fee_that_cannot_be_one_is_not_shown_and_changes_nothing_else(string fee)
    {
        var invoiceId = await stage.PayAsync("500.04");
        stage.Faults.Add(new FaultScript("pay", invoiceId, Answer: new FaultAnswer(
            "replace", Members: new JsonObject { ["transactionFee"] = fee })));

        await stage.DispatchAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Processing, null, null), (payout.Status, payout.FeeMinor, payout.Attention));
    }

    [Fact]
    public async Task A_time_of_payment_is_kept_and_is_no_reason_to_believe_a_payment()
    {
        var invoiceId = await stage.PayAsync("500.04");

        await stage.DispatchAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(30));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.NotNull(payout.PaymentTime);
        Assert.Equal((PayoutStatus.Processing, MoneyMoved.InFlight), (payout.Status, payout.MoneyMoved));
    }

    [Fact]
    public async Task What_is_not_known_by_its_invoice_is_asked_about_by_Pockyts_own_number()
    {
        var invoiceId = await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        NotSeen(invoiceId);

        await stage.RunAsync(TimeSpan.FromHours(1));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((MoneyMoved.Yes, Source.Inquiry), (payout.MoneyMoved, payout.ConfirmedBy));
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    [Fact]
    public async Task Not_being_known_by_either_opens_no_gate()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        NotSeen(invoiceId);
        stage.Faults.Add(new FaultScript("inquiry", Times: 0, Answer: NoRecord()));

        await stage.RunAsync(TimeSpan.FromDays(2));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal(1, payout.SendCount);
        Assert.NotEqual(PayoutStatus.Failed, payout.Status);
    }

    [Fact]
    public async Task Two_answers_that_differ_call_for_a_human_and_move_nothing()
    {
        var invoiceId = await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(5));
        stage.Faults.Add(new FaultScript("inquiry", invoiceId, Times: 0, Answer: new FaultAnswer(
            "replace", Members: new JsonObject { ["status"] = "failed" })));

        await stage.RunAsync(TimeSpan.FromDays(3));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, Attention.Contradiction), (payout.Status, payout.Attention));
        var report = await stage.Get<IPayoutGateway>().InquireAsync(payout, CancellationToken.None);
        Assert.Equal("invoiceId and transactionNo are answered differently", report.Mismatch);
    }

    [Fact]
    public async Task A_deposit_has_what_waits_for_the_balance_sent_at_once()
    {
        await SetBalanceAsync(0);
        var invoiceId = await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        await SetBalanceAsync(1_000);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(20));

        var told = await NotifyAsync(sign: true);
        await stage.ReconcileAsync();
        await stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.OK, "success"), (told.StatusCode, await told.Content.ReadAsStringAsync()));

        // Its notice may have come already.
        var status = (await stage.PayoutAsync(invoiceId)).Status;
        Assert.True(status is PayoutStatus.Processing or PayoutStatus.Succeeded, $"{status}");
    }

    [Fact]
    public async Task A_deposit_is_believed_in_nothing()
    {
        await SetBalanceAsync(0);
        var invoiceId = await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(20));

        var signed = await NotifyAsync(sign: true);
        var forged = await NotifyAsync(sign: false);
        var elsewhere = await stage.Api.PostAsJsonAsync("/webhooks/pockyt/main/deposits/guessed", Deposit(sign: true));
        await stage.ReconcileAsync();
        await stage.DispatchAsync();

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound),
            (signed.StatusCode, forged.StatusCode, elsewhere.StatusCode));
        Assert.Equal(PayoutStatus.Held, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task The_address_for_deposits_is_shown_to_operators_only()
    {
        var shown = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/sending"));
        var hidden = await ServiceFixture.Answer(await stage.Client("reader-key").GetAsync("/v1/sending"));

        Assert.Equal(
            stage.Get<NoticeAddress>().OfDeposits("main"), shown.GetProperty("depositNotifications").GetString());
        Assert.False(hidden.TryGetProperty("depositNotifications", out _));
    }

    [Fact]
    public async Task A_payee_whose_registration_was_not_answered_is_found_by_its_email()
    {
        var request = Example.Payee("lost-code");
        stage.Faults.Add(new FaultScript("register", Answer: new FaultAnswer("close")));
        var first = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        stage.Faults.Add(new FaultScript("retrieve", Answer: NoRecord()));

        var again = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Equal("active", (await ServiceFixture.Answer(again)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_email_of_another_payee_is_refused_by_its_name()
    {
        var taken = Example.Payee("first-of-two");
        var second = Example.Payee("second-of-two");
        second["email"] = taken["email"];
        await stage.Api.PostAsJsonAsync("/v1/payees", taken);

        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", second);
        var changed = await stage.Api.PatchAsJsonAsync(
            $"/v1/payees/{stage.PayeeId}", new { email = taken["email"] });

        foreach (var answer in new[] { refused, changed })
        {
            var problem = await ServiceFixture.Answer(answer);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Equal("email-in-use", problem.GetProperty("code").GetString());
            Assert.True(problem.GetProperty("errors").TryGetProperty("email", out _));
        }
    }

    [Fact]
    public async Task A_business_has_a_company_and_a_person_has_none()
    {
        var business = Example.Payee("a-business");
        (business["profileType"], business["company"]) = ("BUSINESS", "Analytical Engines Ltd");
        var person = Example.Payee("a-person");
        person["company"] = "Analytical Engines Ltd";

        var registered = await stage.Api.PostAsJsonAsync("/v1/payees", business);
        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", person);

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.BadRequest), (registered.StatusCode, refused.StatusCode));
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty("company", out _));
        Assert.Equal("Analytical Engines Ltd", AtPockyt("a-business")["company"]);
    }

    [Fact]
    public async Task Denied_access_names_the_three_usual_reasons()
    {
        var invoiceId = await stage.PayAsync();
        stage.Faults.Add(new FaultScript("pay", invoiceId, Execute: false, Answer: new FaultAnswer(
            "ret", Code: "000030", Message: "access denied")));

        await stage.DispatchAsync();

        var shown = await stage.Api.GetStringAsync($"/v1/payouts/{(await ShownAsync(invoiceId)).GetProperty("id")}");
        string[] reasons = ["token", "IP list", "no right"];
        Assert.All(reasons, reason => Assert.Contains(reason, shown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http", null, "not JSON")]
    [InlineData("ret", "000999", "ret_code")]
    public async Task What_Pockyts_documents_do_not_know_is_an_operators_note(string kind, string? code, string said)
    {
        var invoiceId = await stage.PayAsync();
        stage.Faults.Add(new FaultScript("pay", invoiceId, Answer: new FaultAnswer(
            kind, Status: code is null ? 200 : null, Body: code is null ? "<html></html>" : null, Code: code)));

        await stage.DispatchAsync();

        Assert.Contains(said, await NotesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notification_that_no_token_of_ours_signed_is_an_operators_note()
    {
        var before = await NotesAsync();
        await NotifyAsync(sign: false);

        Assert.DoesNotContain("token of another environment", before, StringComparison.Ordinal);
        Assert.Contains("token of another environment", await NotesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_Pockyt_cannot_be_reached_every_call_to_it_is_answered_alike()
    {
        await stage.Wire.ShutAsync();
        HttpResponseMessage[] answers =
        [
            await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("away")),
            await stage.Api.PatchAsJsonAsync($"/v1/payees/{stage.PayeeId}", new { city = "Newtown" }),
            await stage.Api.PostAsync($"/v1/payees/{stage.PayeeId}/refresh", null),
            await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", Example.Account("away")),
            await stage.Api.DeleteAsync($"/v1/payees/{stage.PayeeId}/accounts/{stage.AccountId}"),
            await stage.Api.GetAsync("/v1/balances?currency=USD"),
            await stage.Api.GetAsync("/v1/account-requirements?country=GB&currency=GBP&accountType=BANK_ACCOUNT"),
            await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund("away", "order-1")),
        ];
        var notes = await NotesAsync();
        stage.Wire.Open();
        var after = await stage.Api.GetAsync("/v1/payees?customerCode=away");

        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("provider-unreachable", (await ServiceFixture.Answer(answer)).GetProperty("code").GetString());
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        Assert.Contains("Pockyt does not answer since", notes, StringComparison.Ordinal);
        Assert.Empty((await ServiceFixture.Answer(after)).GetProperty("data").EnumerateArray());
    }

    private static FaultAnswer NoRecord() => new("ret", Code: "000021", Message: "no record");

    private void NotSeen(string invoiceId) =>
        stage.Faults.Add(new FaultScript("inquiry", invoiceId, Times: 0, Answer: NoRecord()));

    private Payee AtPockyt(string customerCode) =>
        stage.OfPockyt<PayeeRegistry>().All.Single(payee => payee["customerCode"] == customerCode);

    private Task SetBalanceAsync(decimal amount) =>
        stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount });

    private async Task<JsonElement> ShownAsync(string invoiceId) => (await ServiceFixture.Answer(
        await stage.Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"))).GetProperty("data")[0];

    private Task<string> NotesAsync() => stage.Api.GetStringAsync("/health/ready");

    private Task<HttpResponseMessage> NotifyAsync(bool sign) =>
        stage.Api.PostAsJsonAsync(stage.Get<NoticeAddress>().OfDeposits("main"), Deposit(sign));

    private static Dictionary<string, string?> Deposit(bool sign)
    {
        Dictionary<string, string?> members = new()
        {
            ["event"] = "deposit.received",
            ["amount"] = "1000000.00",
            ["currency"] = "USD",
        };
        members["verifySign"] = VerifySign.Of(members, sign ? Token : "another-token");
        return members;
    }
}
