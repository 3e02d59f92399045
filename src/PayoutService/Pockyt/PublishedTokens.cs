using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Pockyt;

/// <summary>
/// The sandbox tokens that Pockyt published in its SDKs and tutorials: everybody knows them, so on a production host
/// everybody could sign notices. Only their SHA-256 is kept, so that no token can be copied from here into use.
/// </summary>
internal static class PublishedTokens
{
    private static readonly string[] Hashes =
    [
        "9d4db77d9eea4af88d9a8b570e54edb6d1c95c07d8271c27c8bd302953b4817b",
        "608bb03c7a54075e277c78a282a3f1d6538e89e6a8728a96ca54ff0777a2f3a9",
    ];

    public static bool Contains(string token) =>
        Hashes.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))));
}
