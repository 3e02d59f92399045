using System.Globalization;
using PayoutService.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Ops.Payouts;

/// <summary>What an operator typed into the search box: one id, or qualifiers such as <c>status:held amount:>500</c>.
/// </summary>
/// <param name="Filter">The filter of a search by qualifiers; null: it is an id.</param>
/// <param name="Id">The id; null: it is a search by qualifiers.</param>
/// <param name="Problems">What cannot be read, in sentences.</param>
internal sealed record SearchText(PayoutFilter? Filter, string? Id, IReadOnlyList<string> Problems)
{
    private const string Help =
        "Known are status: held: attention: payee: account: invoice: transaction: currency: amount: since: until:.";

    public static SearchText Read(string text, string merchant)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length > 0 && !words.Any(IsQualifier))
        {
            return new(null, text.Trim(), []);
        }

        List<string> problems = [];
        var filter = new PayoutFilter { Merchant = merchant };
        foreach (var word in words)
        {
            var at = word.IndexOf(':', StringComparison.Ordinal);
            var read = at < 0 ? null : With(filter, word[..at], word[(at + 1)..]);
            if (read is null)
            {
                problems.Add($"\"{word}\" cannot be read. {Help}");
            }

            filter = read ?? filter;
        }

        return new(filter, null, problems);
    }

    /// <summary>A colon is in no id but those of callers; one of theirs that begins like a qualifier is found by
    /// invoice:.</summary>
    private static bool IsQualifier(string word) =>
        word.IndexOf(':', StringComparison.Ordinal) is > 0 and var at && word[..at].All(char.IsAsciiLetterLower);

    private static PayoutFilter? With(PayoutFilter filter, string name, string value) => name switch
    {
        "status" => Words.Read<PayoutStatus>(value) is { } status ? filter with { Status = status } : null,
        "held" => Words.Read<HoldReason>(value) is { } reason
            ? filter with { Status = PayoutStatus.Held, HoldReason = reason } : null,
        "attention" when value == "any" => filter with { NeedsAttention = true },
        "attention" => Words.Read<Attention>(value) is { } attention ? filter with { Attention = attention } : null,
        "payee" => PublicId.TryParse(PublicId.Payee, value, out var payee) ? filter with { PayeeId = payee } : null,
        "account" => PublicId.TryParse(PublicId.Account, value, out var account)
            ? filter with { AccountId = account } : null,
        "invoice" => filter with { InvoiceId = value },
        "transaction" => filter with { TransactionNo = value },
        "currency" => Currency.Decimals(value) is null ? null : filter with { Currency = value },
        "amount" when Number(value, '>') is { } more => filter with { MoreThan = more },
        "amount" when Number(value, '<') is { } less => filter with { LessThan = less },
        "since" => Time(value) is { } since ? filter with { CreatedFrom = since } : null,
        "until" => Time(value) is { } until ? filter with { CreatedTo = until } : null,
        _ => null,
    };

    private static decimal? Number(string text, char sign) =>
        text.StartsWith(sign) && decimal.TryParse(
            text.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number < 1_000_000_000_000 ? number : null;

    /// <summary>A day, or a time with its offset; a day begins in UTC.</summary>
    private static DateTimeOffset? Time(string text) => DateTimeOffset.TryParseExact(
        text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
