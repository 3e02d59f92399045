using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt.Notices;

/// <summary>A notice's body, parsed once: what is verified is what is applied.</summary>
internal sealed partial class NoticeBody
{
    /// <summary>Pockyt documents nine members; this leaves room for new ones and none for a flood.</summary>
    private const int MaxMembers = 64;

    /// <summary>More than the longest value Pockyt shows, and than any invoice id of ours.</summary>
    private const int MaxLength = 100;

    private static readonly HashSet<string> Documented =
    [
        "accountToken", "amount", "currency", "invoiceId", "paymentTime", "status", "transactionNo", "vendor",
        VerifySign.Member,
    ];

    /// <summary>Beside those of payouts. It documents payeeAccount too, which is the payee's e-mail.</summary>
    private static readonly HashSet<string> DocumentedOfAccounts =
        ["accountStatus", "accountTag", "accountType", "country", "customerNo"];

    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> members = new(StringComparer.Ordinal);
    private bool onlyText = true;

    private NoticeBody()
    {
    }

    /// <summary>The text that was signed.</summary>
    public string SignedText => VerifySign.Text(members!);

    /// <summary>The stored text: the members that Pockyt documents, and of others only their names, because nobody
    /// knows what they tell of a person.</summary>
    public string Kept => string.Join('&', members
        .Where(member => member.Key != VerifySign.Member)
        .OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => Documented.Contains(member.Key) || DocumentedOfAccounts.Contains(member.Key)
            ? $"{Readable(member.Key)}={Readable(member.Value)}"
            : Readable(member.Key)));

    /// <summary>Exactly the documented members, all of them plain text.</summary>
    public bool IsAsDocumented =>
        onlyText
        && members.Keys.ToHashSet().SetEquals(Documented)
        && members.Values.All(value => value.Length is > 0 and <= MaxLength && !value.Any(Unsafe))
        && Amount().IsMatch(members["amount"])
        && DateTimeOffset.TryParseExact(
            members["paymentTime"],
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out _);

    public string? Member(string name) => members.GetValueOrDefault(name);

    /// <summary>All tokens are tried, so that the time taken does not tell which one it was.</summary>
    public bool IsSignedWith(params string[] tokens) =>
        Member(VerifySign.Member) is { } signature
        && tokens.Aggregate(false, (right, token) => right | VerifySign.Verifies(members!, token, signature));

    /// <summary>Reads JSON or a form, whichever the first byte says; null when it is neither, strictly.</summary>
    public static NoticeBody? Parse(byte[] body)
    {
        try
        {
            var text = StrictUtf8.GetString(body);
            var notice = new NoticeBody();
            return (text.TrimStart().StartsWith('{') ? notice.ReadJson(text) : notice.ReadForm(text)) ? notice : null;
        }
        catch (Exception malformed) when (malformed
            is JsonException or InvalidDataException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool ReadJson(string text)
    {
        using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false, MaxDepth = 2 });
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.String:
                    members.Add(member.Name, member.Value.GetString()!);
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    members.Add(member.Name, member.Value.GetRawText());
                    onlyText = false;
                    break;
                case JsonValueKind.Null:
                    members.Add(member.Name, "");
                    onlyText = false;
                    break;
                default:
                    return false;
            }
        }

        return members.Count is > 0 and <= MaxMembers;
    }

    private bool ReadForm(string text)
    {
        using var reader = new FormReader(text) { ValueCountLimit = MaxMembers };
        foreach (var (name, values) in reader.ReadForm())
        {
            if (values is not [{ } value])
            {
                return false;
            }

            members.Add(name, value);
        }

        return members.ContainsKey(VerifySign.Member);
    }

    /// <summary>The signed text does not escape '&amp;' and '=', so two different notices could share a signature; and
    /// nothing Pockyt documents needs more than plain ASCII.</summary>
    private static bool Unsafe(char character) => character is '&' or '=' or < ' ' or > '~';

    private static string Readable(string text) =>
        string.Concat(text.Take(MaxLength).Select(character => Unsafe(character) ? '?' : character));

    /// <summary>As Pockyt writes amounts: no sign, no exponent, no zeros in front.</summary>
    [GeneratedRegex(@"^(0|[1-9][0-9]{0,14})(\.[0-9]+)?\z")]
    private static partial Regex Amount();
}
