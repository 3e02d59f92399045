using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Storage;

/// <summary>
/// Tells a repeated request from a different one under the same key without keeping what was sent: a keyed hash per
/// field. The key must stay the same for as long as repeats are to be recognized.
/// </summary>
internal sealed class Fingerprints(byte[] key)
{
    /// <summary>72 bits: two different values never meet by accident,
    /// and 12 characters a field are cheap to keep.</summary>
    private const int Bytes = 9;

    /// <summary>The fingerprints of a request's fields; absent fields have none.</summary>
    public Dictionary<string, string> Of(IEnumerable<KeyValuePair<string, string?>> fields) => fields
        .Where(field => field.Value is not null)
        .ToDictionary(field => field.Key, field => Of(field.Key, field.Value!));

    /// <summary>The names of the fields that differ, in a stable order.</summary>
    public static string[] Differences(Dictionary<string, string> kept, Dictionary<string, string> told) =>
        [.. kept.Keys.Union(told.Keys)
            .Where(field => kept.GetValueOrDefault(field) != told.GetValueOrDefault(field))
            .Order(StringComparer.Ordinal)];

    private string Of(string name, string value) => Convert.ToBase64String(
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{name}\n{value}")).AsSpan(0, Bytes));
}
