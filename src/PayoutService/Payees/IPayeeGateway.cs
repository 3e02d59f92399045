using PayoutService.Payouts;

namespace PayoutService.Payees;

/// <summary>Pockyt's requirements for a payee. A null member is not sent. It lives only as long as the request
/// that carries it.</summary>
internal sealed record PayeeProfile
{
    public string? CustomerCode { get; init; }

    public string? ProfileType { get; init; }

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? Email { get; init; }

    public string? DateOfBirth { get; init; }

    public string? CountryCode { get; init; }

    public string? Country { get; init; }

    public string? State { get; init; }

    public string? City { get; init; }

    public string? Street { get; init; }

    public string? Street2 { get; init; }

    public string? Zip { get; init; }

    public string? Phone { get; init; }

    public string? Lang { get; init; }

    public string? GovernmentId { get; init; }

    public string? GovernmentIdType { get; init; }

    public string? PayorNo { get; init; }

    /// <summary>Of a business: its name. First and last name are its representative's.</summary>
    public string? Company { get; init; }
}

/// <summary>An account to add. The details pass through to Pockyt and are not kept.</summary>
/// <param name="AccountTag">The caller's key.</param>
/// <param name="AccountType">The kind, in Pockyt's words.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Currency">ISO 4217, or USDC.</param>
/// <param name="Details">Members by the names that Pockyt has for them.</param>
/// <param name="Number">The number of the account among them; only its fingerprint is kept.</param>
/// <param name="Last4">The last four digits, which are kept.</param>
internal sealed record AccountRequest(
    string AccountTag,
    string AccountType,
    string Country,
    string Currency,
    IReadOnlyDictionary<string, string> Details,
    string? Number = null,
    string? Last4 = null);

/// <summary>A payee as Pockyt describes it.</summary>
internal sealed record ProviderPayee(
    string CustomerNo, PayeeStatus Status, string? StatusWord, string? CustomerCode = null);

/// <summary>An account as Pockyt describes it.</summary>
internal sealed record ProviderAccount(
    string AccountToken,
    AccountStatus Status,
    string? StatusWord,
    string? AccountTag = null,
    string? AccountType = null,
    string? Country = null,
    string? Currency = null,
    string? Last4 = null);

/// <summary>All accounts of a payee that Pockyt lists.</summary>
/// <param name="All">Those the payee set up at Pockyt without us too.</param>
/// <param name="AskedAt">When the list was asked for: what is told of an account later counts more.</param>
internal sealed record ProviderAccounts(IReadOnlyList<ProviderAccount> All, DateTimeOffset AskedAt);

/// <summary>Pockyt's requirements for an account of some kind; without a profile type, for every payee.</summary>
internal sealed record AccountRequirements(
    string? ProfileType, string AccountType, string Currency, IReadOnlyList<RequiredField> Fields);

/// <summary>One detail of an account.</summary>
/// <param name="Name">Its name among an account's details.</param>
/// <param name="Label">What people call it.</param>
/// <param name="PossibleValues">The only values it may have; empty: any.</param>
/// <param name="IsRequired">Whether Pockyt refuses an account without it.</param>
internal sealed record RequiredField(
    string Name, string? Label, IReadOnlyList<string> PossibleValues, bool IsRequired);

/// <summary>The kind of account whose requirements are asked for.</summary>
internal sealed record AccountKind(string Country, string Currency, string AccountType, string ProfileType);

/// <summary>Registers payees and accounts.</summary>
internal interface IPayeeGateway
{
    Task<ProviderAnswer<ProviderPayee>> RegisterAsync(string merchant, PayeeProfile profile, CancellationToken cancel);

    /// <summary>Looks a payee up, by Pockyt's number where we know it, else by our code, else by its e-mail.</summary>
    Task<ProviderAnswer<ProviderPayee>> FindAsync(Payee payee, CancellationToken cancel);

    /// <summary>Whose e-mail this is at Pockyt.</summary>
    Task<ProviderAnswer<ProviderPayee>> FindByEmailAsync(string merchant, string email, CancellationToken cancel);

    Task<ProviderAnswer<ProviderPayee>> ChangeAsync(Payee payee, PayeeProfile changes, CancellationToken cancel);

    /// <summary>Pockyt's requirements for an account of this kind.</summary>
    Task<ProviderAnswer<IReadOnlyList<AccountRequirements>>> RequirementsAsync(
        string merchant, AccountKind kind, CancellationToken cancel);

    Task<ProviderAnswer<ProviderAccount>> AddAccountAsync(
        Payee payee, Account account, AccountRequest request, CancellationToken cancel);

    Task<ProviderAnswer<ProviderAccounts>> ListAccountsAsync(Payee payee, CancellationToken cancel);

    Task<ProviderAnswer<ProviderAccount>> RemoveAccountAsync(Payee payee, Account account, CancellationToken cancel);
}
