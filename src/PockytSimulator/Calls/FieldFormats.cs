using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace PockytSimulator.Calls;

/// <summary>The formats Pockyt refuses with 000023 when they are wrong; members that were not sent are right.</summary>
internal static partial class FieldFormats
{
    private static readonly Dictionary<string, Func<string, bool>> Rules = new()
    {
        ["timestamp"] = PockytFormat.IsTime,
        ["dateOfBirth"] = PockytFormat.IsDate,
        ["email"] = IsEmail,
        ["countryCode"] = text => CountryCode().IsMatch(text),
        ["accountCountry"] = text => CountryCode().IsMatch(text),
        ["accountCurrency"] = text => Currency().IsMatch(text),
        ["currency"] = text => Currency().IsMatch(text),
        ["amount"] = text => PockytFormat.TryAmount(text, out _),
        ["settleCurrency"] = text => Currency().IsMatch(text),
        ["refundAmount"] = text => PockytFormat.TryAmount(text, out _),
        ["profileType"] = text => text is "INDIVIDUAL" or "BUSINESS",
        ["bankAccountPurpose"] = text => text is "CHECKING" or "SAVINGS",
        ["processingChannel"] = text => text is "STANDARD_ACH" or "SAME_DAY_ACH" or "REAL_TIME_PAY",
        // Pockyt wants https; plain http is let through because tests listen on the loopback address.
        ["ipnUrl"] = IsWebAddress,
    };

    public static Refusal? Check(CallBody body)
    {
        var wrong = Rules.FirstOrDefault(rule => body[rule.Key] is { } text && !rule.Value(text));
        return wrong.Key is null ? null : Refusal.Format(wrong.Key);
    }

    public static bool IsEmail(string text) => Email().IsMatch(text);

    public static bool IsPhone(string text) => Phone().IsMatch(text);

    /// <summary>The nine digits of an ABA routing number.</summary>
    public static bool IsRoutingNumber(string text) => text.Length == 9 && text.All(char.IsAsciiDigit);

    /// <summary>Country, check digits and account, with the check digits right.</summary>
    public static bool IsIban(string text) => Iban().IsMatch(text) && BigInteger.Parse(
        string.Concat((text[4..] + text[..4]).Select(DigitsOf)), CultureInfo.InvariantCulture) % 97 == 1;

    /// <summary>The key is what its type says; of an unknown type every key is right.</summary>
    public static bool IsPixKey(string? type, string key) => type switch
    {
        "CPF" => key.Length == 11 && key.All(char.IsAsciiDigit),

        // With letters since July 2026, but for the two check digits.
        "CNPJ" => key.Length == 14
            && key.All(character => char.IsAsciiDigit(character) || char.IsAsciiLetterUpper(character))
            && char.IsAsciiDigit(key[12]) && char.IsAsciiDigit(key[13]),
        "EMAIL" => IsEmail(key),
        "PHONE" => key.StartsWith('+') && IsPhone(key),
        "RANDOM" => Guid.TryParseExact(key, "D", out _),
        _ => true,
    };

    // A letter stands for two digits, beginning with ten.
    private static string DigitsOf(char character) =>
        (char.IsAsciiDigit(character) ? character - '0' : character - 'A' + 10).ToString(CultureInfo.InvariantCulture);

    private static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "https" or "http");

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+$")]
    private static partial Regex Email();

    [GeneratedRegex(@"^\+?\(?[0-9][0-9 ()-]{5,}$")]
    private static partial Regex Phone();

    [GeneratedRegex("^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")]
    private static partial Regex Iban();

    [GeneratedRegex("^[A-Z]{2}$")]
    private static partial Regex CountryCode();

    // Four letters because of USDC.
    [GeneratedRegex("^[A-Z]{3,4}$")]
    private static partial Regex Currency();
}
