using System.Buffers;
using System.Text.RegularExpressions;

namespace PayoutService.Payees.AccountNumbers;

/// <summary>A Pix key.</summary>
internal enum PixKeyKind
{
    Cpf,
    Cnpj,
    Email,
    Phone,
    Random,
}

/// <summary>Keys of Brazil's Pix, as its directory (DICT) writes them: no punctuation, and lower case.</summary>
internal static partial class PixKey
{
    private static readonly SearchValues<char> DigitsAndCapitals =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>
    /// Banco Central do Brasil, DICT: a CPF, a CNPJ, an e-mail address, a Brazilian telephone number with +55, or a
    /// random key; null when it is none. The five have no text in common.
    /// </summary>
    public static PixKeyKind? KindOf(string text) => text switch
    {
        { Length: 11 } when IsCpf(text) => PixKeyKind.Cpf,
        { Length: 14 } when IsCnpj(text) => PixKeyKind.Cnpj,
        { Length: <= 77 } when Email().IsMatch(text) => PixKeyKind.Email,
        _ when Phone().IsMatch(text) => PixKeyKind.Phone,
        _ when RandomKey().IsMatch(text) => PixKeyKind.Random,
        _ => null,
    };

    /// <summary>True when a text can be nothing but a Pix key, right or mistyped: no account number looks so.</summary>
    public static bool LooksLikeOne(string text) =>
        text.StartsWith('+') || text.Contains('@', StringComparison.Ordinal) || text.Length == 36;

    /// <summary>The register of persons: eleven digits, the last two of them checking.</summary>
    private static bool IsCpf(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExceptInRange('0', '9') && HasCheckDigits(text, highestWeight: 11);

    /// <summary>
    /// The register of companies: fourteen places, the last two of them checking digits. Since July 2026 (Instrução
    /// Normativa RFB 2.229/2024) the first twelve may have capital letters.
    /// </summary>
    private static bool IsCnpj(ReadOnlySpan<char> text) =>
        !text[..12].ContainsAnyExcept(DigitsAndCapitals) && HasCheckDigits(text, highestWeight: 9);

    /// <summary>The same digit all along would pass, and is nobody's number.</summary>
    private static bool HasCheckDigits(ReadOnlySpan<char> text, int highestWeight) =>
        text.ContainsAnyExcept(text[0])
        && text[^2] == CheckDigit(text[..^2], highestWeight)
        && text[^1] == CheckDigit(text[..^1], highestWeight);

    /// <summary>
    /// Modulo 11, with the weights 2, 3 and so on from the right, and 2 again after the highest. Two remainders share
    /// the digit 0, so that a number with a 0 there may hide a wrong digit.
    /// </summary>
    private static char CheckDigit(ReadOnlySpan<char> body, int highestWeight)
    {
        var sum = 0;
        for (var place = 0; place < body.Length; place++)
        {
            // A letter has the value of its code less that of '0': A is 17.
            sum += (body[^(place + 1)] - '0') * (2 + (place % (highestWeight - 1)));
        }

        var remainder = sum % 11;
        return (char)('0' + (remainder < 2 ? 0 : 11 - remainder));
    }

    [GeneratedRegex(@"\A[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        + @"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Email();

    /// <summary>The area's two digits, and a mobile number of nine digits or a fixed one of eight.</summary>
    [GeneratedRegex(@"\A\+55[1-9][0-9](9[0-9]{8}|[2-5][0-9]{7})\z")]
    private static partial Regex Phone();

    /// <summary>A UUID of any version: the directory's own example is not of version 4.</summary>
    [GeneratedRegex(@"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex RandomKey();
}
