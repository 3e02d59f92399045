namespace PayoutService.Payees;

/// <summary>Addresses of Solana.</summary>
internal static class SolanaAddress
{
    /// <summary>Bitcoin's base58: no 0, O, I and l, which are taken for each other.</summary>
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private const int Bytes = 32;

    /// <summary>Base58 text of exactly 32 bytes. It has no checksum: what is another address cannot be told.</summary>
    public static bool IsValid(string text)
    {
        // 32 bytes are 32 characters when all are zero and 44 at most.
        if (text.Length is < 32 or > 44)
        {
            return false;
        }

        Span<byte> number = stackalloc byte[Bytes];
        number.Clear();
        foreach (var character in text)
        {
            var carry = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (var place = Bytes - 1; place >= 0; place--)
            {
                carry += number[place] * 58;
                number[place] = (byte)carry;
                carry >>= 8;
            }

            if (carry > 0)
            {
                return false;
            }
        }

        // A leading zero byte is written as a leading 1, so that both count alike in 32 bytes and in no others.
        return Leading<char>(text, '1') == Leading<byte>(number, 0);
    }

    private static int Leading<T>(ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>
    {
        var end = span.IndexOfAnyExcept(value);
        return end < 0 ? span.Length : end;
    }
}
