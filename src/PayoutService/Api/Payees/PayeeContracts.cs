using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PayoutService.Api.Validation;
using PayoutService.Payees;
using PayoutService.Storage;

namespace PayoutService.Api.Payees;

/// <summary>A payee to register at Pockyt. What identifies a person passes through and is not kept.</summary>
public sealed record CreatePayeeRequest
{
    /// <summary>Your key for this payee: one payee per key, forever.</summary>
    /// <example>contractor-42</example>
    [KeyText]
    public required string CustomerCode { get; init; }

    /// <summary>INDIVIDUAL or BUSINESS.</summary>
    /// <example>INDIVIDUAL</example>
    [AllowedValues("INDIVIDUAL", "BUSINESS", ErrorMessage = "must be INDIVIDUAL or BUSINESS")]
    [DefaultValue("INDIVIDUAL")]
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

/// <summary>A change of a payee; members that are left out stay as they are.</summary>
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
