using PayoutService.Payors;

namespace PayoutService.Views;

/// <summary>A payor: in whose name a merchant of record pays.</summary>
public sealed record PayorView
{
    /// <summary>Pockyt's number of the payor, for addresses and for payees; absent until it is registered.</summary>
    /// <example>P87654321</example>
    public string? PayorNo { get; init; }

    /// <example>payor-7</example>
    public required string PayorCode { get; init; }

    /// <summary>As Pockyt last said, in answer to a registration or an upload: no call of Pockyt's asks for it, and no
    /// notice tells it. So a payor that Pockyt's review approved since is still shown as submitted.</summary>
    public required PayorStatus Status { get; init; }

    /// <summary>The time when Pockyt said so; absent when it never did.</summary>
    public DateTimeOffset? StatusHeardAt { get; init; }

    /// <summary>The step that is needed before payees can be registered under it; absent when they can.</summary>
    /// <example>null</example>
    public string? NextStep { get; init; }

    public required PayorProviderView Provider { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <example>2</example>
    public required int Version { get; init; }

    internal static PayorView Of(Payor payor, DateTimeOffset now) => new()
    {
        PayorNo = payor.PayorNo,
        PayorCode = payor.PayorCode,
        Status = payor.StatusAt(now),
        StatusHeardAt = payor.StatusHeardAt,
        NextStep = NextStepOf(payor.StatusAt(now)),
        Provider = new PayorProviderView { PayorNo = payor.PayorNo, Status = payor.ProviderStatus },
        CreatedAt = payor.CreatedAt,
        UpdatedAt = payor.UpdatedAt,
        Version = payor.Version,
    };

    internal static string Link(Payor payor) => payor.PayorNo is { } payorNo
        ? $"/v1/payors/{Uri.EscapeDataString(payorNo)}"
        : $"/v1/payors?payorCode={payor.PayorCode}";

    private static string? NextStepOf(PayorStatus status) => status switch
    {
        PayorStatus.Approved or PayorStatus.Effective => null,
        PayorStatus.Registering => "Registration is in progress; read it again shortly.",
        PayorStatus.Unconfirmed => "Pockyt may or may not have it, cannot be asked, and is not told again by itself. "
            + "Look for it in Pockyt's portal; then an operator calls POST /v1/payors/resolve with its payorNo, or "
            + "without one when it is not there: then the payorCode can be used again.",
        PayorStatus.Saved or PayorStatus.Submitted => "Upload its documents (POST …/documents); then Pockyt reviews "
            + "it. Its approval shows in Pockyt's portal, and here with the next answer about it.",
        PayorStatus.Declined => "Pockyt's review refused the payor: ask Pockyt's support for the reason.",
        _ => "Pockyt told no status that we know: look in its portal, or ask its support.",
    };
}

/// <summary>Pockyt's last answer about a payor, in its own words.</summary>
public sealed record PayorProviderView
{
    /// <example>P87654321</example>
    public string? PayorNo { get; init; }

    /// <example>SUBMITTED</example>
    public string? Status { get; init; }
}

/// <summary>Documents that Pockyt took. Nothing of them is kept here.</summary>
public sealed record UploadView
{
    /// <example>P87654321</example>
    public required string PayorNo { get; init; }

    /// <summary>The number of documents that Pockyt took.</summary>
    /// <example>1</example>
    public required int Documents { get; init; }

    /// <summary>The payor, when it was registered here.</summary>
    public PayorView? Payor { get; init; }

    /// <summary>Pockyt's present answer about the payor.</summary>
    public required PayorProviderView Provider { get; init; }
}
