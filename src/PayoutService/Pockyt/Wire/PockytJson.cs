using System.Globalization;
using System.Text.Json;

namespace PayoutService.Pockyt.Wire;

/// <summary>Reading Pockyt's loosely typed answers: a value may come as text or as a number.</summary>
internal static class PockytJson
{
    /// <summary>Well above every amount, and its smallest units still fit into a long.</summary>
    private const decimal MaxNumber = 1_000_000_000_000_000;

    /// <summary>Pockyt's longest member, an address, is far below this.</summary>
    private const int MaxLength = 1000;

    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A member's text; a number's text as it was written, but for an exponent: Java writes ten million as
    /// 1.0E7. Null when absent or something else.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { ValueKind: JsonValueKind.Number } value => WithoutExponent(value.GetRawText()),
        _ => null,
    };

    /// <summary>True when every text in it can be kept: short, and nothing in it that PostgreSQL or a log refuses.
    /// Messages are left out, because they are cleaned and decide nothing.</summary>
    /// <exception cref="InvalidOperationException">It holds half a character, which no text can.</exception>
    public static bool HasPlainTexts(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => IsPlain(element.GetString()!),
        JsonValueKind.Number => IsPlain(element.GetRawText()),
        JsonValueKind.Array => element.EnumerateArray().All(HasPlainTexts),
        JsonValueKind.Object => element.EnumerateObject().All(
            member => member.Value.HasPlainTexts() || member.Name is "ret_msg" or "retMsg"),
        _ => true,
    };

    /// <summary>Plain decimal text as a number; null when it is anything else, or more than any amount of money.
    /// </summary>
    public static decimal? Number(string? text) =>
        text is not null && text.All(character => char.IsAsciiDigit(character) || character == '.')
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number < MaxNumber
            ? number
            : null;

    private static string WithoutExponent(string number) =>
        number.AsSpan().ContainsAny('e', 'E')
        && decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value.ToString(CultureInfo.InvariantCulture)
            : number;

    private static bool IsPlain(string text) => text.Length <= MaxLength && !text.Any(char.IsControl);
}
