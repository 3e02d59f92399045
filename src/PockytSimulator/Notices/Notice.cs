using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PockytSimulator.Calls;

namespace PockytSimulator.Notices;

[JsonConverter(typeof(JsonStringEnumConverter<NoticeSignature>))]
internal enum NoticeSignature
{
    Right,
    Wrong,
    None,
}

/// <summary>
/// A notice ready to be sent. It is built once, so that every attempt carries the same bytes. Encoding null means
/// the configured one; Once means a single attempt, untouched by faults; a tampering changes members after they
/// were signed, null removes one.
/// </summary>
internal sealed record Notice(string? InvoiceId, string Status, Uri Url, IReadOnlyDictionary<string, string> Members)
{
    /// <summary>Names it in the journal; one that is never owed needs no name.</summary>
    public string No { get; init; } = "";

    /// <summary>Whose token signs it; the first merchant's when not set.</summary>
    public required string MerchantNo { get; init; }

    public bool Once { get; init; }

    public string? Encoding { get; init; }

    public NoticeSignature Signature { get; init; } = NoticeSignature.Right;

    public IReadOnlyDictionary<string, string?> Tampering { get; init; } = new Dictionary<string, string?>();

    public HttpContent ToContent(string defaultEncoding, string token)
    {
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Members)
        {
            members[name] = value;
        }

        if (Signature is not NoticeSignature.None)
        {
            var signingToken = Signature is NoticeSignature.Right ? token : token + "-forged";
            members[PockytSignature.Member] = PockytSignature.Of(Members, signingToken);
        }

        foreach (var (name, value) in Tampering)
        {
            if (value is null)
            {
                members.Remove(name);
            }
            else
            {
                members[name] = value;
            }
        }

        return (Encoding ?? defaultEncoding) == "json" ? Json(members) : new FormUrlEncodedContent(members);
    }

    private static ByteArrayContent Json(SortedDictionary<string, string> members)
    {
        var body = new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
        var content = new ByteArrayContent(PockytFormat.Json(body));
        content.Headers.ContentType = new("application/json");
        return content;
    }
}
