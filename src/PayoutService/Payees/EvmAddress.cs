using System.Buffers;
using System.Text;

namespace PayoutService.Payees;

/// <summary>Addresses of Ethereum and of the chains that share its form, Polygon among them.</summary>
internal static class EvmAddress
{
    private const int Digits = 40;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// 0x and 40 hexadecimal digits. Letters of both cases are ERC-55's checksum and must be right; letters of one case
    /// carry none.
    /// </summary>
    public static bool IsValid(string text)
    {
        if (text.Length != 2 + Digits || !text.StartsWith("0x", StringComparison.Ordinal))
        {
            return false;
        }

        var digits = text.AsSpan(2);
        var isMixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        return !digits.ContainsAnyExcept(Hexadecimal) && (!isMixed || HasChecksum(digits));
    }

    /// <summary>ERC-55: a letter is a capital where the hash of the small digits has a digit of 8 or more.</summary>
    private static bool HasChecksum(ReadOnlySpan<char> digits)
    {
        Span<byte> lower = stackalloc byte[Digits];
        Span<byte> hash = stackalloc byte[Keccak256.HashBytes];
        Ascii.ToLower(digits, lower, out _);
        Keccak256.Hash(lower, hash);
        for (var place = 0; place < Digits; place++)
        {
            var hashDigit = place % 2 == 0 ? hash[place / 2] >> 4 : hash[place / 2] & 0xF;
            if (char.IsAsciiLetter(digits[place]) && char.IsAsciiLetterUpper(digits[place]) != (hashDigit >= 8))
            {
                return false;
            }
        }

        return true;
    }
}
