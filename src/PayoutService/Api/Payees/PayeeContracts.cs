using System.ComponentModel.DataAnnotations;
using PayoutService.Api.Validation;
using PayoutService.Payees;
using PayoutService.Storage;
using PayoutService.Views;

namespace PayoutService.Api.Payees;

/// <summary>A payee to register at Pockyt. What identifies a person passes through and is not kept.</summary>
public sealed record CreatePayeeRequest
{
    /// <summary>Your key for this payee: one payee per key for ever.</summary>
    /// <example>contractor-42</example>
    [KeyText]
    public required string CustomerCode { get; init; }

    /// <summary>INDIVIDUAL or BUSINESS.</summary>
    /// <example>INDIVIDUAL</example>
    [AllowedValues("INDIVIDUAL", "BUSINESS", ErrorMessage = "must be INDIVIDUAL or BUSINESS")]
    public string ProfileType { get; init; } = "INDIVIDUAL";

    /// <example>Ada</example>
    [PlainText(100)]
    public required string FirstName { get; init; }

    /// <example>Lovelace</example>
    [PlainText(100)]
    public required string LastName { get; init; }

    /// <summary>Must be unique at Pockyt.</summary>
    /// <example>ada@example.com</example>
    [EmailText]
    public required string Email { get; init; }

    /// <summary>yyyy-MM-dd. Not kept.</summary>
    /// <example>1990-12-10</example>
    [BirthDate]
    public required string DateOfBirth { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    /// <example>US</example>
    [CountryText]
    public required string CountryCode { get; init; }

    /// <summary>The country's name as Pockyt prints it.</summary>
    /// <example>USA</example>
    [PlainText(100)]
    public string? Country { get; init; }

    /// <summary>Two letters in the US. Not kept.</summary>
    /// <example>NY</example>
    [PlainText(100)]
    public required string State { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>Hometown</example>
    [PlainText(100)]
    public required string City { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>123 Main St</example>
    [PlainText(200)]
    public required string Street { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>null</example>
    [PlainText(200)]
    public string? Street2 { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>10006</example>
    [PlainText(20)]
    public required string Zip { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>+1 212 555 0100</example>
    [PhoneText]
    public required string Phone { get; init; }

    /// <summary>Language of Pockyt's mails to the payee.</summary>
    /// <example>en</example>
    [PlainText(10)]
    public string? Lang { get; init; }

    /// <summary>Not kept.</summary>
    /// <example>null</example>
    [PlainText(64)]
    public string? GovernmentId { get; init; }

    /// <summary>ID_CARD, SSN, PASSPORT, DRIVER_LICENSE or BUSINESS_REGISTRATION_CERT.</summary>
    /// <example>null</example>
    [AllowedValues("ID_CARD", "SSN", "PASSPORT", "DRIVER_LICENSE", "BUSINESS_REGISTRATION_CERT", null,
        ErrorMessage = "must be ID_CARD, SSN, PASSPORT, DRIVER_LICENSE or BUSINESS_REGISTRATION_CERT")]
    public string? GovernmentIdType { get; init; }

    /// <summary>For merchants of record: Pockyt's number of the payor in whose name the payee is paid. Pockyt must have
    /// approved it, and it can never be changed. The payee's accounts have it too.</summary>
    /// <example>null</example>
    [KeyText]
    public string? PayorNo { get; init; }

    /// <summary>Of a BUSINESS payee: its name. First and last name are then its representative's. Not kept.</summary>
    /// <example>null</example>
    [PlainText(200)]
    public string? Company { get; init; }

    /// <summary>Up to 32 texts of yours, kept and shown, never sent to Pockyt.</summary>
    [OwnText(500)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    internal PayeeProfile Profile() => new()
    {
        CustomerCode = CustomerCode,
        ProfileType = ProfileType,
        FirstName = FirstName,
        LastName = LastName,
        Email = Email,
        DateOfBirth = DateOfBirth,
        CountryCode = CountryCode,
        Country = Country,
        State = State,
        City = City,
        Street = Street,
        Street2 = Street2,
        Zip = Zip,
        Phone = Phone,
        Lang = Lang,
        GovernmentId = GovernmentId,
        GovernmentIdType = GovernmentIdType,
        PayorNo = PayorNo,
        Company = Company,
    };

    internal Dictionary<string, string?> Content() => new()
    {
        ["profileType"] = ProfileType,
        ["firstName"] = FirstName,
        ["lastName"] = LastName,
        ["email"] = Email,
        ["dateOfBirth"] = DateOfBirth,
        ["countryCode"] = CountryCode,
        ["country"] = Country,
        ["state"] = State,
        ["city"] = City,
        ["street"] = Street,
        ["street2"] = Street2,
        ["zip"] = Zip,
        ["phone"] = Phone,
        ["lang"] = Lang,
        ["governmentId"] = GovernmentId,
        ["governmentIdType"] = GovernmentIdType,
        ["payorNo"] = PayorNo,
        ["company"] = Company,
        ["metadata"] = Fingerprints.TextOf(Metadata),
    };
}

/// <summary>What changes about a payee; what is left out stays as it is.</summary>
public sealed record ChangePayeeRequest
{
    [PlainText(100)]
    public string? FirstName { get; init; }

    [PlainText(100)]
    public string? LastName { get; init; }

    [EmailText]
    public string? Email { get; init; }

    [CountryText]
    public string? CountryCode { get; init; }

    [PlainText(100)]
    public string? Country { get; init; }

    [PlainText(100)]
    public string? State { get; init; }

    /// <example>Newtown</example>
    [PlainText(100)]
    public string? City { get; init; }

    [PlainText(200)]
    public string? Street { get; init; }

    [PlainText(200)]
    public string? Street2 { get; init; }

    [PlainText(20)]
    public string? Zip { get; init; }

    [PhoneText]
    public string? Phone { get; init; }

    [PlainText(10)]
    public string? Lang { get; init; }

    /// <summary>Only of a BUSINESS payee.</summary>
    [PlainText(200)]
    public string? Company { get; init; }

    /// <summary>Replaces all metadata.</summary>
    [OwnText(500)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    internal bool ChangesProfile => Profile() != new PayeeProfile();

    internal PayeeProfile Profile() => new()
    {
        FirstName = FirstName,
        LastName = LastName,
        Email = Email,
        CountryCode = CountryCode,
        Country = Country,
        State = State,
        City = City,
        Street = Street,
        Street2 = Street2,
        Zip = Zip,
        Phone = Phone,
        Lang = Lang,
        Company = Company,
    };
}

/// <summary>A payee.</summary>
public sealed record PayeeView
{
    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string Id { get; init; }

    /// <example>contractor-42</example>
    public required string CustomerCode { get; init; }

    /// <summary>Only an active payee can be paid.</summary>
    public required PayeeStatus Status { get; init; }

    /// <summary>What has to happen before the payee can be paid; absent when it can.</summary>
    /// <example>null</example>
    public string? NextStep { get; init; }

    /// <summary>Why a human must look.</summary>
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

    private static string? NextStepOf(PayeeStatus status) => status switch
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

/// <summary>What Pockyt says of a payee, in its own words.</summary>
public sealed record PayeeProviderView
{
    /// <example>2000305228303182610217</example>
    public string? CustomerNo { get; init; }

    /// <example>Activated</example>
    public string? Status { get; init; }
}
