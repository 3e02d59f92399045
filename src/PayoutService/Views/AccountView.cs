using PayoutService.Payees;

namespace PayoutService.Views;

/// <summary>An account: where a payee is paid.</summary>
public sealed record AccountView
{
    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string Id { get; init; }

    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string PayeeId { get; init; }

    /// <example>main-bank</example>
    public required string AccountTag { get; init; }

    /// <summary>Only an active account can be paid to.</summary>
    public required AccountStatus Status { get; init; }

    /// <example>BANK_ACCOUNT</example>
    public required string AccountType { get; init; }

    /// <example>US</example>
    public required string Country { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>The last four characters of the account's number: all of it that is kept.</summary>
    /// <example>3298</example>
    public string? Last4 { get; init; }

    /// <summary>Pockyt's number of the payor in whose name it is paid to: the payee's.</summary>
    /// <example>null</example>
    public string? PayorNo { get; init; }

    public required AccountProviderView Provider { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <example>2</example>
    public required int Version { get; init; }

    /// <summary>The payouts that removing the account canceled; only in the answer to that.</summary>
    /// <example>null</example>
    public IReadOnlyList<string>? CanceledPayouts { get; init; }

    internal static AccountView Of(Account account) => new()
    {
        Id = PublicId.Of(PublicId.Account, account.Id),
        PayeeId = PublicId.Of(PublicId.Payee, account.PayeeId),
        AccountTag = account.AccountTag,
        Status = account.Status,
        AccountType = account.AccountType,
        Country = account.Country,
        Currency = account.Currency,
        Last4 = account.Last4,
        PayorNo = account.PayorNo,
        Provider = new AccountProviderView { AccountToken = account.AccountToken, Status = account.ProviderStatus },
        CreatedAt = account.CreatedAt,
        UpdatedAt = account.UpdatedAt,
        Version = account.Version,
    };

    internal static string Link(Account account) =>
        $"/v1/payees/{PublicId.Of(PublicId.Payee, account.PayeeId)}"
            + $"/accounts/{PublicId.Of(PublicId.Account, account.Id)}";
}

/// <summary>Pockyt's last answer about an account, in its own words.</summary>
public sealed record AccountProviderView
{
    /// <example>2010305228303182765718</example>
    public string? AccountToken { get; init; }

    /// <example>ACTIVATED</example>
    public string? Status { get; init; }
}
