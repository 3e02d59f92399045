namespace PayoutService.Payouts;

/// <summary>The kind of a <see cref="PayoutEvent"/>.</summary>
public enum EventKind
{
    /// <summary>The payout was accepted.</summary>
    Accepted,

    /// <summary>Claimed for its first send, or for the first after a hold.</summary>
    Claimed,

    /// <summary>Claimed to repeat the same request.</summary>
    ClaimedAgain,

    /// <summary>A report changed it.</summary>
    Reported,

    /// <summary>A report confirmed its final status.</summary>
    Confirmed,

    /// <summary>The worker that claimed it did not report back.</summary>
    LeaseEnded,

    /// <summary>The cause of the hold is over.</summary>
    Released,

    /// <summary>A rule held it.</summary>
    Held,

    /// <summary>A second person approved it.</summary>
    Approved,

    /// <summary>A second person refused to approve it.</summary>
    Rejected,

    /// <summary>It was approved too late: what it pays had changed since the approval was asked for.</summary>
    ApprovalBlocked,

    /// <summary>A hold of a rule lasted too long, so it was canceled.</summary>
    Expired,

    /// <summary>Canceled before it was sent.</summary>
    Canceled,

    /// <summary>A caller asked to cancel it while it is not known whether it was sent.</summary>
    CancelRequested,

    /// <summary>An operator's decision against a confirmed status was recorded; a second person must repeat it.
    /// </summary>
    Overruled,

    /// <summary>Resolved by an operator's decision.</summary>
    Resolved,

    /// <summary>The database may have lost that it was sent.</summary>
    Doubted,

    /// <summary>An operator said that a restore lost nothing of it.</summary>
    Cleared,

    /// <summary>Attention was raised.</summary>
    Raised,
}

/// <summary>One line of a payout's history, written in the transaction that changed the payout.</summary>
internal sealed class PayoutEvent
{
    public required Guid PayoutId { get; init; }

    /// <summary>The payout's version after the change.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Actor Actor { get; init; }

    public required EventKind Kind { get; init; }

    public PayoutStatus? From { get; init; }

    public PayoutStatus? To { get; init; }

    /// <summary>What subscribers are told of the payout at this version, beside what never changes of it.</summary>
    public HoldReason? HoldReason { get; init; }

    public Attention? Attention { get; init; }

    public Source? ConfirmedBy { get; init; }

    public string? TransactionNo { get; init; }

    /// <summary>In the smallest unit of the payout's currency.</summary>
    public long? FeeMinor { get; init; }

    public Guid? ReplacedBy { get; init; }

    public FailureReason? FailureReason { get; set; }

    /// <summary>Of the first line: the trace of the request that was accepted, which its answer named in X-Request-Id.
    /// </summary>
    public Guid? TraceId { get; set; }

    public Dictionary<string, string> Detail { get; init; } = [];
}
