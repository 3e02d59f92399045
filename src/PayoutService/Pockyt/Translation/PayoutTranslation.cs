using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Pockyt.Translation;

/// <summary>
/// What Pockyt's words mean, every known code and status word listed. What is not listed is unclear: only a listed
/// refusal is a refusal.
/// </summary>
internal static partial class PayoutTranslation
{
    /// <summary>Pockyt holds the payout back. It does not say that the money is free again, so it is no refusal.
    /// </summary>
    private const string Blocked = "blocked";

    /// <summary>Pockyt's answer to a send.</summary>
    public static Report OfPay(PockytAnswer answer, Payout payout)
    {
        var report = answer switch
        {
            PockytAnswer.NotSent(var why) => Plain(NotSent) with { Message = why },
            PockytAnswer.Unclear(var why) => Plain(Unclear) with { Message = why },
            PockytAnswer.Said said => Coded(OfPay(said, payout), said),
            _ => Plain(Unclear),
        };
        return report with { Claim = payout.Claim };

        Report Plain(ReportKind kind) => new(kind, Source.Reply);
    }

    /// <summary>Pockyt's answer to a question. It never refuses and never postpones.</summary>
    public static Report OfInquiry(PockytAnswer answer, Payout payout, DateTimeOffset askedAt, bool resendAllowed)
    {
        var report = answer switch
        {
            PockytAnswer.NotSent(var why) => Plain(Unclear) with { Message = why },
            PockytAnswer.Unclear(var why) => Plain(Unclear) with { Message = why },
            PockytAnswer.Said { Ok: true } said => Coded(Echo(said, payout, Source.Inquiry), said),
            PockytAnswer.Said said when ResultCodes.Of(said, PockytCall.Inquiry) is CodeMeaning.NotFound =>
                Coded(Plain(NotSeen) with { ResendAllowed = resendAllowed }, said),
            PockytAnswer.Said said => Coded(Plain(Unclear), said),
            _ => Plain(Unclear),
        };
        return report with { AskedAt = askedAt };

        Report Plain(ReportKind kind) => new(kind, Source.Inquiry);
    }

    /// <summary>A notice whose capability and signature are right. Unless it is exactly what Pockyt documents and
    /// agrees with our row, it proves only that it is time to ask.</summary>
    public static Report OfNotice(NoticeBody notice, Payout payout)
    {
        var report = new Report(Unclear, Source.Notice)
        {
            ProviderStatus = Clean(notice.Member("status")),
            TransactionNo = TransactionNoOf(notice),
        };
        if (!notice.IsAsDocumented)
        {
            return report with { TransactionNo = null, Message = "A notice of another shape than Pockyt documents." };
        }

        var mismatch = Differences(payout, notice.Member);
        if (mismatch is not null)
        {
            return report with { TransactionNo = null, Mismatch = mismatch };
        }

        var word = notice.Member("status");
        return Status(word) is { } kind
            ? report with { Kind = kind, IsBlocked = IsBlocked(word) }
            : report with { Message = "A notice with a status that is not one we know." };
    }

    /// <summary>The transaction number that a notice gives.</summary>
    public static string? TransactionNoOf(NoticeBody notice) => Clean(notice.Member("transactionNo"));

    /// <summary>Pockyt's answer about balances: an array whose amounts are JSON numbers with two decimals, whatever the
    /// currency has. Null: it did not say.</summary>
    public static IReadOnlyList<Money>? OfBalance(PockytAnswer answer) =>
        answer is PockytAnswer.Said { Ok: true } said
        && said.Body.Member("balance") is { ValueKind: JsonValueKind.Array } balances
            ? [.. balances.EnumerateArray().Select(Balance).OfType<Money>()]
            : null;

    /// <summary>Pockyt's word for a payout's status, in every spelling seen. Null: not one we know.</summary>
    public static ReportKind? Status(string? word) => Plain(word) switch
    {
        "pending" or "processing" or "onhold" or "unclaimed" or Blocked => Acknowledged,
        "success" or "completed" => Settled,
        "failed" or "fail" => Refused,
        "returned" or "refunded" or "reversed" => Reversed,
        _ => null,
    };

    /// <summary>The report that a stored status word of Pockyt's stands for. A payout with a word that we do not know
    /// is one that Pockyt has. </summary>
    public static ReportKind? Meaning(string? word) => word is null ? null : Status(word) ?? Acknowledged;

    private static bool IsBlocked(string? word) => Plain(word) is Blocked;

    private static string? Plain(string? word) => word?.Trim().ToLowerInvariant();

    private static Money? Balance(JsonElement balance)
    {
        if (balance.Text("currency") is not { } currency || Currency.Decimals(currency) is not { } decimals
            || PockytJson.Number(balance.Text("amount")) is not { } amount)
        {
            return null;
        }

        // What is less than the smallest unit pays nobody.
        return new Money((long)decimal.Floor(amount * (decimal)Math.Pow(10, decimals)), currency);
    }

    private static Report OfPay(PockytAnswer.Said said, Payout payout)
    {
        var report = new Report(Unclear, Source.Reply);
        return ResultCodes.Of(said, PockytCall.Pay) switch
        {
            CodeMeaning.Ok => Echo(said, payout, Source.Reply),
            CodeMeaning.Refused => report with { Kind = Refused },
            CodeMeaning.NoBalance => report with { Kind = Postponed, HoldReason = HoldReason.Balance },
            CodeMeaning.NoAccess => report with { Kind = Postponed, HoldReason = HoldReason.Access },
            _ => report with { Duplicate = ResultCodes.Mentions(said, "duplicate") },
        };
    }

    private static Report Echo(PockytAnswer.Said said, Payout payout, Source source)
    {
        var report = new Report(Unclear, source);
        if (said.Body.Member("result") is not { ValueKind: JsonValueKind.Object } result)
        {
            return report with { Message = "Success without a result." };
        }

        if (Differences(payout, name => result.Text(name)) is { } mismatch)
        {
            return report with { Mismatch = mismatch };
        }

        var word = result.Text("status");
        report = report with
        {
            TransactionNo = Clean(result.Text("transactionNo")),
            ProviderStatus = Clean(word),
            FeeMinor = Fee(payout, result.Text("transactionFee")),
            PaymentTime = Time(result.Text("paymentTime")),
        };
        return Status(word) switch
        {
            { } kind => report with { Kind = kind, IsBlocked = IsBlocked(word) },
            null => report with { Kind = Acknowledged, Mismatch = "status is not a word we know" },
        };
    }

    /// <summary>Names what differs from our row; values stay out, because people read this.</summary>
    private static string? Differences(Payout payout, Func<string, string?> told)
    {
        var ours = PockytJson.Number(payout.Amount.ToString());
        string?[] different =
        [
            told("invoiceId") == payout.InvoiceId ? null : "invoiceId",
            PockytJson.Number(told("amount")) == ours ? null : "amount",
            told("currency") == payout.Currency ? null : "currency",

            // Older answers name a receiver instead of the account.
            told("accountToken") is { } token && token != payout.AccountToken ? "accountToken" : null,
            told("customerNo") is { } customerNo && customerNo != payout.CustomerNo ? "customerNo" : null,
        ];
        var names = string.Join(", ", different.Where(name => name is not null));
        return names.Length == 0 ? null : $"{names} differ from our row";
    }

    /// <summary>A fee of the payout's currency that it can have; null when it is anything else.</summary>
    private static long? Fee(Payout payout, string? told) =>
        PockytJson.Number(told) is { } fee && Currency.Decimals(payout.Currency) is { } decimals
        && fee * (decimal)Math.Pow(10, decimals) is var minor
        && minor == decimal.Floor(minor) && minor <= payout.AmountMinor
            ? (long)minor
            : null;

    private static DateTimeOffset? Time(string? told) => DateTimeOffset.TryParseExact(
        told, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static Report Coded(Report report, PockytAnswer.Said said) => report with
    {
        Code = Clean(said.Code),
        Message = report.Message ?? Message(said),
    };

    /// <summary>Pockyt's message as it may be kept and shown: it may name a number of an account or a document, so runs
    /// of six digits or more are masked.</summary>
    public static string Message(PockytAnswer.Said said) => LongNumber().Replace(Clean(said.Message)!, "***");

    /// <summary>Pockyt's text as it may be kept and shown: nothing invisible, whole characters,
    /// 200 of them at most.</summary>
    public static string? Clean(string? text) => text is null
        ? null
        : string.Concat(text.EnumerateRunes().Where(rune => !Rune.IsControl(rune)).Take(200));

    [GeneratedRegex("[0-9](?:[ -]?[0-9]){5,}")]
    private static partial Regex LongNumber();
}
