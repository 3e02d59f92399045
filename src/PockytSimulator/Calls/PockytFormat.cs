using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PockytSimulator.Calls;

/// <summary>How Pockyt writes times, amounts and JSON.</summary>
internal static class PockytFormat
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    // Pockyt's answers carry names and addresses unescaped.
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static CultureInfo Culture => CultureInfo.InvariantCulture;

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString(TimeFormat, Culture);

    public static bool IsTime(string text) =>
        DateTime.TryParseExact(text, TimeFormat, Culture, DateTimeStyles.None, out _);

    public static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _);

    public static string Amount(decimal amount) => amount.ToString("0.00", Culture);

    /// <summary>A positive amount with at most two decimals, as Pockyt's own clients demand.</summary>
    public static bool TryAmount(string text, out decimal amount)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : text.Length - point - 1;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, Culture, out amount)
            && point != 0 && decimals <= 2 && !text.EndsWith('.') && amount > 0;
    }

    public static byte[] Json(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Plain);

    /// <summary>The text a member stands for: a string's content, anything else as it is written.</summary>
    public static string Text(JsonNode node) =>
        node.GetValueKind() is JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString(Plain);
}
