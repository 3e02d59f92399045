using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Pockyt.Wire;

/// <summary>Pockyt's signature: MD5 over the sorted members and the MD5 of the token.
/// Requests and notices alike.</summary>
internal static class VerifySign
{
    /// <summary>The member that carries the signature and is not part of it.</summary>
    public const string Member = "verifySign";

    /// <summary>The text that is signed: <c>name=value</c> in byte order of the names, empty values left out, nothing
    /// escaped.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, string?>> members) => string.Join('&', members
        .Where(member => member.Key != Member && !string.IsNullOrEmpty(member.Value))
        .OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => $"{member.Key}={member.Value}"));

    /// <summary>The signature of the members: 32 lower-case hexadecimal digits.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string?>> members, string token) =>
        Md5($"{Text(members)}&{Md5(token)}");

    /// <summary>True when the signature is exactly the members' signature; takes the same time
    /// wherever they differ.</summary>
    public static bool Verifies(IEnumerable<KeyValuePair<string, string?>> members, string token, string signature) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Of(members, token)), Encoding.UTF8.GetBytes(signature));

    // MD5 is Pockyt's choice. It is never the only thing between a notice and money: see NoticeAddress.
#pragma warning disable CA5351
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
