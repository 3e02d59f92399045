using System.Globalization;

namespace PayoutService.Payees.AccountNumbers;

/// <summary>The number on a Chinese resident's identity card.</summary>
internal static class ChineseResidentId
{
    private const string CheckCharacters = "0123456789X";

    /// <summary>
    /// GB 11643: six digits of a region, a date of birth, three digits of a sequence, and the check character of
    /// ISO 7064 mod 11-2, of which X is a capital letter.
    /// </summary>
    public static bool IsValid(string text) =>
        text.Length == 18 && text[0] != '0' && !text.AsSpan(0, 17).ContainsAnyExceptInRange('0', '9')
        && IsBirthDate(text.AsSpan(6, 8)) && text[17] == CheckCharacter(text.AsSpan(0, 17));

    /// <summary>No clock is asked. The standard's own examples begin in 1880.</summary>
    private static bool IsBirthDate(ReadOnlySpan<char> digits) =>
        DateOnly.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        && date.Year is >= 1800 and < 2100;

    private static char CheckCharacter(ReadOnlySpan<char> digits)
    {
        var remainder = 0;
        foreach (var digit in digits)
        {
            remainder = (remainder + digit - '0') * 2 % 11;
        }

        return CheckCharacters[(12 - remainder) % 11];
    }
}
