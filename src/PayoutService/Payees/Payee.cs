namespace PayoutService.Payees;

/// <summary>The status of a payee: whether it can be paid.</summary>
public enum PayeeStatus
{
    /// <summary>Our row exists; Pockyt has not yet answered that it knows the payee.</summary>
    Registering,

    /// <summary>Can be paid.</summary>
    Active,

    /// <summary>Under review at Pockyt.</summary>
    Pending,

    /// <summary>Refused by Pockyt's review.</summary>
    Declined,

    /// <summary>Switched off.</summary>
    Deactivated,

    /// <summary>Pockyt's word for it is not one we know: not payable.</summary>
    Unknown,
}

/// <summary>The reason why a person must look at a payee.</summary>
public enum PayeeAttention
{
    /// <summary>Its registration has been open for longer than it should be.</summary>
    Slow,
}

/// <summary>A person or business that is paid. What identifies a person to the authorities passes through and is never
/// kept.</summary>
internal sealed class Payee : IPendingRegistration
{
    private Payee()
    {
    }

    public Guid Id { get; private set; }

    public string Merchant { get; private set; } = "";

    /// <summary>The natural key, chosen by the caller.</summary>
    public string CustomerCode { get; private set; } = "";

    public PayeeStatus Status { get; private set; }

    public string ProfileType { get; private set; } = "";

    public string FirstName { get; private set; } = "";

    public string LastName { get; private set; } = "";

    public string Email { get; private set; } = "";

    public string CountryCode { get; private set; } = "";

    /// <summary>Pockyt's number of the payor in whose name it is paid; null when in the merchant's own. Fixed forever.
    /// </summary>
    public string? PayorNo { get; private set; }

    /// <summary>Pockyt's id of the payee, once registered.</summary>
    public string? CustomerNo { get; private set; }

    /// <summary>Pockyt's word for the payee's status, as last heard.</summary>
    public string? ProviderStatus { get; private set; }

    public Dictionary<string, string> Metadata { get; private set; } = [];

    public Dictionary<string, string> Content { get; private set; } = [];

    /// <summary>Until when the caller that is registering this payee has it to itself.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    public PayeeAttention? Attention { get; private set; }

    public bool IsRegistering => Status is PayeeStatus.Registering;

    /// <summary>The time of the next refresh of it and its accounts: nobody else tells us of a change there.
    /// </summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>Refreshes since the last change: the backoff step of the next refresh.</summary>
    public int RefreshCount { get; private set; }

    /// <summary>The time of Pockyt's last answer about it.</summary>
    public DateTimeOffset CheckedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    public static Payee Begin(
        Guid id,
        string merchant,
        PayeeProfile profile,
        Dictionary<string, string> metadata,
        Dictionary<string, string> content,
        DateTimeOffset leaseUntil,
        DateTimeOffset now) => new()
        {
            Id = id,
            Merchant = merchant,
            CustomerCode = profile.CustomerCode!,
            Status = PayeeStatus.Registering,
            ProfileType = profile.ProfileType!,
            FirstName = profile.FirstName!,
            LastName = profile.LastName!,
            Email = profile.Email!,
            CountryCode = profile.CountryCode!,
            PayorNo = profile.PayorNo,
            Metadata = metadata,
            Content = content,
            LeaseUntil = leaseUntil,
            DueAt = leaseUntil,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
        };

    /// <summary>Takes over a registration whose caller never came back with an answer.</summary>
    public void TakeOver(DateTimeOffset leaseUntil)
    {
        LeaseUntil = leaseUntil;
        DueAt = leaseUntil;
    }

    /// <summary>Pockyt knows the payee.</summary>
    public void Learn(ProviderPayee told, DateTimeOffset now)
    {
        if (IsRegistering)
        {
            // The answer to a registration does not tell the status; a look does.
            RefreshAt(now);
        }

        var known = (CustomerNo, Status, ProviderStatus);
        CustomerNo ??= told.CustomerNo;
        Status = told.Status;
        ProviderStatus = told.StatusWord;
        Attention = null;
        LeaseUntil = null;
        CheckedAt = now;
        Touch(known != (CustomerNo, Status, ProviderStatus), now);
    }

    /// <summary>The registration was not answered: a repeat may take it over at once, and we look whether it worked.
    /// </summary>
    public void LeaveOpen(DateTimeOffset now)
    {
        LeaseUntil = null;
        RefreshAt(now);
    }

    /// <summary>Something may have changed at Pockyt, or will have by then.</summary>
    public void RefreshAt(DateTimeOffset at)
    {
        RefreshCount = 0;
        DueAt = at < DueAt ? at : DueAt;
    }

    /// <summary>Somebody looked.</summary>
    /// <param name="changed">Whether the payee or an account of it was found changed.</param>
    /// <param name="delays">The waits between looks; the last one repeats.</param>
    /// <param name="now">The time it is.</param>
    public void Refreshed(bool changed, TimeSpan[] delays, DateTimeOffset now)
    {
        RefreshCount = changed ? 0 : RefreshCount + 1;
        DueAt = now + delays[Math.Min(RefreshCount, delays.Length - 1)];
    }

    public void Change(PayeeProfile changes, Dictionary<string, string>? metadata, DateTimeOffset now)
    {
        FirstName = changes.FirstName ?? FirstName;
        LastName = changes.LastName ?? LastName;
        Email = changes.Email ?? Email;
        CountryCode = changes.CountryCode ?? CountryCode;
        Metadata = metadata ?? Metadata;
        Touch(changed: true, now);
    }

    /// <summary>Somebody is about to change it, alone.</summary>
    public void Take(DateTimeOffset now) => Touch(changed: true, now);

    /// <summary>Its registration has been open for too long.</summary>
    public void RaiseSlow(DateTimeOffset now)
    {
        Attention = PayeeAttention.Slow;
        Touch(changed: true, now);
    }

    private void Touch(bool changed, DateTimeOffset now)
    {
        if (changed)
        {
            Version++;
            UpdatedAt = now;
        }
    }
}
