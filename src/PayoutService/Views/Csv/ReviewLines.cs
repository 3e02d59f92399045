using PayoutService.Payouts;

namespace PayoutService.Views.Csv;

/// <summary>Reviews of the rules and of the people as lines of a CSV file.</summary>
internal static class ReviewLines
{
    public static readonly string[] Header =
    [
        "record", "at", "actor", "what", "subject", "detail", "payoutId", "status", "amount", "currency", "count",
    ];

    /// <summary>The fields of a line, between what it is and the count.</summary>
    public static string?[] Of(
        DateTimeOffset? at, string actor, string what, string subject, string detail, Payout? payout) =>
    [
        CsvFile.Text(at), actor, what, subject, detail, PublicId.Of(PublicId.Payout, payout?.Id),
        CsvFile.Text(payout?.Status), payout?.Amount.ToString(), payout?.Currency,
    ];
}
