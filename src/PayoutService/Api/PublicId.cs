namespace PayoutService.Api;

/// <summary>Ids as callers see them: a prefix that says what it is,
/// and the uuid as 26 characters that sort by age.</summary>
internal static class PublicId
{
    public const string Payee = "pye_";
    public const string Account = "acc_";
    public const string Payout = "po_";
    public const string Refund = "rfd_";

    /// <summary>No i, l, o or u: nobody mistakes a character for another.</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 26;

    public static string Of(string prefix, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[Length];
        for (var place = Length - 1; place >= 0; place--, value >>= 5)
        {
            text[place] = Alphabet[(int)(value & 31)];
        }

        return string.Concat(prefix, text);
    }

    /// <summary>Reads an id in its one canonical form.</summary>
    public static bool TryParse(string prefix, string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != prefix.Length + Length || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        UInt128 value = 0;
        foreach (var character in text.AsSpan(prefix.Length))
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value << 5) | (UInt128)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);

        // 26 characters hold 130 bits: only the form that we would write ourselves counts.
        return Of(prefix, id) == text;
    }
}
