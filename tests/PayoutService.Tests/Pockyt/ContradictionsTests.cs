using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Refunds;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Tests.Pockyt;

/// <summary>Where Pockyt's documents contradict each other, and what we make of it: one test each, in the order of
/// the table in docs/pockyt.md.</summary>
public sealed class ContradictionsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>, IAsyncLifetime
{
    private static readonly DateTimeOffset Now = PayoutBuilder.LeaseEnd;

    private ScriptedPockyt pockyt = null!;

    public async Task InitializeAsync() => pockyt = await ScriptedPockyt.StartAsync();

    public async Task DisposeAsync() => await pockyt.DisposeAsync();

    [Fact]
    public async Task A_payee_is_registered_at_its_own_address_and_not_at_the_bank_accounts()
    {
        await pockyt.Payees.RegisterAsync("acme", ScriptedPockyt.Profile, CancellationToken.None);

        Assert.Equal("/v3/payee/register", Assert.Single(pockyt.Calls).Path);
    }

    [Theory]
    [InlineData("CRYPTO", "/v3/payee/account/create/crypto")]
    [InlineData("BANK_ACCOUNT", "/v3/payee/account/create/bank-account")]
    public async Task A_wallet_is_added_at_the_address_of_wallets_and_not_of_bank_accounts(string type, string path)
    {
        await pockyt.AddAccountAsync(type);

        Assert.Equal(path, Assert.Single(pockyt.Calls).Path);
    }

    [Fact]
    public async Task Accounts_are_listed_at_the_address_below_payee()
    {
        await pockyt.Payees.ListAccountsAsync(ScriptedPockyt.Payee(), CancellationToken.None);

        Assert.Equal("/v3/payee/payout-accounts", Assert.Single(pockyt.Calls).Path);
    }

    [Theory]
    [InlineData("2000305228303182610217", null)]
    [InlineData("2000292319592008292319", "customerNo differ from our row")]
    public async Task An_answer_is_held_against_what_we_sent_and_not_against_a_sample(
        string customerNo, string? mismatch)
    {
        pockyt.Answer = Paid().Replace("2000305228303182610217", customerNo, StringComparison.Ordinal);

        var report = await SendAsync(PayoutBuilder.Submitting());

        Assert.Equal(mismatch, report.Mismatch);
        Assert.Equal("2000305228303182610217", Assert.Single(pockyt.Calls).Members["customerNo"]);
    }

    [Fact]
    public async Task A_note_is_sent_and_signed_word_for_word()
    {
        await SendAsync(Submitting(new Money(1234, "USD"), note: "Payouts, Thanks"));

        var sent = Assert.Single(pockyt.Calls).Members;
        Assert.Equal("Payouts, Thanks", sent["note"]);
        Assert.True(VerifySign.Verifies(sent!, ScriptedPockyt.Token, sent[VerifySign.Member]));
    }

    [Theory]
    [InlineData("1999-01-01T00:00:00Z")]
    [InlineData("2999-01-01T00:00:00Z")]
    public async Task The_time_in_an_answer_or_a_notice_is_no_gate(string time)
    {
        pockyt.Answer = Paid().Replace("2025-01-02T03:04:06Z", time, StringComparison.Ordinal);

        var reply = await SendAsync(PayoutBuilder.Submitting());
        var notice = PayoutTranslation.OfNotice(Notice(("paymentTime", time)), PayoutBuilder.Submitting());

        Assert.Equal((Acknowledged, Settled), (reply.Kind, notice.Kind));
    }

    [Theory]
    [InlineData("\"12.34\"")]
    [InlineData("\"12.340\"")]
    [InlineData("12.34")]
    [InlineData("12.340")]
    public async Task An_amount_is_read_from_text_and_from_a_number_and_compared_as_a_number(string amount)
    {
        pockyt.Answer = Paid().Replace("\"12.34\"", amount, StringComparison.Ordinal);
        var reply = await SendAsync(PayoutBuilder.Submitting());
        pockyt.Answer = $$"""{"ret_code":"000100","balance":[{"amount":{{amount}},"currency":"USD"}]}""";
        var balances = await pockyt.Payouts.BalancesAsync("acme", "USD", CancellationToken.None);

        Assert.Equal((Acknowledged, null), (reply.Kind, reply.Mismatch));
        Assert.Equal([new Money(1234, "USD")], balances);
    }

    [Theory]
    [InlineData("USD", 50000, "500.00")]
    [InlineData("CNY", 1, "0.01")]
    [InlineData("KRW", 500, "500")]
    [InlineData("IDR", 50000, "500.00")]
    [InlineData("USDC", 500_000_000, "500.00")]
    public async Task An_amount_is_sent_as_text_with_exactly_the_currencys_decimals(
        string currency, long minor, string amount)
    {
        await SendAsync(Submitting(new Money(minor, currency)));

        Assert.Equal(amount, Assert.Single(pockyt.Calls).Members["amount"]);
    }

    [Theory]
    [InlineData("payeeStatus", "Activated")]
    [InlineData("status", "ACTIVE")]
    [InlineData("payeeStatus", "ACTIVATED")]
    public async Task An_active_payee_is_active_under_each_name_and_word_for_it(string member, string word)
    {
        pockyt.Answer = $$"""
            {"ret_code":"000100","customer":{"customerNo":"2000305228303182610217","{{member}}":"{{word}}"} }
            """;

        var answer = await pockyt.Payees.FindAsync(ScriptedPockyt.Payee(), CancellationToken.None);

        var told = Assert.IsType<ProviderAnswer<ProviderPayee>.Done>(answer).Told;
        Assert.Equal((PayeeStatus.Active, word), (told.Status, told.StatusWord));
    }

    [Theory]
    [InlineData("accountStatus", "ACTIVATED")]
    [InlineData("status", "activated")]
    public async Task An_active_account_is_active_under_each_name_and_word_for_it(string member, string word)
    {
        pockyt.Answer = $$"""
            {"ret_code":"000100","accounts":[{"accountToken":"2010305228303182765718","{{member}}":"{{word}}"}]}
            """;

        var answer = await pockyt.Payees.ListAccountsAsync(ScriptedPockyt.Payee(), CancellationToken.None);

        var told = Assert.IsType<ProviderAnswer<ProviderAccounts>.Done>(answer).Told;
        Assert.Equal(AccountStatus.Active, Assert.Single(told.All).Status);
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("PROCESSING")]
    public async Task A_payout_that_begins_as_pending_or_as_processing_is_processing(string word)
    {
        pockyt.Answer = Paid(word);
        var payout = PayoutBuilder.Submitting();

        payout.Hear(await SendAsync(payout), PayoutBuilder.Start);

        Assert.Equal((PayoutStatus.Processing, word), (payout.Status, payout.ProviderStatus));
        Assert.Null(payout.Attention);
    }

    [Theory]
    [InlineData("PENDING")]
    [InlineData("PROCESSING")]
    [InlineData("onhold")]
    [InlineData("unclaimed")]
    public void A_notice_that_is_not_final_is_believed_and_ends_nothing(string word)
    {
        var payout = PayoutBuilder.Of(PayoutStatus.Unconfirmed);

        payout.Hear(PayoutTranslation.OfNotice(Notice(("status", word)), payout), Now);

        Assert.Equal((PayoutStatus.Processing, word), (payout.Status, payout.ProviderStatus));
    }

    [Theory]
    [InlineData("returned")]
    [InlineData("refunded")]
    [InlineData("reversed")]
    public void Money_that_came_back_is_returned_whatever_it_is_called_and_the_word_is_kept(string word)
    {
        var payout = PayoutBuilder.Of(PayoutStatus.Processing);

        payout.Hear(PayoutTranslation.OfNotice(Notice(("status", word)), payout), Now);

        Assert.Equal((PayoutStatus.Returned, word), (payout.Status, payout.ProviderStatus));
    }

    [Theory]
    [InlineData("000020", "amount is required")]
    [InlineData("000023", "bad format")]
    public async Task That_no_money_was_taken_is_not_believed_from_an_error_code_alone(string code, string message)
    {
        pockyt.Answer = Ret(code, message);
        var payout = PayoutBuilder.Submitting();

        payout.Hear(await SendAsync(payout), PayoutBuilder.Start);

        Assert.Equal((PayoutStatus.Failed, null), (payout.Status, payout.ConfirmedBy));
        Assert.Equal((MoneyMoved.Unknown, false), (payout.MoneyMoved, payout.MayBeReplaced));
        Assert.NotNull(payout.DueAt);
    }

    [Fact]
    public async Task Code_000040_is_the_balance_for_a_payout_and_the_payments_status_for_a_refund()
    {
        pockyt.Answer = Ret("000040", "transaction status error");

        var payout = await SendAsync(PayoutBuilder.Submitting());
        var refund = RefundTranslation.OfRefund(
            new PockytAnswer.Said("000040", "transaction status error", default), ScriptedPockyt.Refund());

        Assert.Equal((Postponed, HoldReason.Balance), (payout.Kind, payout.HoldReason));
        Assert.Equal(RefundReportKind.Refused, refund.Kind);
    }

    [Theory]
    [InlineData("data error : verifySign", Postponed)]
    [InlineData("data error : merchantNo", Postponed)]
    [InlineData("system error", Unclear)]
    [InlineData("", Unclear)]
    internal async Task Code_000000_is_a_wrong_request_or_an_outage_as_its_message_says(
        string message, ReportKind kind)
    {
        pockyt.Answer = Ret("000000", message);

        var report = await SendAsync(PayoutBuilder.Submitting());

        Assert.Equal(kind, report.Kind);
    }

    [Theory]
    [InlineData("""{"ret_code":"000023","ret_msg":"bad format "}""")]
    [InlineData("""{"ret_code":"000023","retMsg":"bad format"}""")]
    [InlineData("""{"status":200,"resultBody":{"ret_code":"000023","ret_msg":"bad format"}}""")]
    [InlineData("""{"status":400,"resultBody":{"ret_code":"000023","retMsg":"bad format"}}""")]
    public async Task An_error_is_read_in_either_spelling_bare_or_wrapped_with_200_or_400(string answer)
    {
        pockyt.Answer = answer;

        foreach (var status in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.BadRequest])
        {
            pockyt.Status = status;
            var report = await SendAsync(PayoutBuilder.Submitting());

            Assert.Equal((Refused, "000023", "bad format"), (report.Kind, report.Code, report.Message));
        }
    }

    [Fact]
    public void A_notice_is_the_same_as_JSON_and_as_a_form()
    {
        var json = Notice();
        var form = NoticeBody.Parse(Encoding.UTF8.GetBytes(string.Join(
            '&', NoticeMembers().Select(member => $"{member.Key}={Uri.EscapeDataString(member.Value!)}"))))!;

        Assert.Equal(json.SignedText, form.SignedText);
        Assert.True(form.IsSignedWith(ScriptedPockyt.Token));
        Assert.Equal(
            PayoutTranslation.OfNotice(json, PayoutBuilder.Submitting()),
            PayoutTranslation.OfNotice(form, PayoutBuilder.Submitting()));
    }

    [Fact]
    public async Task An_empty_value_is_neither_sent_nor_signed()
    {
        var profile = ScriptedPockyt.Profile with { Street2 = "", Lang = null };

        await pockyt.Payees.RegisterAsync("acme", profile, CancellationToken.None);

        var sent = Assert.Single(pockyt.Calls).Members;
        Assert.DoesNotContain("street2", sent.Keys);
        Assert.DoesNotContain("lang", sent.Keys);
        Assert.DoesNotContain("", sent.Values);
        Assert.True(VerifySign.Verifies(sent!, ScriptedPockyt.Token, sent[VerifySign.Member]));
    }

    [Fact]
    public async Task What_one_page_calls_optional_and_another_mandatory_is_always_sent()
    {
        await SendAsync(PayoutBuilder.Submitting());
        await AskAsync();
        await pockyt.Payees.RegisterAsync("acme", ScriptedPockyt.Profile, CancellationToken.None);

        string[][] needed =
            [["invoiceId", "ipnUrl", "timestamp"], ["timestamp"], ["phone", "customerCode", "timestamp"]];
        Assert.Equal(3, pockyt.Calls.Count);
        Assert.All(pockyt.Calls.Zip(needed), call => Assert.Empty(call.Second.Except(call.First.Members.Keys)));
    }

    [Theory]
    [InlineData(404, """<h1>Not Found</h1>""")]
    [InlineData(404, """{"status":404,"error":"Not Found","path":"/v3/payouts/inquiry"}""")]
    [InlineData(200, """{"ret_code":"000010","ret_msg":"version"}""")]
    [InlineData(200, """{"ret_code":"000030","ret_msg":"no rights"}""")]
    [InlineData(400, """{"ret_code":"000000","retMsg":"data error : verifySign"}""")]
    public async Task An_inquiry_can_be_moved_and_an_error_there_never_means_that_nothing_was_paid(
        int status, string answer)
    {
        pockyt.Options.InquiryPath = "/v9/payouts/details";
        pockyt.Status = (HttpStatusCode)status;
        pockyt.Answer = answer;

        var report = await AskAsync();

        Assert.Equal(Unclear, report.Kind);
        Assert.Equal("/v9/payouts/details", Assert.Single(pockyt.Calls).Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SAME_DAY_ACH")]
    public async Task A_processing_channel_is_sent_only_when_the_caller_chose_one(string? channel)
    {
        await SendAsync(Submitting(new Money(1234, "USD"), channel: channel));

        Assert.Equal(channel, Assert.Single(pockyt.Calls).Members.GetValueOrDefault("processingChannel"));
    }

    [Fact]
    public async Task A_payout_whose_notices_are_all_lost_is_known_from_asking()
    {
        var invoiceId = await stage.PayAsync();
        await FaultAsync(new { call = "notice", invoiceId, times = 0, answer = new { kind = "drop" } });

        await stage.RunAsync(TimeSpan.FromMinutes(10));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, Source.Inquiry), (payout.Status, payout.ConfirmedBy));
        Assert.Empty(await stage.NoticesAsync(invoiceId));
    }

    [Fact]
    public async Task A_duplicate_means_that_an_earlier_one_may_exist_and_asking_finds_it_and_its_number()
    {
        var invoiceId = await stage.PayAsync("500.04");
        var answer = new { kind = "ret", code = "000023", message = "Duplicate request error" };
        await FaultAsync(new { call = "pay", invoiceId, answer });

        await stage.DispatchAsync();
        var before = await stage.PayoutAsync(invoiceId);
        await stage.RunAsync(TimeSpan.FromMinutes(10));

        var after = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, PayoutStatus.Processing), (before.Status, after.Status));
        Assert.Equal(Assert.Single(stage.Book.PayoutsOf(invoiceId)).TransactionNo, after.TransactionNo);
        Assert.NotNull(Assert.Single(stage.Book.ArrivalsOf(invoiceId)).RequestId);
    }

    [Fact]
    public async Task No_client_address_is_sent_in_any_spelling()
    {
        await pockyt.AddAccountAsync("BANK_ACCOUNT");

        Assert.DoesNotContain("clientIp", Assert.Single(pockyt.Calls).Members.Keys);
    }

    [Fact]
    public async Task The_countrys_name_goes_as_it_was_given_beside_its_code()
    {
        await pockyt.Payees.RegisterAsync("acme", ScriptedPockyt.Profile, CancellationToken.None);

        var sent = Assert.Single(pockyt.Calls).Members;
        Assert.Equal(("US", "United States of America"), (sent["countryCode"], sent["country"]));
    }

    private Task<Report> SendAsync(Payout payout) => pockyt.Payouts.SendAsync(payout, CancellationToken.None);

    private Task<Report> AskAsync() =>
        pockyt.Payouts.InquireAsync(PayoutBuilder.Unconfirmed(), CancellationToken.None);

    private async Task FaultAsync(object fault)
    {
        var answered = await stage.Control.PostAsJsonAsync("/simulator/faults", fault);
        answered.EnsureSuccessStatusCode();
    }

    private static Payout Submitting(Money amount, string? note = null, string? channel = null)
    {
        var order = new PayoutOrder
        {
            Merchant = "acme",
            InvoiceId = "inv-0001",
            AccountId = Guid.Parse("0199b000-0000-7000-8000-000000000002"),
            Amount = amount,
            Note = note,
            ProcessingChannel = channel,
            ApiKey = "billing",
            Owner = "billing",
            Content = [],
        };
        var paidTo = new PaidTo(
            Guid.Parse("0199b000-0000-7000-8000-000000000003"), "2000305228303182610217", "2010305228303182765718");
        var payout = Payout.Accept(
            order, paidTo, Guid.Parse("0199b000-0000-7000-8000-000000000004"), PayoutBuilder.Start).Payout;
        payout.ClaimForSending(PayoutBuilder.Start);
        return payout;
    }

    private static string Ret(string code, string message) =>
        $$"""{"ret_code":"{{code}}","ret_msg":"{{message}}"}""";

    /// <summary>The answer to a send, as Pockyt's documents show it, about the payout of these tests.</summary>
    private static string Paid(string status = "pending") => $$"""
        {
          "result": {
            "amount": "12.34", "transactionNo": "305588797074336092", "createdTime": "2025-01-02T03:04:06Z",
            "invoiceId": "inv-0001", "currency": "USD", "accountToken": "2010305228303182765718",
            "customerNo": "2000305228303182610217", "status": "{{status}}"
          },
          "ret_msg": "succeeded", "ret_code": "000100"
        }
        """;

    private static NoticeBody Notice(params (string Name, string Value)[] changes) =>
        NoticeBody.Parse(JsonSerializer.SerializeToUtf8Bytes(NoticeMembers(changes)))!;

    private static Dictionary<string, string?> NoticeMembers(params (string Name, string Value)[] changes)
    {
        var members = new Dictionary<string, string?>
        {
            ["accountToken"] = "2010305228303182765718",
            ["amount"] = "12.34",
            ["currency"] = "USD",
            ["invoiceId"] = "inv-0001",
            ["paymentTime"] = "2025-01-02T03:10:00Z",
            ["status"] = "success",
            ["transactionNo"] = "305588797074336092",
            ["vendor"] = "BANK_ACCOUNT",
        };
        foreach (var (name, value) in changes)
        {
            members[name] = value;
        }

        members[VerifySign.Member] = VerifySign.Of(members, ScriptedPockyt.Token);
        return members;
    }
}
