using System.Globalization;
using System.Text;

namespace PayoutService.Api.Validation;

/// <summary>The one place that says which texts, e-mail addresses, phone numbers and countries are taken, for bodies,
/// changes and addresses alike. Characters are counted as code points.</summary>
internal static class Texts
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>Signs that a joiner may follow in the scripts of India and its neighbors: they take a vowel away.
    /// </summary>
    private static readonly HashSet<int> Viramas =
    [
        0x094D, 0x09CD, 0x0A4D, 0x0ACD, 0x0B4D, 0x0BCD, 0x0C4D, 0x0CCD, 0x0D4D, 0x0DCA, 0x0E3A, 0x0F84, 0x1039, 0x103A,
        0x17D2, 0x1A60, 0x1B44,
    ];

    /// <summary>ISO 3166-1 alpha-2, as of November 2026.</summary>
    private static readonly HashSet<string> Countries =
    [
        .. ("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT "
            + "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH "
            + "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
            + "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
            + "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
            + "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
            + "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
            + "UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW").Split(' '),
    ];

    /// <summary>The states, districts and territories of the US Postal Service.</summary>
    private static readonly HashSet<string> UsStates =
    [
        .. ("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
            + "ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI FM MH PW AA AE AP").Split(' '),
    ];

    /// <summary>Text that people read: nothing hidden, no space at either end.</summary>
    public static bool IsPlain(string? text, int most)
    {
        if (text is not { Length: > 0 } || text.Trim().Length != text.Length)
        {
            return false;
        }

        var runes = text.EnumerateRunes().ToList();
        return runes.Count <= most
            && Enumerable.Range(0, runes.Count).All(at => IsJoiner(runes[at]) ? Joins(runes, at) : IsShown(runes[at]));
    }

    /// <summary>The same, when it is signed on its way to Pockyt: the signed text escapes neither '&amp;' nor '='.
    /// </summary>
    public static bool IsSignable(string? text, int most) => IsPlain(text, most) && !text!.AsSpan().ContainsAny("&=");

    /// <summary>An address in plain ASCII: dot-atom, and a domain of two labels or more that does not end in a number.
    /// </summary>
    public static bool IsEmail(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var local = at > 0 ? text[..at] : "";
        var labels = at > 0 ? text[(at + 1)..].Split('.') : [];
        return text.Length <= 254
            && local.Length is > 0 and <= 64
            && local.All(letter => char.IsAsciiLetterOrDigit(letter) || ".!#$%'*+/?^_`{|}~-".Contains(letter))
            && local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal)
            && labels.Length >= 2 && labels.All(IsLabel)
            && labels[^1].Length >= 2 && !labels[^1].All(char.IsAsciiDigit);
    }

    /// <summary>7 to 15 digits, with spaces, brackets, dots and hyphens between them, and '+' before a country code,
    /// none of which begins with 0.</summary>
    public static bool IsPhone(string text) =>
        text.Length is > 0 and <= 40
        && (char.IsAsciiDigit(text[0]) || text[0] is '+' or '(') && (char.IsAsciiDigit(text[^1]) || text[^1] == ')')
        && text.Count(char.IsAsciiDigit) is >= 7 and <= 15
        && text.Select((letter, place) => (letter, place)).All(one =>
            char.IsAsciiDigit(one.letter) || " ().-".Contains(one.letter) || (one.letter == '+' && one.place == 0))
        && (text[0] != '+' || text.First(char.IsAsciiDigit) != '0');

    /// <summary>The reason why a text is no country; null when it is one.</summary>
    public static string? WhyNoCountry(string text) => Countries.Contains(text) ? null
        : text == "UK" ? "must be ISO 3166-1 alpha-2: the United Kingdom is GB"
        : "must be a country of ISO 3166-1 alpha-2: two capital letters, such as US";

    public static bool IsUsState(string text) => UsStates.Contains(text);

    public static bool IsUsZip(string text) =>
        text.Length is 5 or 10
        && text.Select((letter, place) => place == 5 ? letter == '-' : char.IsAsciiDigit(letter)).All(fits => fits);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
        && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static bool IsShown(Rune rune) => rune != Rune.ReplacementChar
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static bool IsJoiner(Rune rune) => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner;

    /// <summary>IDNA's rule for joiners (CONTEXTJ): after a virama both, and a non-joiner between letters that would be
    /// joined. Which letters are is told by their script, not letter by letter.</summary>
    private static bool Joins(List<Rune> runes, int at) =>
        at > 0
        && (Viramas.Contains(runes[at - 1].Value)
            || (runes[at].Value == ZeroWidthNonJoiner && at + 1 < runes.Count
                && IsCursive(runes[at - 1]) && IsCursive(runes[at + 1])));

    /// <summary>Letters of Arabic, Syriac, N'Ko, Mandaic and Mongolian.</summary>
    private static bool IsCursive(Rune rune) => rune.Value is (>= 0x0620 and <= 0x08FF) or (>= 0x1820 and <= 0x18AA)
        && Rune.IsLetter(rune);
}
