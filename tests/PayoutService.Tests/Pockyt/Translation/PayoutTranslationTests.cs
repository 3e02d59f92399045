using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Tests.Pockyt.Translation;

public sealed class PayoutTranslationTests
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    private static readonly DateTimeOffset AskedAt = PayoutBuilder.LeaseEnd;

    /// <summary>Every status word seen anywhere in Pockyt's documents.</summary>
    internal static readonly Dictionary<string, ReportKind> Words = new()
    {
        ["pending"] = Acknowledged,
        ["processing"] = Acknowledged,
        ["onhold"] = Acknowledged,
        ["unclaimed"] = Acknowledged,
        ["success"] = Settled,
        ["completed"] = Settled,
        ["failed"] = Refused,
        ["fail"] = Refused,
        ["blocked"] = Acknowledged,
        ["returned"] = Reversed,
        ["refunded"] = Reversed,
        ["reversed"] = Reversed,
    };

    public static TheoryData<string, string> Spellings
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var (word, kind) in Words)
            {
                rows.Add(word, kind.ToString());
                rows.Add(word.ToUpperInvariant(), kind.ToString());
                rows.Add(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word), kind.ToString());
                rows.Add($" {word} ", kind.ToString());
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_status_word_means_the_same_in_every_letter_case_and_from_everyone(string word, string report)
    {
        var payout = PayoutBuilder.Submitting();

        var reply = PayoutTranslation.OfPay(Success(("status", word)), payout);
        var answer = PayoutTranslation.OfInquiry(Success(("status", word)), payout, AskedAt, resendAllowed: true);
        var notice = PayoutTranslation.OfNotice(Notice(("status", word)), payout);

        Assert.Equal((report, report, report), ($"{reply.Kind}", $"{answer.Kind}", $"{notice.Kind}"));
        Assert.All([reply, answer, notice], told => Assert.Null(told.Mismatch));
        Assert.All([reply, answer, notice], told => Assert.Equal(word, told.ProviderStatus));
        Assert.Equal((Source.Reply, Source.Inquiry, Source.Notice), (reply.Source, answer.Source, notice.Source));
    }

    [Theory]
    [InlineData("")]
    [InlineData("paid")]
    [InlineData("succeeded")]
    [InlineData("successful")]
    [InlineData("not success")]
    [InlineData("unsuccess")]
    [InlineData("on hold")]
    [InlineData("cancelled")]
    [InlineData("failed,success")]
    [InlineData("sucсess")]
    [InlineData(null)]
    public void A_status_word_that_is_not_listed_is_in_no_list(string? word)
    {
        Assert.Null(PayoutTranslation.Status(word));
    }

    [Theory]
    [InlineData("000010", "API version is wrong", "Refused", null)]
    [InlineData("000020", "amount is required", "Refused", null)]
    [InlineData("000021", "no such accountToken", "Refused", null)]
    [InlineData("000022", "customerNo and accountToken do not match", "Refused", null)]
    [InlineData("000023", "amount has a wrong format", "Refused", null)]
    [InlineData("000023", "Duplicate request error", "Unclear", null)]
    [InlineData("000023", "DUPLICATE", "Unclear", null)]
    [InlineData("000022", "invoiceId duplicated", "Unclear", null)]
    [InlineData("000021", "duplicate request error", "Unclear", null)]
    [InlineData("000020", "timestamp is required", "Unclear", null)]
    [InlineData("000023", "Timestamp expired", "Unclear", null)]
    [InlineData("000010", "TIMESTAMP", "Unclear", null)]
    [InlineData("000040", "balance not sufficient", "Postponed", HoldReason.Balance)]
    [InlineData("000030", "no rights", "Postponed", HoldReason.Access)]
    [InlineData("000000", "data error : verifySign", "Postponed", HoldReason.Access)]
    [InlineData("000000", "Data Error : merchantNo", "Postponed", HoldReason.Access)]
    [InlineData("000040", "duplicate request", "Unclear", null)]
    [InlineData("000030", "timestamp not accepted", "Unclear", null)]
    [InlineData("000000", "data error : timestamp", "Unclear", null)]
    [InlineData("000000", "system error", "Unclear", null)]
    [InlineData("000000", "", "Unclear", null)]
    [InlineData("000080", "the supplier's system failed", "Unclear", null)]
    [InlineData("000080", "data error", "Unclear", null)]
    [InlineData("000099", "who knows", "Unclear", null)]
    [InlineData("100", "success", "Unclear", null)]
    [InlineData("20", "amount is required", "Unclear", null)]
    [InlineData("0000100", "success", "Unclear", null)]
    [InlineData("", "", "Unclear", null)]
    [InlineData("SUCCESS", "success", "Unclear", null)]
    public void Only_a_listed_code_in_answer_to_a_send_is_a_refusal_or_puts_it_off(
        string code, string message, string report, HoldReason? holdReason)
    {
        var payout = PayoutBuilder.Submitting();

        var told = PayoutTranslation.OfPay(Said(code, message), payout);

        Assert.Equal((report, Source.Reply, holdReason), ($"{told.Kind}", told.Source, told.HoldReason));
        Assert.Equal((code, message, null), (told.Code, told.Message, told.Mismatch));
    }

    [Theory]
    [InlineData("000000", "data error : verifySign")]
    [InlineData("000000", "system error")]
    [InlineData("000010", "API version is wrong")]
    [InlineData("000020", "invoiceId is required")]
    [InlineData("000022", "no pair")]
    [InlineData("000023", "format")]
    [InlineData("000030", "no rights")]
    [InlineData("000040", "status error")]
    [InlineData("000080", "the supplier's system failed")]
    [InlineData("000099", "not found")]
    [InlineData("21", "no record")]
    [InlineData("", "")]
    public void An_inquiry_never_refuses_and_never_puts_off(string code, string message)
    {
        var payout = PayoutBuilder.Unconfirmed();

        var told = PayoutTranslation.OfInquiry(Said(code, message), payout, AskedAt, resendAllowed: true);

        Assert.Equal((Unclear, Source.Inquiry, AskedAt), (told.Kind, told.Source, told.AskedAt));
        Assert.Equal((code, message, false), (told.Code, told.Message, told.ResendAllowed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_inquiry_that_finds_no_record_has_not_seen_it(bool resendAllowed)
    {
        var payout = PayoutBuilder.Unconfirmed();

        var told = PayoutTranslation.OfInquiry(Said("000021", "no record"), payout, AskedAt, resendAllowed);

        Assert.Equal((NotSeen, Source.Inquiry, AskedAt), (told.Kind, told.Source, told.AskedAt));
        Assert.Equal(resendAllowed, told.ResendAllowed);
    }

    [Fact]
    public void A_send_that_never_began_is_NotSent_and_a_question_that_never_began_is_only_unclear()
    {
        var answer = new PockytAnswer.NotSent("connection refused");

        var reply = PayoutTranslation.OfPay(answer, PayoutBuilder.Submitting());
        var inquiry = PayoutTranslation.OfInquiry(answer, PayoutBuilder.Unconfirmed(), AskedAt, resendAllowed: true);

        Assert.Equal((NotSent, "connection refused"), (reply.Kind, reply.Message));
        Assert.Equal((Unclear, "connection refused"), (inquiry.Kind, inquiry.Message));
    }

    [Fact]
    public void An_answer_that_says_nothing_is_unclear()
    {
        var answer = new PockytAnswer.Unclear("no answer in time");

        var reply = PayoutTranslation.OfPay(answer, PayoutBuilder.Submitting());
        var inquiry = PayoutTranslation.OfInquiry(answer, PayoutBuilder.Unconfirmed(), AskedAt, resendAllowed: true);

        Assert.Equal((Unclear, Source.Reply, "no answer in time"), (reply.Kind, reply.Source, reply.Message));
        Assert.Equal((Unclear, Source.Inquiry, AskedAt), (inquiry.Kind, inquiry.Source, inquiry.AskedAt));
    }

    [Fact]
    public void Whatever_a_send_is_answered_names_the_claim_it_answers()
    {
        var payout = PayoutBuilder.Submitting();
        PockytAnswer[] answers =
        [
            Success(), Said("000020", ""), Said("000040", ""), Said("000080", ""),
            new PockytAnswer.NotSent(""), new PockytAnswer.Unclear(""),
        ];

        var reports = answers.Select(answer => PayoutTranslation.OfPay(answer, payout));

        Assert.All(reports, report => Assert.Equal(payout.Claim, report.Claim));
    }

    [Theory]
    [InlineData("1.2E7", 1_200_000_000)]
    [InlineData("12000000.00", 1_200_000_000)]
    [InlineData("0.1E-1", 1)]
    [InlineData("0.009", 0)]
    public void A_balance_is_a_number_however_Java_writes_it(string written, long cents)
    {
        var body = JsonNode.Parse($$"""{"balance":[{"amount":{{written}},"currency":"USD"}]}""");

        var balance = PayoutTranslation.OfBalance(Said("000100", "success", body));

        Assert.Equal([new Money(cents, "USD")], balance!);
    }

    [Theory]
    [InlineData("invoiceId", "inv-0002")]
    [InlineData("invoiceId", "INV-0001")]
    [InlineData("invoiceId", "inv-0001 ")]
    [InlineData("invoiceId", "")]
    [InlineData("invoiceId", null)]
    [InlineData("amount", "12.35")]
    [InlineData("amount", "1234")]
    [InlineData("amount", "-12.34")]
    [InlineData("amount", "12,34")]
    [InlineData("amount", "1.234e1")]
    [InlineData("amount", " 12.34")]
    [InlineData("amount", "$12.34")]
    [InlineData("amount", "12.34.")]
    [InlineData("amount", "")]
    [InlineData("amount", null)]
    [InlineData("currency", "EUR")]
    [InlineData("currency", "usd")]
    [InlineData("currency", "")]
    [InlineData("currency", null)]
    [InlineData("accountToken", "2010305228303182765719")]
    [InlineData("accountToken", "")]
    [InlineData("customerNo", "2000305228303182610218")]
    [InlineData("customerNo", "")]
    public void An_answer_about_something_else_is_a_mismatch_that_names_the_member_and_no_value(
        string member, string? value)
    {
        var payout = PayoutBuilder.Submitting();

        var reply = PayoutTranslation.OfPay(Success((member, value)), payout);
        var answer = PayoutTranslation.OfInquiry(Success((member, value)), payout, AskedAt, resendAllowed: true);

        Assert.All([reply, answer], told =>
        {
            Assert.Equal((Unclear, $"{member} differ from our row"), (told.Kind, told.Mismatch));
            Assert.Equal((null, null), (told.TransactionNo, told.ProviderStatus));
        });
    }

    [Theory]
    [InlineData("invoiceId", "inv-0002")]
    [InlineData("amount", "12.35")]
    [InlineData("currency", "EUR")]
    [InlineData("accountToken", "2010305228303182765719")]
    public void A_notice_about_something_else_is_a_mismatch_that_names_the_member_and_no_value(
        string member, string value)
    {
        var payout = PayoutBuilder.Submitting();

        var told = PayoutTranslation.OfNotice(Notice((member, value)), payout);

        Assert.Equal((Unclear, Source.Notice), (told.Kind, told.Source));
        Assert.Equal(($"{member} differ from our row", null), (told.Mismatch, told.TransactionNo));
    }

    [Fact]
    public void A_mismatch_names_every_member_that_differs()
    {
        var answer = Success(("invoiceId", "x"), ("amount", "1"), ("currency", "EUR"), ("accountToken", "2"));

        var told = PayoutTranslation.OfPay(answer, PayoutBuilder.Submitting());

        Assert.Equal("invoiceId, amount, currency, accountToken differ from our row", told.Mismatch);
    }

    [Theory]
    [InlineData("12.34")]
    [InlineData("12.340")]
    [InlineData("12.340000")]
    public void An_amount_is_compared_as_a_number(string amount)
    {
        var payout = PayoutBuilder.Submitting();

        var reply = PayoutTranslation.OfPay(Success(("amount", amount)), payout);
        var notice = PayoutTranslation.OfNotice(Notice(("amount", amount)), payout);

        Assert.Equal((Acknowledged, null), (reply.Kind, reply.Mismatch));
        Assert.Equal((Settled, null), (notice.Kind, notice.Mismatch));
    }

    [Fact]
    public void Zeros_before_an_amount_are_read_in_an_answer_and_make_a_notice_a_hint()
    {
        var payout = PayoutBuilder.Submitting();

        var reply = PayoutTranslation.OfPay(Success(("amount", "012.34")), payout);
        var notice = PayoutTranslation.OfNotice(Notice(("amount", "012.34")), payout);

        Assert.Equal((Acknowledged, Unclear), (reply.Kind, notice.Kind));
    }

    [Theory]
    [InlineData("1.234E1", Acknowledged)]
    [InlineData("0.1234e+2", Acknowledged)]
    [InlineData("1.234E2", Unclear)]
    [InlineData("1.0E99", Unclear)]
    internal void A_number_of_JSON_with_an_exponent_is_the_same_number(string amount, ReportKind kind)
    {
        var body = $$$"""
            {"result":{"invoiceId":"{{{PayoutBuilder.Submitting().InvoiceId}}}","amount":{{{amount}}},
            "currency":"USD","status":"pending"}}
            """;
        var answer = new PockytAnswer.Said("000100", "", JsonDocument.Parse(body).RootElement);

        Assert.Equal(kind, PayoutTranslation.OfPay(answer, PayoutBuilder.Submitting()).Kind);
    }

    [Theory]
    [InlineData("account 6227000060741686775 is closed", "account *** is closed")]
    [InlineData("card 4111 1111-1111 1111", "card ***")]
    [InlineData("code 12345", "code 12345")]
    public void Long_numbers_in_a_message_are_masked(string said, string kept)
    {
        Assert.Equal(kept, PayoutTranslation.Message(new PockytAnswer.Said("000023", said, default)));
    }

    [Fact]
    public void Numbers_where_text_is_documented_are_read_as_they_were_written()
    {
        var body = Result();
        body["result"]!["amount"] = JsonNode.Parse("12.340");
        body["result"]!["accountToken"] = JsonNode.Parse("2010305228303182765718");
        body["result"]!["transactionNo"] = JsonNode.Parse("305588797074336092");

        var told = PayoutTranslation.OfPay(Said("000100", "succeeded", body), PayoutBuilder.Submitting());

        Assert.Equal((Acknowledged, null), (told.Kind, told.Mismatch));
        Assert.Equal("305588797074336092", told.TransactionNo);
    }

    [Fact]
    public void An_older_answer_that_names_a_receiver_instead_of_the_account_is_believed()
    {
        var answer = Success(("accountToken", null), ("receiver", "someone@example.com"));

        var told = PayoutTranslation.OfInquiry(answer, PayoutBuilder.Unconfirmed(), AskedAt, resendAllowed: true);

        Assert.Equal((Acknowledged, null), (told.Kind, told.Mismatch));
    }

    [Theory]
    [InlineData("paid")]
    [InlineData("")]
    [InlineData(null)]
    public void Success_with_an_unknown_status_word_is_acknowledged_and_a_human_must_look(string? word)
    {
        var payout = PayoutBuilder.Submitting();

        var reply = PayoutTranslation.OfPay(Success(("status", word)), payout);
        payout.Hear(reply, PayoutBuilder.Start);

        Assert.Equal((Acknowledged, "status is not a word we know"), (reply.Kind, reply.Mismatch));
        Assert.Equal("305588797074336092", reply.TransactionNo);
        Assert.Equal((PayoutStatus.Processing, Attention.Mismatch), (payout.Status, payout.Attention));
    }

    [Fact]
    public void An_inquiry_with_an_unknown_status_word_moves_nothing_and_a_human_must_look()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var told = PayoutTranslation.OfInquiry(Success(("status", "paid")), payout, AskedAt, resendAllowed: true);
        payout.Hear(told, AskedAt);

        Assert.Equal((PayoutStatus.Unconfirmed, Attention.Mismatch), (payout.Status, payout.Attention));
    }

    [Fact]
    public void A_notice_with_an_unknown_status_word_moves_nothing_and_makes_us_ask()
    {
        var payout = PayoutBuilder.Of(PayoutStatus.Processing);

        var told = PayoutTranslation.OfNotice(Notice(("status", "paid")), payout);
        payout.Hear(told, PayoutBuilder.Start.AddSeconds(2));

        Assert.Equal((Unclear, null), (told.Kind, told.Mismatch));
        Assert.Equal(
            (PayoutStatus.Processing, PayoutBuilder.Start.AddSeconds(2)), (payout.Status, payout.DueAt));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":"success"}""")]
    [InlineData("""{"result":[]}""")]
    [InlineData("""{"results":{"status":"success"}}""")]
    [InlineData("""{"Result":{"status":"success"}}""")]
    public void Success_without_a_result_is_unclear(string body)
    {
        var payout = PayoutBuilder.Submitting();
        var answer = Said("000100", "succeeded", JsonNode.Parse(body));

        var reply = PayoutTranslation.OfPay(answer, payout);
        var inquiry = PayoutTranslation.OfInquiry(answer, payout, AskedAt, resendAllowed: true);

        Assert.Equal((Unclear, null), (reply.Kind, reply.Mismatch));
        Assert.Equal((Unclear, null), (inquiry.Kind, inquiry.Mismatch));
    }

    [Fact]
    public void A_message_that_is_too_long_is_cut()
    {
        var told = PayoutTranslation.OfPay(Said("000020", new string('x', 300)), PayoutBuilder.Submitting());

        Assert.Equal(new string('x', 200), told.Message);
    }

    [Theory]
    [InlineData("note", "hello")]
    [InlineData("status", "")]
    [InlineData("accountToken", null)]
    [InlineData("vendor", null)]
    [InlineData("transactionNo", null)]
    [InlineData("paymentTime", "soon")]
    public void A_notice_of_another_shape_moves_nothing_and_is_no_mismatch(string member, string? value)
    {
        var told = PayoutTranslation.OfNotice(Notice((member, value)), PayoutBuilder.Submitting());

        Assert.Equal((Unclear, Source.Notice), (told.Kind, told.Source));
        Assert.Equal((null, null), (told.Mismatch, told.TransactionNo));
    }

    [Fact]
    public void A_genuine_notice_tells_status_and_transaction()
    {
        var told = PayoutTranslation.OfNotice(Notice(), PayoutBuilder.Submitting());

        Assert.Equal((Settled, "success", "305588797074336092"), (told.Kind, told.ProviderStatus, told.TransactionNo));
    }

    private static PockytAnswer.Said Said(string code, string message, JsonNode? body = null) =>
        new(code, message, JsonSerializer.SerializeToElement(body ?? new JsonObject()));

    /// <summary>Success whose result repeats our row, but for these members; null takes one away.</summary>
    private static PockytAnswer.Said Success(params (string Name, string? Value)[] changes)
    {
        var body = Result();
        foreach (var (name, value) in changes)
        {
            body["result"]!.AsObject().Remove(name);
            if (value is not null)
            {
                body["result"]![name] = value;
            }
        }

        return Said("000100", "succeeded", body);
    }

    private static JsonObject Result() => new()
    {
        ["ret_code"] = "000100",
        ["ret_msg"] = "succeeded",
        ["result"] = new JsonObject
        {
            ["accountToken"] = "2010305228303182765718",
            ["amount"] = "12.34",
            ["createdTime"] = "2025-01-02T03:04:06Z",
            ["currency"] = "USD",
            ["customerNo"] = "2000305228303182610217",
            ["invoiceId"] = "inv-0001",
            ["status"] = "pending",
            ["transactionNo"] = "305588797074336092",
        },
    };

    /// <summary>A signed notice that says what our row says, but for these members; null takes one away.</summary>
    private static NoticeBody Notice(params (string Name, string? Value)[] changes)
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
            members.Remove(name);
            if (value is not null)
            {
                members[name] = value;
            }
        }

        members[VerifySign.Member] = VerifySign.Of(members, Token);
        return NoticeBody.Parse(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(members)))!;
    }
}
