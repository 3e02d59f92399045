using System.Text.RegularExpressions;

namespace PayoutService.Views;

/// <summary>Ids as callers see them: a prefix that says what it is,
/// and the uuid as 26 characters that sort by age.</summary>
internal static partial class PublicId
{
    public const string Payee = "pye_";
    public const string Account = "acc_";
    public const string Payout = "po_";
    public const string Refund = "rfd_";
    public const string Endpoint = "whe_";
    public const string Delivery = "whd_";
    public const string Recovery = "whr_";
    public const string Batch = "bat_";

    private static readonly (string Prefix, string Name)[] Names =
        [(Payee, "payeeId"), (Account, "accountId"), (Payout, "payoutId"), (Refund, "refundId"),
            (Endpoint, "endpointId"), (Delivery, "deliveryId"), (Recovery, "recoveryId"), (Batch, "batchId")];

    public static string Of(string prefix, Guid id) => prefix + new Ulid(id).ToString().ToLowerInvariant();

    /// <summary>The id of what may not be there.</summary>
    public static string? Of(string prefix, Guid? id) => id is { } there ? Of(prefix, there) : null;

    /// <summary>Reads an id in its one canonical form.</summary>
    public static bool TryParse(string prefix, string? text, out Guid id)
    {
        id = default;
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal)
            || !Ulid.TryParse(text.AsSpan(prefix.Length), out var ulid))
        {
            return false;
        }

        // The parser takes capitals, letters for digits, and more than 128 bits: only what we would write counts.
        if (Of(prefix, ulid.ToGuid()) != text)
        {
            return false;
        }

        id = ulid.ToGuid();
        return true;
    }

    /// <summary>The prefix of the ids that a log line has under a name; null when it has none there.</summary>
    public static string? PrefixOf(string name) =>
        Names.FirstOrDefault(known => name.EndsWith(known.Name, StringComparison.OrdinalIgnoreCase)).Prefix;

    /// <summary>The ids in an address of ours, each with its name.</summary>
    public static IEnumerable<(string Name, string Id)> In(string? address) =>
        Form().Matches(address ?? "").Select(match => (
            Names.First(known => known.Prefix == match.Groups["prefix"].Value).Name, match.Value));

    [GeneratedRegex("(?<=/)(?<prefix>pye_|acc_|po_|rfd_|whe_|whd_|whr_|bat_)[0-9a-hjkmnp-tv-z]{26}(?=/|$)")]
    private static partial Regex Form();
}
