using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>
/// Tells a repeated request from a different one under the same key without keeping what was sent: a keyed hash per
/// field. The key must stay the same for as long as repeats are to be recognized.
/// </summary>
/// <param name="key">The secret of the settings; requests and account numbers each have a key made of it.</param>
/// <param name="source">PostgreSQL composes letters and accents: .NET's own way needs ICU, which is not everywhere.
/// </param>
/// <param name="rules">The time that a caller waits.</param>
internal sealed class Fingerprints(byte[] key, NpgsqlDataSource source, PayoutRules rules)
{
    /// <summary>72 bits: two different values never meet by accident,
    /// and 12 characters a field are cheap to keep.</summary>
    private const int Bytes = 9;

    /// <summary>Few values are possible, so that equal ones would show in a dump, and one guess would open all rows.
    /// </summary>
    private static readonly HashSet<string> Guessable = ["dateOfBirth", "governmentId", "details.governmentId"];

    private readonly byte[] requests = KeyOf(key, "requests");
    private readonly byte[] accounts = KeyOf(key, "accounts");

    /// <summary>A key for one purpose: who has it has none of the others.</summary>
    public static byte[] KeyOf(byte[] key, string purpose) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, key, outputLength: 32, info: Encoding.UTF8.GetBytes($"payout-service/{purpose}"));

    /// <summary>The fingerprints of a request's fields; absent fields have none. The same letters are the same value,
    /// composed or not (Unicode's NFC).</summary>
    /// <param name="fields">Names and values.</param>
    /// <param name="row">The row's permanent name: the salt of values that could be guessed.</param>
    public async Task<Dictionary<string, string>> OfAsync(Dictionary<string, string?> fields, string row)
    {
        var names = fields.Where(field => field.Value is { } text && !Ascii.IsValid(text))
            .Select(field => field.Key).ToArray();
        if (names.Length == 0)
        {
            return Of(fields, row);
        }

        await using var compose = source.CreateCommand(
            "SELECT normalize(value, NFC) FROM unnest($1) WITH ORDINALITY AS given (value, place) ORDER BY place");
        compose.CommandTimeout = Patience.ReadingSeconds(rules);
        compose.Parameters.AddWithValue(names.Select(name => fields[name]!).ToArray());
        var composed = new Dictionary<string, string?>(fields);
        await using var rows = await compose.ExecuteReaderAsync();
        foreach (var name in names)
        {
            await rows.ReadAsync();
            composed[name] = rows.GetString(0);
        }

        return Of(composed, row);
    }

    /// <summary>The same of fields that are ASCII.</summary>
    public Dictionary<string, string> Of(IEnumerable<KeyValuePair<string, string?>> fields, string row) => fields
        .Where(field => field.Value is not null)
        .ToDictionary(
            field => field.Key,
            field => Of(requests, field.Key, field.Value!, Guessable.Contains(field.Key) ? row : ""));

    /// <summary>The fingerprint of an account's number, the same wherever the number stands: what compares accounts of
    /// several payees needs that.</summary>
    public string OfAccountNumber(string number) => Of(
        accounts, "number", number.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant(), row: "");

    /// <summary>Metadata in one spelling, in which two requests are compared.</summary>
    public static string? TextOf(IReadOnlyDictionary<string, string>? metadata) => metadata is null or { Count: 0 }
        ? null
        : string.Join(
            '\n',
            metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}\t{pair.Value}"));

    /// <summary>The names of the fields that differ, in a stable order.</summary>
    public static string[] Differences(Dictionary<string, string> kept, Dictionary<string, string> told) =>
        [.. kept.Keys.Union(told.Keys)
            .Where(field => kept.GetValueOrDefault(field) != told.GetValueOrDefault(field))
            .Order(StringComparer.Ordinal)];

    private static string Of(byte[] key, string name, string value, string row) => Convert.ToBase64String(
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{row}\n{name}\n{value}")).AsSpan(0, Bytes));
}
