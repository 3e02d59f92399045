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

    /// <summary>Reads every text in it: JSON may hold half a character, which no text can.</summary>
    /// <exception cref="InvalidOperationException">It does.</exception>
    public static void CheckTexts(this JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                element.EnumerateArray().ToList().ForEach(CheckTexts);
                break;
            case JsonValueKind.Object:
                element.EnumerateObject().ToList().ForEach(member => member.Value.CheckTexts());
                break;
        }
    }

    /// <summary>Plain decimal text as a number; null when it is anything else.</summary>
    public static decimal? Number(string? text) =>
        text is not null && text.All(character => char.IsAsciiDigit(character) || character == '.')
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
