using System.Globalization;
using System.Text.Json;

namespace PayoutService.Pockyt;

/// <summary>Reading Pockyt's loosely typed answers: a value may come as text or as a number.</summary>
internal static class LooseJson
{
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A member's text; a number's text as it was written; null when absent or something else.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
        _ => null,
    };

    /// <summary>Whether every text in it can be read: JSON may hold half a character, which no text can.</summary>
    public static bool IsReadable(this JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Array => element.EnumerateArray().All(IsReadable),
                JsonValueKind.Object => element.EnumerateObject().All(
                    member => member.Name.Length >= 0 && member.Value.IsReadable()),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Plain decimal text as a number; null when it is anything else.</summary>
    public static decimal? Number(string? text) =>
        text is not null && text.All(character => char.IsAsciiDigit(character) || character == '.')
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
