namespace PayoutService.Payees;

/// <summary>The status of an account: whether it can be paid.</summary>
public enum AccountStatus
{
    /// <summary>Our row exists; Pockyt has not yet answered that it knows the account.</summary>
    Registering,

    /// <summary>Can be paid to.</summary>
    Active,

    /// <summary>Under review at Pockyt.</summary>
    Pending,

    /// <summary>Pockyt found it unusable, or its word for the status is not one we know.</summary>
    Invalid,

    /// <summary>Removed.</summary>
    Removed,
}

/// <summary>The part of an account's details that is kept.</summary>
/// <param name="Last4">The last four characters of its number.</param>
/// <param name="NumberFingerprint">A keyed hash of its number, equal for equal numbers.</param>
/// <param name="Content">A keyed hash of each member of the request.</param>
internal sealed record AccountTrace(string? Last4, string? NumberFingerprint, Dictionary<string, string> Content);

/// <summary>An account of a payee. We keep Pockyt's token and the last four characters, never the number.</summary>
internal sealed class Account : IPendingRegistration
{
    private Account()
    {
    }

    public Guid Id { get; private set; }

    public string Merchant { get; private set; } = "";

    public Guid PayeeId { get; private set; }

    /// <summary>The natural key within the payee, chosen by the caller.</summary>
    public string AccountTag { get; private set; } = "";

    public AccountStatus Status { get; private set; }

    public string AccountType { get; private set; } = "";

    public string Country { get; private set; } = "";

    public string Currency { get; private set; } = "";

    public string? Last4 { get; private set; }

    /// <summary>A keyed hash of the number, equal for equal numbers, to find accounts that several payees share.
    /// </summary>
    public string? NumberFingerprint { get; private set; }

    /// <summary>Pockyt's number of the payor in whose name it is paid to: the payee's, forever.</summary>
    public string? PayorNo { get; private set; }

    /// <summary>Pockyt's token for the account, once added.</summary>
    public string? AccountToken { get; private set; }

    public string? ProviderStatus { get; private set; }

    public Dictionary<string, string> Content { get; private set; } = [];

    /// <summary>Until when the caller that is adding this account has it to itself.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    public bool IsRegistering => Status is AccountStatus.Registering;

    /// <summary>The time of Pockyt's last answer about it.</summary>
    public DateTimeOffset CheckedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    public static Account Begin(
        Guid id,
        Payee payee,
        AccountRequest request,
        AccountTrace trace,
        DateTimeOffset leaseUntil,
        DateTimeOffset now) => new()
        {
            Id = id,
            Merchant = payee.Merchant,
            PayeeId = payee.Id,
            AccountTag = request.AccountTag,
            Status = AccountStatus.Registering,
            AccountType = request.AccountType,
            Country = request.Country,
            Currency = request.Currency,
            Last4 = trace.Last4,
            NumberFingerprint = trace.NumberFingerprint,
            PayorNo = payee.PayorNo,
            Content = trace.Content,
            LeaseUntil = leaseUntil,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
        };

    /// <summary>An account that the payee set up at Pockyt without us.</summary>
    public static Account Found(Guid id, Payee payee, ProviderAccount told, DateTimeOffset now) => new()
    {
        Id = id,
        Merchant = payee.Merchant,
        PayeeId = payee.Id,
        AccountTag = told.AccountTag ?? told.AccountToken,
        Status = told.Status,
        AccountType = told.AccountType ?? "UNKNOWN",
        Country = told.Country ?? "",
        Currency = told.Currency ?? "",
        Last4 = told.Last4,
        PayorNo = payee.PayorNo,
        AccountToken = told.AccountToken,
        ProviderStatus = told.StatusWord,
        CheckedAt = now,
        CreatedAt = now,
        UpdatedAt = now,
        Version = 1,
    };

    /// <summary>Takes over an addition whose caller never came back with an answer.</summary>
    public void TakeOver(DateTimeOffset leaseUntil) => LeaseUntil = leaseUntil;

    /// <summary>The addition was not answered: a repeat may take it over at once.</summary>
    public void LeaveOpen() => LeaseUntil = null;

    /// <summary>Pockyt listed the payee's accounts and this one is not among them: it is gone. What Pockyt told of it
    /// since it was asked for the list counts more.</summary>
    public void Miss(DateTimeOffset askedAt, DateTimeOffset now)
    {
        if (AccountToken is not null && CheckedAt <= askedAt)
        {
            Learn(new ProviderAccount(AccountToken, AccountStatus.Invalid, "not listed"), now);
        }
    }

    /// <summary>Pockyt knows the account. A removed account stays removed, whatever a late answer says.</summary>
    public void Learn(ProviderAccount told, DateTimeOffset now)
    {
        LeaseUntil = null;
        CheckedAt = now;
        if (Status is AccountStatus.Removed)
        {
            return;
        }

        var known = (AccountToken, Status, ProviderStatus);
        AccountToken ??= told.AccountToken;
        Status = told.Status;
        ProviderStatus = told.StatusWord;
        Touch(known != (AccountToken, Status, ProviderStatus), now);
    }

    public void Remove(DateTimeOffset now)
    {
        var changed = Status is not AccountStatus.Removed;
        Status = AccountStatus.Removed;
        Touch(changed, now);
    }

    /// <summary>Somebody is about to remove it, alone.</summary>
    public void Take(DateTimeOffset now) => Touch(changed: true, now);

    private void Touch(bool changed, DateTimeOffset now)
    {
        if (changed)
        {
            Version++;
            UpdatedAt = now;
        }
    }
}
