using PayoutService.Payees;

namespace PayoutService.Views;

/// <summary>A payee.</summary>
public sealed record PayeeView
{
    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string Id { get; init; }

    /// <example>contractor-42</example>
    public required string CustomerCode { get; init; }

    /// <summary>Only an active payee can be paid.</summary>
    public required PayeeStatus Status { get; init; }

    /// <summary>The step that is needed before the payee can be paid; absent when it can.</summary>
    /// <example>null</example>
    public string? NextStep { get; init; }

    /// <summary>The reason why a person must look at it.</summary>
    /// <example>null</example>
    public PayeeAttention? Attention { get; init; }

    /// <example>INDIVIDUAL</example>
    public required string ProfileType { get; init; }

    /// <example>Ada</example>
    public required string FirstName { get; init; }

    /// <example>Lovelace</example>
    public required string LastName { get; init; }

    /// <example>ada@example.com</example>
    public required string Email { get; init; }

    /// <example>US</example>
    public required string CountryCode { get; init; }

    /// <summary>Pockyt's number of the payor in whose name it is paid; absent when it is your own.</summary>
    /// <example>null</example>
    public string? PayorNo { get; init; }

    public required PayeeProviderView Provider { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <example>2</example>
    public required int Version { get; init; }

    internal static PayeeView Of(Payee payee) => new()
    {
        Id = PublicId.Of(PublicId.Payee, payee.Id),
        CustomerCode = payee.CustomerCode,
        Status = payee.Status,
        NextStep = NextStepOf(payee.Status),
        Attention = payee.Attention,
        ProfileType = payee.ProfileType,
        FirstName = payee.FirstName,
        LastName = payee.LastName,
        Email = payee.Email,
        CountryCode = payee.CountryCode,
        PayorNo = payee.PayorNo,
        Provider = new PayeeProviderView { CustomerNo = payee.CustomerNo, Status = payee.ProviderStatus },
        Metadata = payee.Metadata,
        CreatedAt = payee.CreatedAt,
        UpdatedAt = payee.UpdatedAt,
        Version = payee.Version,
    };

    internal static string? NextStepOf(PayeeStatus status) => status switch
    {
        PayeeStatus.Active => null,
        PayeeStatus.Registering => "Pockyt has not answered yet, and is asked again by itself. "
            + "Repeat the call that registers it: that registers it when Pockyt does not have it.",
        PayeeStatus.Pending => "The payee completes the registration that Pockyt e-mailed to it, if it did; "
            + "then Pockyt reviews it. Documents go to Pockyt's support. POST …/refresh reads the status again.",
        PayeeStatus.Declined => "Pockyt's review refused the payee: ask Pockyt's support for the reason.",
        PayeeStatus.Deactivated => "The payee was switched off at Pockyt: ask Pockyt's support.",
        _ => "Pockyt gave a status that is not one we know: ask Pockyt's support.",
    };

    internal static string Link(Payee payee) => $"/v1/payees/{PublicId.Of(PublicId.Payee, payee.Id)}";
}

/// <summary>Pockyt's last answer about a payee, in its own words.</summary>
public sealed record PayeeProviderView
{
    /// <example>2000305228303182610217</example>
    public string? CustomerNo { get; init; }

    /// <example>Activated</example>
    public string? Status { get; init; }
}
