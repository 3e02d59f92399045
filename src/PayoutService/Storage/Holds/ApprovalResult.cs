using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.Storage.Holds;

/// <summary>The outcome of a decision about a payout that waits for approval.</summary>
internal abstract record ApprovalResult
{
    /// <summary>It is decided; or one of the two people who are needed approved it.</summary>
    internal sealed record Done(Payout Payout) : ApprovalResult;

    internal sealed record NotFound : ApprovalResult;

    internal sealed record Restored : ApprovalResult;

    /// <summary>The caller's If-Match names another version.</summary>
    internal sealed record Stale(Payout Payout) : ApprovalResult;

    /// <summary>It does not wait for approval, or not yet: another hold stands before it.</summary>
    internal sealed record NotAwaiting(Payout Payout) : ApprovalResult;

    /// <summary>The person asked for it, changed what it pays, or has approved it already.</summary>
    internal sealed record Own(Payout Payout) : ApprovalResult;

    /// <summary>What it pays has changed since the approval was asked for.</summary>
    internal sealed record Blocked(Payout Payout, string Changes) : ApprovalResult;

    internal sealed record PayeeNotActive(PayeeStatus Status) : ApprovalResult;

    internal sealed record AccountNotUsable(AccountStatus Status) : ApprovalResult;
}

/// <summary>A decision about a payout that waits for approval.</summary>
/// <param name="Approves">False: it is refused, and the payout canceled.</param>
/// <param name="Actor">The API key that decides.</param>
/// <param name="Owner">The person behind it.</param>
/// <param name="Reason">Why.</param>
internal sealed record ApprovalDecision(bool Approves, Actor Actor, string Owner, string Reason);
