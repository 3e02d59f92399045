using System.Text.RegularExpressions;

namespace PockytSimulator;

/// <summary>The formats Pockyt refuses with 000023 when they are wrong; members that were not sent are right.</summary>
internal static partial class Formats
{
    private static readonly Dictionary<string, Func<string, bool>> Rules = new()
    {
        ["timestamp"] = Wire.IsTime,
        ["dateOfBirth"] = Wire.IsDate,
        ["email"] = text => Email().IsMatch(text),
        ["countryCode"] = text => CountryCode().IsMatch(text),
        ["accountCountry"] = text => CountryCode().IsMatch(text),
        ["accountCurrency"] = text => Currency().IsMatch(text),
        ["currency"] = text => Currency().IsMatch(text),
        ["amount"] = text => Wire.TryAmount(text, out _),
        ["settleCurrency"] = text => Currency().IsMatch(text),
        ["refundAmount"] = text => Wire.TryAmount(text, out _),
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

    private static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "https" or "http");

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+$")]
    private static partial Regex Email();

    [GeneratedRegex("^[A-Z]{2}$")]
    private static partial Regex CountryCode();

    // Four letters because of USDC.
    [GeneratedRegex("^[A-Z]{3,4}$")]
    private static partial Regex Currency();
}
