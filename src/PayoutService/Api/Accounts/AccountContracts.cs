using PayoutService.Api.Validation;
using PayoutService.Payees;

namespace PayoutService.Api.Accounts;

/// <summary>An account to add at Pockyt. The details pass through and are not kept.</summary>
public sealed record CreateAccountRequest
{
    /// <summary>The names that Pockyt has for the number of an account, by its kind.</summary>
    private static readonly string[] NumberNames =
        ["iban", "bankAccountId", "cardNumber", "accountId", "pixKey", "walletAddress"];

    /// <summary>Your key for this account, unique within the payee.</summary>
    /// <example>main-bank</example>
    [KeyText]
    public required string AccountTag { get; init; }

    /// <summary>BANK_ACCOUNT, CRYPTO, PAYPAL or VENMO.</summary>
    /// <example>BANK_ACCOUNT</example>
    [PlainText(40)]
    public required string AccountType { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    /// <example>US</example>
    [CountryText]
    public required string Country { get; init; }

    /// <summary>ISO 4217.</summary>
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>Pockyt's requirements for this kind of account, in its own names. In the US: bankAccountId (the account
    /// number), branchId (the routing number) and bankAccountPurpose (CHECKING or SAVINGS).</summary>
    /// <example>{"bankAccountId": "7861053298", "branchId": "101089292", "bankAccountPurpose": "CHECKING"}</example>
    [PlainText(100)]
    public required IReadOnlyDictionary<string, string> Details { get; init; }

    internal AccountRequest Account()
    {
        var number = NumberNames.Select(name => Details.GetValueOrDefault(name)).OfType<string>().FirstOrDefault();
        var shown = Details.GetValueOrDefault("bankAccountId") ?? Details.GetValueOrDefault("cardNumber");
        return new(
            AccountTag, AccountType, Country, Currency, Details, number, shown is { Length: > 4 } ? shown[^4..] : null);
    }

    internal Dictionary<string, string?> Content()
    {
        Dictionary<string, string?> content = new()
        {
            ["accountType"] = AccountType,
            ["country"] = Country,
            ["currency"] = Currency,
        };
        foreach (var (name, value) in Details)
        {
            content[$"details.{name}"] = value;
        }

        return content;
    }
}
