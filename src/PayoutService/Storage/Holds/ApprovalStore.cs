using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

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

/// <summary>Writes the requests and the decisions of approvals.</summary>
internal sealed class ApprovalStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>A person who added the account or changed the payee within this time cannot approve.</summary>
    private static readonly TimeSpan ChangedLately = TimeSpan.FromDays(30);

    /// <summary>Decides in the transaction that has the payout locked.</summary>
    /// <param name="merchant">Whose payout it is.</param>
    /// <param name="id">Which payout.</param>
    /// <param name="versions">The versions that the caller read; another has changed.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="ownerOf">The person behind an API key, by its name.</param>
    public async Task<ApprovalResult> DecideAsync(
        string merchant, Guid id, int[] versions, ApprovalDecision decision, Func<string, string> ownerOf)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var payout = await PayoutStore.LockAsync(db, id);
        if (payout is null || payout.Merchant != merchant)
        {
            return new ApprovalResult.NotFound();
        }

        if (!versions.Contains(payout.Version))
        {
            return new ApprovalResult.Stale(payout);
        }

        if (!await DatabaseState.IsPresentAsync(db, rules))
        {
            return new ApprovalResult.Restored();
        }

        if (payout is not { AwaitsApproval: true, HoldReason: HoldReason.Approval })
        {
            return new ApprovalResult.NotAwaiting(payout);
        }

        var approval = await db.Approvals.SingleAsync(row => row.PayoutId == id);
        var (refusal, line) = decision.Approves
            ? await ApproveAsync(db, payout, approval, decision, ownerOf, now)
            : (null, payout.Reject(decision.Actor, decision.Reason, now));
        if (line is null)
        {
            return refusal!;
        }

        db.Add(line);
        await db.SaveChangesAsync();
        await witness.CommitAsync(db, transaction);
        return refusal ?? new ApprovalResult.Done(payout);
    }

    private async Task<(ApprovalResult? Refusal, PayoutEvent? Line)> ApproveAsync(
        PayoutDb db,
        Payout payout,
        Approval approval,
        ApprovalDecision decision,
        Func<string, string> ownerOf,
        DateTimeOffset now)
    {
        var changes = await ChangesAsync(db, payout, now - ChangedLately, CancellationToken.None);
        string[] own =
        [
            approval.RequestedOwner, ownerOf(approval.RequestedBy), approval.FirstOwner ?? "",
            .. changes.Select(change => ownerOf(change.Actor.Name)),
        ];
        if (own.Contains(decision.Owner, StringComparer.OrdinalIgnoreCase))
        {
            return (new ApprovalResult.Own(payout), null);
        }

        var payee = await db.Payees.AsNoTracking().SingleAsync(row => row.Id == payout.PayeeId);
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == payout.AccountId);
        if (payee.Status is not PayeeStatus.Active)
        {
            return (new ApprovalResult.PayeeNotActive(payee.Status), null);
        }

        if (account.Status is not AccountStatus.Active)
        {
            return (new ApprovalResult.AccountNotUsable(account.Status), null);
        }

        if (changes.Where(change => change.At > approval.AskedAt).ToList() is { Count: > 0 } since)
        {
            // Who reads the payout as it is from now on has seen them.
            approval.AskedAt = now;
            (approval.FirstBy, approval.FirstOwner, approval.FirstAt) = (null, null, null);
            var words = string.Join(
                "; ", since.Select(change => $"{change.Actor.Name} changed the {Word(change.Kind)}"));
            return (new ApprovalResult.Blocked(payout, words), payout.BlockApproval(decision.Actor, words, now));
        }

        if (approval is { Approvers: 2, FirstOwner: null })
        {
            (approval.FirstBy, approval.FirstOwner, approval.FirstAt) = (decision.Actor.Name, decision.Owner, now);
            return (null, payout.ApproveFirst(decision.Actor, decision.Reason, now));
        }

        return (null, payout.Approve(decision.Actor, decision.Reason, now, rules));
    }

    /// <summary>What callers changed of payee and account.</summary>
    public static Task<List<HistoryEntry>> ChangesAsync(
        PayoutDb db, Payout payout, DateTimeOffset since, CancellationToken cancel) =>
        db.History.AsNoTracking()
            .Where(line => line.Merchant == payout.Merchant && line.At > since
                && ((line.Kind == HistoryKind.Payee && line.Id == payout.PayeeId && line.What == ChangeKind.Changed)
                    || (line.Kind == HistoryKind.Account && line.Id == payout.AccountId
                        && (line.What == ChangeKind.Began || line.What == ChangeKind.Removed))))
            .OrderBy(line => line.At).ToListAsync(cancel);

    private static string Word(HistoryKind kind) => kind is HistoryKind.Payee ? "payee" : "account";
}
