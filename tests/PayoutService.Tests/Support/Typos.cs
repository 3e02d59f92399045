namespace PayoutService.Tests.Support;

/// <summary>What becomes of a text when somebody copies it wrong.</summary>
internal static class Typos
{
    private const string Foreign =
        "\0 \t\n\u00a0\u200b\u202e\ufeff\ud800\udfff-_.,;:/\\'\"<>%٥５Ａａаé€";

    /// <summary>Every text with one other character of the same kind in one place: digit, capital or small.</summary>
    public static IEnumerable<string> OneCharacter(string text) =>
        from place in Enumerable.Range(0, text.Length)
        from character in Kind(text[place])
        where character != text[place]
        select $"{text[..place]}{character}{text[(place + 1)..]}";

    /// <summary>Every text in which two characters of the same kind, so far apart, have changed places.</summary>
    public static IEnumerable<string> Swaps(string text, int apart = 1) =>
        from place in Enumerable.Range(0, Math.Max(0, text.Length - apart))
        let other = place + apart
        where text[place] != text[other] && Kind(text[place]) == Kind(text[other])
        select $"{text[..place]}{text[other]}{text[(place + 1)..other]}{text[place]}{text[(other + 1)..]}";

    /// <summary>Every text with a foreign character added or taken for one of its own, and every beginning.</summary>
    public static IEnumerable<string> WithForeign(string text) =>
        (from place in Enumerable.Range(0, text.Length + 1)
         from character in Foreign
         from taken in place < text.Length ? new[] { 0, 1 } : [0]
         select $"{text[..place]}{character}{text[(place + taken)..]}")
        .Concat(Enumerable.Range(0, text.Length).Select(length => text[..length]))
        .Concat([text + text, text + text[^1], text[0] + text, FullWidth(text)])
        .Where(typo => typo != text);

    /// <summary>Texts of any length and kind, the same in every run, among them very long ones.</summary>
    public static IEnumerable<string> Noise(string alphabet = "", int count = 5_000)
    {
        var chance = new Random(alphabet.Length);
        for (var round = 0; round < count; round++)
        {
            yield return string.Create(chance.Next(90), chance, (text, source) =>
            {
                foreach (ref var character in text)
                {
                    character = alphabet.Length > 0 && source.Next(20) > 0
                        ? alphabet[source.Next(alphabet.Length)]
                        : (char)source.Next(char.MaxValue + 1);
                }
            });
        }

        foreach (var character in $"{alphabet}\0a0{char.MaxValue}")
        {
            yield return new string(character, 1_000_000);
        }
    }

    private static string FullWidth(string text) =>
        string.Concat(text.Select(character => char.IsAscii(character) ? (char)(character + 0xFEE0) : character));

    private static string Kind(char character) => character switch
    {
        >= '0' and <= '9' => "0123456789",
        >= 'A' and <= 'Z' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        >= 'a' and <= 'z' => "abcdefghijklmnopqrstuvwxyz",
        _ => "",
    };
}
