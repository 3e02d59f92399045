using PayoutService.Payouts;

namespace PayoutService.Views;

/// <summary>A payout in sentences.</summary>
public sealed record ExplanationView
{
    /// <summary>The cause that counts most, in a word: restored, contradiction, mismatch, blocked, notSeen, stuck,
    /// paused, behind, balance, access, payeeStatus, accountStatus, notSent, scheduled, due, submitting, perhapsSent,
    /// unconfirmed, processing, notConfirmed or ended.</summary>
    /// <example>processing</example>
    public required string Cause { get; init; }

    /// <summary>The party that can act on it.</summary>
    public required CauseOwner Owner { get; init; }

    /// <summary>Within how many seconds it should be over; absent when nothing has to be done.</summary>
    /// <example>432000</example>
    public long? TargetSeconds { get; init; }

    /// <summary>The reason for the status.</summary>
    /// <example>Pockyt has it; the outcome is open.</example>
    public required string Why { get; init; }

    /// <summary>The next step.</summary>
    /// <example>We ask Pockyt at growing intervals until the outcome is known.</example>
    public required string Next { get; init; }

    /// <summary>When, at the latest; absent when nothing is left to do.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>True when that time is over: see blockedBy, or somebody must look.</summary>
    /// <example>null</example>
    public bool? Overdue { get; init; }

    /// <summary>The events that would change it.</summary>
    /// <example>A notification from Pockyt, its answer to our inquiry.</example>
    public required string ChangedBy { get; init; }

    /// <summary>The blocker, when it is due and not sent.</summary>
    public BlockerView? BlockedBy { get; init; }

    /// <summary>The statements that cannot all be true, the oldest first; only while attention says so.</summary>
    public IReadOnlyList<StatementView>? Statements { get; init; }

    internal static ExplanationView Of(Explanation told) => new()
    {
        Cause = told.Cause.Word,
        Owner = told.Cause.Owner,
        TargetSeconds = (long?)told.Cause.TargetAge?.TotalSeconds,
        Why = told.Why,
        Next = told.Next,
        At = told.At,
        Overdue = told.IsOverdue ? true : null,
        ChangedBy = told.ChangedBy,
        BlockedBy = told.Blocker is { } blocker ? BlockerView.Of(blocker) : null,
        Statements = told.Statements.Count > 0 ? [.. told.Statements.Select(StatementView.Of)] : null,
    };
}

/// <summary>The blocker of a payout that is due.</summary>
public sealed record BlockerView
{
    /// <summary>pause: sending is paused; payout: an older payout waits for the balance.</summary>
    /// <example>payout</example>
    public required string Kind { get; init; }

    /// <summary>The address of the blocker.</summary>
    /// <example>/v1/payouts/po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Link { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The actor that paused sending, or the invoiceId of the payout that is first in line.</summary>
    /// <example>inv-2026-0001</example>
    public required string By { get; init; }

    /// <example>The merchant's balance at Pockyt did not cover it.</example>
    public required string Reason { get; init; }

    /// <summary>The number of payouts before this one; absent for a pause.</summary>
    /// <example>1</example>
    public int? Ahead { get; init; }

    internal static BlockerView Of(Blocker blocker) => new()
    {
        Kind = blocker.Payout is null ? "pause" : "payout",
        Link = blocker.Payout is { } payout ? PayoutView.Link(payout) : "/v1/sending",
        Since = blocker.Since,
        By = blocker.By,
        Reason = blocker.Reason,
        Ahead = blocker.Ahead,
    };
}

/// <summary>A statement about a payout.</summary>
public sealed record StatementView
{
    /// <example>a notice signed as Pockyt</example>
    public required string By { get; init; }

    /// <example>says that it was paid (success)</example>
    public required string Said { get; init; }

    public required DateTimeOffset At { get; init; }

    internal static StatementView Of(Statement told) => new() { By = told.By, Said = told.Said, At = told.At };
}
