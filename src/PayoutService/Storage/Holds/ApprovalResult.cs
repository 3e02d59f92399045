using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;

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

/// <summary>The outcome of approving what waits of a batch.</summary>
internal abstract record BatchApprovalResult
{
    /// <param name="Batch">The batch.</param>
    /// <param name="Approved">The number of payouts that were approved.</param>
    /// <param name="NeedAnother">Of them, those that another person has to approve too.</param>
    /// <param name="Yours">Those that the person may not approve.</param>
    /// <param name="NotPayable">Those whose payee or account is not active.</param>
    /// <param name="HasMore">Others are left for a further call.</param>
    internal sealed record Done(Batch Batch, int Approved, int NeedAnother, int Yours, int NotPayable, bool HasMore)
        : BatchApprovalResult;

    internal sealed record NotFound : BatchApprovalResult;

    internal sealed record Restored : BatchApprovalResult;

    /// <summary>The caller's If-Match names another version.</summary>
    internal sealed record Stale(Batch Batch) : BatchApprovalResult;

    /// <summary>None of its payouts waits for approval, or not all of its rows have their outcome yet.</summary>
    internal sealed record NotAwaiting(Batch Batch) : BatchApprovalResult;

    /// <summary>The person may approve none of those that wait.</summary>
    internal sealed record Own(Batch Batch) : BatchApprovalResult;

    /// <summary>What some of its payouts pay has changed since the approval was asked for: none was approved.
    /// </summary>
    /// <param name="Batch">The batch.</param>
    /// <param name="Count">The number of those payouts.</param>
    /// <param name="Changes">What changed of the first of them.</param>
    internal sealed record Blocked(Batch Batch, int Count, string Changes) : BatchApprovalResult;
}
