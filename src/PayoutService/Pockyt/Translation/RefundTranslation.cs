using System.Globalization;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt.Wire;
using PayoutService.Refunds;
using static PayoutService.Refunds.RefundReportKind;

namespace PayoutService.Pockyt.Translation;

/// <summary>
/// What Pockyt's words mean where money comes in and goes back. What is not listed is unclear: only a listed refusal is
/// a refusal, and a question never refuses.
/// </summary>
internal static class RefundTranslation
{
    /// <summary>Pockyt's answer to a refund's one request.</summary>
    public static RefundReport OfRefund(PockytAnswer answer, Refund refund) => answer switch
    {
        PockytAnswer.NotSent(var why) => new(NotSent) { Message = why },
        PockytAnswer.Said { Ok: true } said => Coded(Believed(said, Echo(refund)), said),
        PockytAnswer.Said said => Coded(
            new(ResultCodes.Of(said, PockytCall.Refund) is CodeMeaning.Refused ? Refused : Unclear), said),
        PockytAnswer.Unclear(var why) => new(Unclear) { Message = why },
        _ => new(Unclear),
    };

    /// <summary>Pockyt's answer to a question about a refund.</summary>
    public static RefundReport OfQuestion(PockytAnswer answer, Refund refund) => answer switch
    {
        PockytAnswer.Said { Ok: true } said => Coded(Believed(said, Found(refund)), said),
        PockytAnswer.Said said when ResultCodes.Of(said, PockytCall.Inquiry) is CodeMeaning.NotFound =>
            Coded(new(NotSeen), said),
        PockytAnswer.Said said => Coded(new(Unclear), said),
        PockytAnswer.NotSent(var why) => new(Unclear) { Message = why },
        PockytAnswer.Unclear(var why) => new(Unclear) { Message = why },
        _ => new(Unclear),
    };

    /// <summary>Pockyt's answer to a question about any transaction.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="member">What the question named the transaction by; the answer must name the same.</param>
    /// <param name="value">And what it was.</param>
    public static ProviderAnswer<ProviderTransaction> OfTransaction(PockytAnswer answer, string member, string value) =>
        ProviderAnswers.Of(answer, PockytCall.Inquiry, body =>
            body.Member("result") is { ValueKind: JsonValueKind.Object } result
            && result.Text(member) == value
            && PockytJson.Number(result.Text("amount")) is { } amount
                ? new ProviderTransaction(
                    Word(result, "transactionNo"),
                    Word(result, "reference"),
                    Word(result, "transactionType"),
                    Word(result, "status"),
                    amount.ToString(CultureInfo.InvariantCulture),
                    Word(result, "currency"),
                    Word(result, "settleCurrency"))
                : null);

    /// <summary>Pockyt's word for a refund's status, in every spelling seen. Null: not one we know.</summary>
    public static RefundReportKind? Status(string? word) => word?.Trim().ToLowerInvariant() switch
    {
        "success" => Settled,
        "failed" or "fail" => Declined,
        "init" or "dealing" or "pending" or "processing" => Acknowledged,
        _ => null,
    };

    /// <summary>The facts that an answer to the request must repeat.</summary>
    private static Func<JsonElement, Facts> Echo(Refund refund) => result => new(
        result.Text("refundTransactionNo"),
        result.Text("transactionNo"),
        [
            Differs("refundReference", result.Text("refundReference") != refund.RefundReference),
            Differs("refundAmount", PockytJson.Number(result.Text("refundAmount")) != Amount(refund)),
            Differs("currency", result.Text("currency") != refund.Currency),
            refund.Reference is { } reference
                ? Differs("reference", result.Text("reference") != reference)
                : Differs("transactionNo", result.Text("transactionNo") != refund.TransactionNo),
        ]);

    /// <summary>The facts by which a question's answer is about this refund and no other transaction.</summary>
    private static Func<JsonElement, Facts> Found(Refund refund) => result =>
    {
        var number = result.Text("refundTransactionNo") ?? result.Text("transactionNo");
        var reference = result.Text("refundReference") ?? result.Text("reference");
        var amount = result.Text("refundAmount") ?? result.Text("amount");
        return new(
            number,
            TransactionNo: null,
            [
                Differs("transactionType", !IsRefund(result.Text("transactionType"))),
                refund.RefundTransactionNo is { } known
                    ? Differs("transactionNo", number != known)
                    : Differs("reference", reference != refund.RefundReference),
                Differs("amount", PockytJson.Number(amount) != Amount(refund)),
                Differs("currency", result.Text("currency") != refund.Currency),
            ]);
    };

    private static RefundReport Believed(PockytAnswer.Said said, Func<JsonElement, Facts> read)
    {
        if (said.Body.Member("result") is not { ValueKind: JsonValueKind.Object } result)
        {
            return new(Unclear) { Message = "Success without a result." };
        }

        var facts = read(result);
        var different = string.Join(", ", facts.Differences.Where(name => name is not null));
        if (different.Length > 0)
        {
            return new(Unclear) { Mismatch = $"{different} differ from our row" };
        }

        var report = new RefundReport(Status(result.Text("status")) ?? Unclear)
        {
            RefundTransactionNo = PayoutTranslation.Clean(facts.RefundTransactionNo),
            TransactionNo = PayoutTranslation.Clean(facts.TransactionNo),
            ProviderStatus = Word(result, "status"),
        };
        return report.Kind is Unclear ? report with { Mismatch = "status is not a word we know" } : report;
    }

    private static RefundReport Coded(RefundReport report, PockytAnswer.Said said) => report with
    {
        Code = PayoutTranslation.Clean(said.Code),
        Message = report.Message ?? PayoutTranslation.Message(said),
    };

    private static decimal? Amount(Refund refund) =>
        PockytJson.Number(new Money(refund.AmountMinor, refund.Currency).ToString());

    private static bool IsRefund(string? type) =>
        string.Equals(type?.Trim(), "refund", StringComparison.OrdinalIgnoreCase);

    /// <summary>Names what differs; values stay out, because people read this.</summary>
    private static string? Differs(string name, bool differs) => differs ? name : null;

    private static string? Word(JsonElement result, string name) => PayoutTranslation.Clean(result.Text(name));

    private sealed record Facts(string? RefundTransactionNo, string? TransactionNo, string?[] Differences);
}
