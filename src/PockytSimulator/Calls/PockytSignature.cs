using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace PockytSimulator.Calls;

/// <summary>
/// verifySign: MD5 over the non-empty members in ordinal order, joined raw as name=value with '&amp;', followed by
/// the MD5 of the token. Calls and notices are signed alike.
/// </summary>
internal static class PockytSignature
{
    public const string Member = "verifySign";

    public static string Of(IEnumerable<KeyValuePair<string, string>> members, string token)
    {
        var signed = members
            .Where(member => member.Key != Member && !string.IsNullOrEmpty(member.Value))
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => $"{member.Key}={member.Value}")
            .Append(Md5(token));
        return Md5(string.Join('&', signed));
    }

    public static bool Matches(IReadOnlyDictionary<string, string> members, string token) =>
        members.TryGetValue(Member, out var given)
        && string.Equals(given, Of(members, token), StringComparison.Ordinal);

    [SuppressMessage("Security", "CA5351", Justification = "Pockyt signs with MD5; no other way to talk to it.")]
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
