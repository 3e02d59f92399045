using System.Globalization;
using System.Text;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Tests.Proofs;

/// <summary>A post to the address of a payout that Pockyt did not make.</summary>
internal sealed record Forgery(
    string Kind, string Merchant, string InvoiceId, string Capability, byte[] Body, string? ContentType);

/// <summary>
/// Notices by a forger who has seen everything but the token: every address, every notice that Pockyt would send, and
/// all that we sign ourselves. The same seed makes the same forgeries.
/// </summary>
internal sealed class Forgeries(int seed, IReadOnlyList<Payout> payouts, PockytOptions options)
{
    private static readonly string[] Words = ["success", "failed", "returned", "pending"];
    private static readonly string[] ContentTypes =
        ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"];

    private readonly Random chance = new(seed);
    private readonly NoticeAddress address = new(options);
    private readonly string token = options.Merchants["main"].Tokens[0];

    private Func<Forgery>[] Kinds =>
    [
        FlipBits, SwapFields, ChangeField, DropField, MergeFields, MoveBoundary, SplitField, HideFields, ReflectPay,
        ReflectInquiry, DressUpRequest, Duplicate, AddCaseTwin, AddField, SendElsewhere, BendSignature, BendCapability,
        SayInNumbers, SignWithAnother, Garble,
    ];

    /// <summary>The next one; what happens to say exactly what Pockyt would say is no forgery.</summary>
    public Forgery Next() => OneOf(Kinds)();

    /// <summary>What Pockyt would post.</summary>
    public Forgery Genuine(Payout payout, string word) =>
        To(payout, Json(Notice(payout, word)), nameof(Genuine)) with { ContentType = "application/json" };

    private Forgery FlipBits()
    {
        var payout = OneOf(payouts);
        var genuine = Notice(payout, OneOf(Words));
        while (true)
        {
            var body = Encoded(genuine);
            for (var flips = chance.Next(1, 9); flips > 0; flips--)
            {
                body[chance.Next(body.Length)] ^= (byte)(1 << chance.Next(8));
            }

            if (!SaysTheSame(body, genuine))
            {
                return To(payout, body, nameof(FlipBits));
            }
        }
    }

    private Forgery SwapFields()
    {
        var (payout, notice) = Draw();
        var (one, other) = TwoOf([.. notice.Keys]);
        (notice[one], notice[other]) = (notice[other], notice[one]);
        return To(payout, Encoded(notice), nameof(SwapFields));
    }

    private Forgery ChangeField()
    {
        var (payout, notice) = Draw();
        var name = OneOf(notice.Keys.Where(name => name != VerifySign.Member).ToArray());
        var other = Notice(OneOf(payouts), OneOf(Words));
        notice[name] = chance.Next(3) switch
        {
            0 when other[name] != notice[name] => other[name],
            1 => notice[name] + OneOf(["0", " ", "&", "=", "\0", "."]),
            _ => notice[name][1..] + "x",
        };
        return To(payout, Encoded(notice), nameof(ChangeField));
    }

    private Forgery DropField()
    {
        var (payout, notice) = Draw();
        notice.Remove(OneOf(notice.Keys.ToArray()));
        return To(payout, Encoded(notice), nameof(DropField));
    }

    /// <summary>Two neighbours of the signed text become one member: the text, and so the signature, stay.</summary>
    private Forgery MergeFields()
    {
        var (payout, notice) = Draw();
        var names = notice.Keys.Where(name => name != VerifySign.Member).ToArray();
        var at = chance.Next(names.Length - 1);
        notice[names[at]] += $"&{names[at + 1]}={notice[names[at + 1]]}";
        notice.Remove(names[at + 1]);
        if (chance.Next(2) == 0)
        {
            notice[names[at + 1]] = "";
        }

        return To(payout, Encoded(notice), nameof(MergeFields));
    }

    /// <summary>The name ends at a later '=' than it did: again the same signed text.</summary>
    private Forgery MoveBoundary()
    {
        var (payout, notice) = Draw();
        var names = notice.Keys.Where(name => name != VerifySign.Member).ToArray();
        var at = chance.Next(names.Length - 1);
        var (first, second) = (names[at], names[at + 1]);
        notice[$"{first}={notice[first]}&{second}"] = notice[second];
        notice.Remove(first);
        notice.Remove(second);
        if (chance.Next(2) == 0)
        {
            notice[first] = "";
            notice[second] = "";
        }

        return To(payout, Encoded(notice), nameof(MoveBoundary));
    }

    /// <summary>A value that holds '&amp;' and '=' was signed; here it is several members.</summary>
    private Forgery SplitField()
    {
        var payout = OneOf(payouts);
        var word = OneOf(Words);
        var signed = Members(payout, word);
        var carrier = OneOf(["accountToken", "vendor", "paymentTime"]);
        signed[carrier] += $"&note={OneOf(Words)}&zeal=1";
        var notice = Members(payout, word);
        notice["note"] = "1";
        notice["zeal"] = "1";
        notice[VerifySign.Member] = Sign(signed);
        return To(payout, Encoded(notice), nameof(SplitField));
    }

    /// <summary>What the signed text has elsewhere moves into one value, and something new takes its place.</summary>
    private Forgery HideFields()
    {
        var (payout, notice) = Draw();
        var hidden = notice["status"];
        notice["receiver"] = $"{notice["paymentTime"]}&status={hidden}";
        notice["status"] = OneOf(Words.Where(word => word != hidden).ToArray());
        return To(payout, Encoded(notice), nameof(HideFields));
    }

    private Forgery ReflectPay()
    {
        var payout = OneOf(payouts);
        return To(payout, Encoded(Signed(PayRequest(payout))), nameof(ReflectPay));
    }

    private Forgery ReflectInquiry()
    {
        var payout = OneOf(payouts);
        var request = Request(new() { ["invoiceId"] = payout.InvoiceId });
        return To(payout, Encoded(Signed(request)), nameof(ReflectInquiry));
    }

    /// <summary>Our own signature, with the members that a notice wants beside those that were signed.</summary>
    private Forgery DressUpRequest()
    {
        var payout = OneOf(payouts);
        var request = Signed(PayRequest(payout));
        foreach (var (name, value) in Members(payout, OneOf(Words)))
        {
            request.TryAdd(name, value);
        }

        if (chance.Next(2) == 0)
        {
            foreach (var ours in new[] { "merchantNo", "storeNo", "timestamp", "customerNo", "ipnUrl" })
            {
                request.Remove(ours);
            }
        }

        return To(payout, Encoded(request), nameof(DressUpRequest));
    }

    /// <summary>One reader takes the first of two, another the last.</summary>
    private Forgery Duplicate()
    {
        var (payout, notice) = Draw();
        var name = OneOf(notice.Keys.ToArray());
        var twin = KeyValuePair.Create(name, chance.Next(2) == 0 ? notice[name] : OneOf(Words));
        var members = notice.ToList();
        members.Insert(chance.Next(members.Count + 1), twin);
        return To(payout, Encoded(members), nameof(Duplicate));
    }

    private Forgery AddCaseTwin()
    {
        var (payout, notice) = Draw();
        var name = OneOf(notice.Keys.ToArray());
        var twin = OneOf([name.ToUpperInvariant(), char.ToUpperInvariant(name[0]) + name[1..], name + "_"]);
        notice[twin] = chance.Next(2) == 0 ? notice[name] : OneOf([.. Words, ""]);
        if (chance.Next(3) == 0)
        {
            notice.Remove(name);
        }

        return To(payout, Encoded(notice), nameof(AddCaseTwin));
    }

    /// <summary>An empty member is not signed, so that this verifies.</summary>
    private Forgery AddField()
    {
        var (payout, notice) = Draw();
        notice[OneOf(["note", "receiver", "merchantNo", "x", "Verifysign"])] = OneOf(["", "", "1", "success"]);
        return To(payout, Encoded(notice), nameof(AddField));
    }

    /// <summary>What Pockyt said of one payout, at the address of another, or with another's signature.</summary>
    private Forgery SendElsewhere()
    {
        var (payout, other) = TwoOf(payouts);
        var notice = Notice(other, OneOf(Words));
        var body = chance.Next(3) switch
        {
            0 => Encoded(With(notice, "invoiceId", payout.InvoiceId)),
            1 => Encoded(With(Members(payout, "success"), VerifySign.Member, notice[VerifySign.Member])),
            _ => Encoded(notice),
        };
        return chance.Next(3) == 0
            ? To(other, body, nameof(SendElsewhere)) with { InvoiceId = payout.InvoiceId }
            : To(payout, body, nameof(SendElsewhere));
    }

    private Forgery BendSignature()
    {
        var (payout, notice) = Draw();
        var right = notice[VerifySign.Member];
        notice[VerifySign.Member] = chance.Next(10) switch
        {
            0 when right.Any(char.IsAsciiLetter) => right.ToUpperInvariant(),
            1 => right + OneOf([" ", "0", "\n", "\0", "="]),
            2 => OneOf([" ", "0", "0x", "\ufeff"]) + right,
            3 => right[..chance.Next(32)],
            4 => right[chance.Next(1, 32)..],
            5 => right + right,
            6 => new string([.. right.Reverse(), '0']),
            7 => Convert.ToBase64String(Convert.FromHexString(right)),
            8 => new string([.. right.Select(digit => (char)(digit + 0xfee0))]),
            _ => Convert.ToHexStringLower(Bytes(16)),
        };
        return To(payout, Encoded(notice), nameof(BendSignature));
    }

    private Forgery BendCapability()
    {
        var payout = OneOf(payouts);
        var right = CapabilityOf(payout);
        var bent = chance.Next(8) switch
        {
            0 when right.Any(char.IsAsciiLetterLower) => right.ToUpperInvariant(),
            1 => right + OneOf(["A", "=", " ", "%00"]),
            2 => right[..chance.Next(1, right.Length)],
            3 => right[1..],
            4 => right + right,
            5 => CapabilityOf(OneOf(payouts.Where(other => other != payout).ToArray())),
            6 => "A" + right,
            _ => Convert.ToBase64String(Bytes(24)).Replace('+', '-').Replace('/', '_'),
        };
        var forgery = To(payout, Json(Notice(payout, OneOf(Words))), nameof(BendCapability));
        return chance.Next(4) == 0
            ? forgery with { Merchant = OneOf(["other", "nobody", "MAIN", "main "]) }
            : forgery with { Capability = bent };
    }

    /// <summary>The text of a number is what is signed, so that this verifies.</summary>
    private Forgery SayInNumbers()
    {
        var (payout, notice) = Draw();
        var name = OneOf(["amount", "transactionNo", "accountToken"]);
        var json = Encoding.UTF8.GetString(Json(notice));
        return To(
            payout, Encoding.UTF8.GetBytes(json.Replace($"\"{notice[name]}\"", notice[name])), nameof(SayInNumbers));
    }

    private Forgery SignWithAnother()
    {
        var payout = OneOf(payouts);
        var guess = OneOf(["", options.Merchants["main"].MerchantNo, token.ToUpperInvariant(), token[..^1], "token"]);
        var members = Members(payout, OneOf(Words));
        members[VerifySign.Member] = VerifySign.Of(members!, guess);
        return To(payout, Encoded(members), nameof(SignWithAnother));
    }

    private Forgery Garble()
    {
        var (payout, notice) = Draw();
        var json = Encoding.UTF8.GetString(Json(notice));
        var body = chance.Next(9) switch
        {
            0 => Bytes(chance.Next(600)),
            1 => [.. Encoding.UTF8.GetPreamble(), .. Json(notice)],
            2 => Encoding.UTF8.GetBytes($"[{json}]"),
            3 => Encoding.UTF8.GetBytes(json[..chance.Next(json.Length)]),
            4 => Encoding.UTF8.GetBytes($"{{\"notice\":{json}}}"),
            5 => Encoding.UTF8.GetBytes(json + json),
            6 => Encoding.Unicode.GetBytes(json),
            7 => Encoding.UTF8.GetBytes(json
                .Replace("\"success\"", OneOf(["\"\\ud800\"", "null", "{}", "[\"success\"]"]))
                .Replace(notice["amount"], "1e400")),
            _ => Encoding.UTF8.GetBytes(new string(OneOf(['{', '[', '&', '=', '%', 'a']), chance.Next(20_000))),
        };
        return To(payout, body, nameof(Garble));
    }

    private (Payout Payout, SortedDictionary<string, string> Notice) Draw()
    {
        var payout = OneOf(payouts);
        return (payout, Notice(payout, OneOf(Words)));
    }

    private SortedDictionary<string, string> Notice(Payout payout, string word) => Signed(Members(payout, word));

    private static SortedDictionary<string, string> Members(Payout payout, string word) => new(StringComparer.Ordinal)
    {
        ["accountToken"] = payout.AccountToken,
        ["amount"] = payout.Amount.ToString(),
        ["currency"] = payout.Currency,
        ["invoiceId"] = payout.InvoiceId,
        ["paymentTime"] = "2026-11-21T03:10:00Z",
        ["status"] = word,
        ["transactionNo"] = payout.TransactionNo ?? NumberOf(payout),
        ["vendor"] = "BANK_ACCOUNT",
    };

    private SortedDictionary<string, string> PayRequest(Payout payout) => Request(new()
    {
        ["accountToken"] = payout.AccountToken,
        ["amount"] = payout.Amount.ToString(),
        ["currency"] = payout.Currency,
        ["customerNo"] = payout.CustomerNo,
        ["description"] = OneOf(["success", "thank you", "status success"]),
        ["invoiceId"] = payout.InvoiceId,
        ["ipnUrl"] = address.OfPayout("main", payout.InvoiceId),
    });

    private SortedDictionary<string, string> Request(Dictionary<string, string> members) =>
        new(members, StringComparer.Ordinal)
        {
            ["merchantNo"] = options.Merchants["main"].MerchantNo,
            ["storeNo"] = options.Merchants["main"].StoreNo,
            ["timestamp"] = "2026-11-21T03:10:00Z",
        };

    private SortedDictionary<string, string> Signed(SortedDictionary<string, string> members) =>
        With(members, VerifySign.Member, Sign(members));

    private string Sign(SortedDictionary<string, string> members) => VerifySign.Of(members!, token);

    private static SortedDictionary<string, string> With(
        SortedDictionary<string, string> members, string name, string value)
    {
        members[name] = value;
        return members;
    }

    private static string NumberOf(Payout payout) =>
        string.Create(CultureInfo.InvariantCulture, $"3055{payout.AmountMinor:D14}");

    private Forgery To(Payout payout, byte[] body, string kind) =>
        new(kind, "main", payout.InvoiceId, CapabilityOf(payout), body, OneOf(ContentTypes));

    private string CapabilityOf(Payout payout) => address.OfPayout("main", payout.InvoiceId).Split('/')[^1];

    private byte[] Encoded(IEnumerable<KeyValuePair<string, string>> members) =>
        chance.Next(2) == 0 ? Json(members) : Encoding.UTF8.GetBytes(string.Join('&', members.Select(
            member => $"{Uri.EscapeDataString(member.Key)}={Uri.EscapeDataString(member.Value)}")));

    private static byte[] Json(IEnumerable<KeyValuePair<string, string>> members) => Encoding.UTF8.GetBytes(
        "{" + string.Join(',', members.Select(
            member => $"{JsonSerializer.Serialize(member.Key)}:{JsonSerializer.Serialize(member.Value)}")) + "}");

    /// <summary>Reads a body without the code under test: a flipped bit may leave what is said as it was.</summary>
    private static bool SaysTheSame(byte[] body, SortedDictionary<string, string> genuine)
    {
        var text = Encoding.UTF8.GetString(body);
        try
        {
            var told = text.StartsWith('{')
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(text)!
                : text.Split('&').Select(member => member.Split('=', 2)).ToDictionary(
                    pair => Unescape(pair[0]), pair => Unescape(pair[^1]));
            return told.Count == genuine.Count
                && genuine.All(member => told.GetValueOrDefault(member.Key) == member.Value);
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException)
        {
            return false;
        }

        static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        chance.NextBytes(bytes);
        return bytes;
    }

    private T OneOf<T>(IReadOnlyList<T> all) => all[chance.Next(all.Count)];

    private (T One, T Other) TwoOf<T>(IReadOnlyList<T> all)
    {
        var one = chance.Next(all.Count);
        return (all[one], all[(one + chance.Next(1, all.Count)) % all.Count]);
    }
}
