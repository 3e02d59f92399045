namespace PayoutService.Payors;

/// <summary>
/// Somebody in whose name a merchant of record pays. It is registered by one request in its life; what it was
/// registered with passes through to Pockyt and is never kept.
/// </summary>
internal sealed class Payor
{
    private Payor()
    {
    }

    public Guid Id { get; private set; }

    public string Merchant { get; private set; } = "";

    /// <summary>The natural key, chosen by the caller.</summary>
    public string PayorCode { get; private set; } = "";

    /// <summary>Pockyt's number of the payor, once registered; then it never changes.</summary>
    public string? PayorNo { get; private set; }

    public PayorStatus Status { get; private set; }

    /// <summary>Pockyt's word for the payor's status, as last heard.</summary>
    public string? ProviderStatus { get; private set; }

    /// <summary>The time when Pockyt last gave the status. Nothing but an answer to a call of ours ever
    /// tells.</summary>
    public DateTimeOffset? StatusHeardAt { get; private set; }

    /// <summary>A keyed hash per field of the request that made it.</summary>
    public Dictionary<string, string> Content { get; private set; } = [];

    /// <summary>Until when the one request of it may still be answered.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    /// <summary>A payor whose request is about to be sent, by a caller who has until the end of the lease.</summary>
    public static Payor Begin(
        Guid id,
        string merchant,
        string payorCode,
        Dictionary<string, string> content,
        DateTimeOffset leaseUntil,
        DateTimeOffset now) => new()
        {
            Id = id,
            Merchant = merchant,
            PayorCode = payorCode,
            Status = PayorStatus.Registering,
            Content = content,
            LeaseUntil = leaseUntil,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
        };

    /// <summary>The status at this moment: when the lease is over, the sender of the request does not come back
    /// with an answer any more.</summary>
    public PayorStatus StatusAt(DateTimeOffset now) =>
        Status is PayorStatus.Registering && LeaseUntil <= now ? PayorStatus.Unconfirmed : Status;

    /// <summary>The registration was not answered clearly.</summary>
    public void MarkUnconfirmed(DateTimeOffset now)
    {
        Status = PayorStatus.Unconfirmed;
        LeaseUntil = null;
        Touch(now);
    }

    /// <summary>Pockyt said something of it; what is said of another number is not about this one.</summary>
    public void Learn(ProviderPayor told, DateTimeOffset now)
    {
        if (PayorNo is { } known && known != told.PayorNo)
        {
            return;
        }

        if (PayorNo is null || told.StatusWord is not null)
        {
            PayorNo = told.PayorNo;
            LeaseUntil = null;
            Status = told.Status;
            ProviderStatus = told.StatusWord;
            StatusHeardAt = told.StatusWord is null ? null : now;
            Touch(now);
        }
    }

    /// <summary>It was taken for one that does not exist, and goes on after the version at which it was removed.
    /// </summary>
    public void ComeBack(int removedAt) => Version = removedAt;

    private void Touch(DateTimeOffset now)
    {
        Version++;
        UpdatedAt = now;
    }
}
