using System.Numerics;
using System.Text;
using SimpleBase;

namespace PayoutService.Payees.AccountNumbers;

/// <summary>Addresses of Solana.</summary>
internal static class SolanaAddress
{
    private const int Bytes = 32;

    /// <summary>32 bytes are 44 characters at most, and each may be a zero byte.</summary>
    private const int MaxCharacters = 44;

    /// <summary>The field and the constant of the curve ed25519 (RFC 8032, 5.1).</summary>
    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger D = Modulo(-121665 * Inverse(121666));

    /// <summary>Base58 text of exactly 32 bytes. It has no checksum: what is another address cannot be told.</summary>
    public static bool IsValid(string text) => TryRead(text, out _);

    /// <summary>True when the address is a point of the curve, so that somebody can have its private key. Addresses of
    /// token accounts and of programs are chosen not to be.</summary>
    public static bool IsWallet(string text)
    {
        if (!TryRead(text, out var point))
        {
            return false;
        }

        // The highest bit is the sign of x. There is an x when (y^2 - 1) / (d y^2 + 1) is a square.
        point[^1] &= 0x7F;
        var y = new BigInteger(point, isUnsigned: true);
        var square = Modulo(y * y);
        var x = Modulo((square - 1) * Inverse(Modulo((D * square) + 1)));
        return y < Prime && (x.IsZero || BigInteger.ModPow(x, (Prime - 1) / 2, Prime).IsOne);
    }

    private static bool TryRead(string text, out byte[] bytes)
    {
        bytes = [];

        // The library throws for what is not ASCII, and cuts off what does not fit.
        var decoded = new byte[MaxCharacters];
        if (text.Length > MaxCharacters
            || !Ascii.IsValid(text)
            || !Base58.Bitcoin.TryDecode(text, decoded, out var written)
            || written != Bytes)
        {
            return false;
        }

        bytes = decoded[..Bytes];
        return true;
    }

    private static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(number, Prime - 2, Prime);

    private static BigInteger Modulo(BigInteger number) => ((number % Prime) + Prime) % Prime;
}
