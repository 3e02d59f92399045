using PayoutService.Api.Validation;

namespace PayoutService.Api.Payors;

/// <summary>A payor to register at Pockyt. The details pass through and are not kept.</summary>
public sealed record CreatePayorRequest
{
    /// <summary>After a restore of the database: you looked for the payor in Pockyt's portal, and it is not there.
    /// </summary>
    public bool NotAtPockyt { get; init; }

    /// <summary>Your key for this payor: one payor per key, forever, so repeating the call is always safe. Pockyt does
    /// not see it.</summary>
    /// <example>payor-7</example>
    [KeyText]
    public required string PayorCode { get; init; }

    /// <summary>Facts that Pockyt needs about the business, its representative and its bank, in Pockyt's own names,
    /// which its documents do not show: ask Pockyt for them. Up to 64 texts, sent as they are, not kept.</summary>
    /// <example>{"businessName": "Lovelace Ltd", "email": "office@example.com"}</example>
    [NamedTexts(500)]
    public required IReadOnlyDictionary<string, string> Details { get; init; }

    internal Dictionary<string, string?> Content() =>
        Details.ToDictionary(detail => $"details.{detail.Key}", detail => (string?)detail.Value);
}

/// <summary>An operator's finding in Pockyt's portal about a payor whose registration was not answered.</summary>
public sealed record ResolvePayorRequest
{
    /// <example>payor-7</example>
    [KeyText]
    public required string PayorCode { get; init; }

    /// <summary>Pockyt's number of the payor. Left out: Pockyt does not have it.</summary>
    /// <example>P87654321</example>
    [KeyText]
    public string? PayorNo { get; init; }
}
