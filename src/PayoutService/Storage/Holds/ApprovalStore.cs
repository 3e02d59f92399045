using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Holds;

/// <summary>Writes the requests and the decisions of approvals.</summary>
internal sealed class ApprovalStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>A person who added the account or changed the payee within this time cannot approve.</summary>
    private static readonly TimeSpan ChangedLately = TimeSpan.FromDays(30);

    /// <summary>The number of payouts from which on a call approves no more of a batch: they are one transaction.
    /// </summary>
    private const int MostAtOnce = 1_000;

    private const int PartSize = 500;

    /// <summary>The number of payouts of which a refusal says what changed.</summary>
    private const int MostNamed = 20;

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

        ApprovalResult? refusal = null;
        PayoutEvent? line;
        if (decision.Approves)
        {
            var asked = (await RequestsAsync(db, [payout], now)).Single();
            refusal = RefusalOf(asked, decision, ownerOf);
            line = refusal switch
            {
                null => Approve(asked, decision, now),
                ApprovalResult.Blocked(_, var changes) => Block(asked, changes, decision, now),
                _ => null,
            };
        }
        else
        {
            line = payout.Reject(decision.Actor, decision.Reason, now);
        }

        if (line is null)
        {
            return refusal!;
        }

        db.Add(line);
        await db.SaveChangesAsync();
        await witness.CommitAsync(db, transaction);
        return refusal ?? new ApprovalResult.Done(payout);
    }

    /// <summary>Approves what waits for approval of a batch, some at once. When payee or account of any of them have
    /// changed, none of them is approved, and the batch has a new version.</summary>
    /// <param name="merchant">Whose batch it is.</param>
    /// <param name="id">Which batch.</param>
    /// <param name="versions">The versions that the caller read; another has changed.</param>
    /// <param name="decision">The decision, an approval.</param>
    /// <param name="ownerOf">The person behind an API key, by its name.</param>
    public async Task<BatchApprovalResult> ApproveBatchAsync(
        string merchant, Guid id, int[] versions, ApprovalDecision decision, Func<string, string> ownerOf)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var batch = await BatchStore.LockAsync(db, id);
        if (batch is null || batch.Merchant != merchant)
        {
            return new BatchApprovalResult.NotFound();
        }

        if (!versions.Contains(batch.Version))
        {
            return new BatchApprovalResult.Stale(batch);
        }

        if (!await DatabaseState.IsPresentAsync(db, rules))
        {
            return new BatchApprovalResult.Restored();
        }

        // Until each row has its outcome, rows are added that nobody has read.
        if (batch.Status is not BatchStatus.Finished)
        {
            return new BatchApprovalResult.NotAwaiting(batch);
        }

        List<Request> approvable = [];
        List<ApprovalResult> refusals = [];
        List<string> blocked = [];
        var after = Guid.Empty;
        var part = await AwaitingAsync(db, id, after);
        while (part.Count > 0 && approvable.Count < MostAtOnce)
        {
            foreach (var asked in await RequestsAsync(db, part, now))
            {
                switch (RefusalOf(asked, decision, ownerOf))
                {
                    case null:
                        approvable.Add(asked);
                        break;
                    case ApprovalResult.Blocked(var payout, var changes):
                        db.Add(Block(asked, changes, decision, now));
                        blocked.Add($"{payout.InvoiceId}: {changes}");
                        break;
                    case var refusal:
                        refusals.Add(refusal);
                        break;
                }
            }

            after = part[^1].Id;
            part = await AwaitingAsync(db, id, after);
        }

        if (blocked.Count > 0)
        {
            await db.SaveChangesAsync();
            batch.Version++;
            await db.SaveAsync(decision.Actor, ChangeKind.Changed, now);
            await witness.CommitAsync(db, transaction);
            return new BatchApprovalResult.Blocked(batch, blocked.Count, string.Join("; ", blocked.Take(MostNamed)));
        }

        var yours = refusals.Count(refusal => refusal is ApprovalResult.Own);
        if (approvable.Count == 0 && refusals.Count == yours)
        {
            return yours > 0 ? new BatchApprovalResult.Own(batch) : new BatchApprovalResult.NotAwaiting(batch);
        }

        foreach (var asked in approvable)
        {
            db.Add(Approve(asked, decision, now)!);
        }

        await db.SaveChangesAsync();
        await witness.CommitAsync(db, transaction);
        return new BatchApprovalResult.Done(
            batch,
            approvable.Count,
            approvable.Count(asked => asked.Payout.AwaitsApproval),
            yours,
            refusals.Count - yours,
            HasMore: part.Count > 0);
    }

    /// <summary>What callers changed of the payees and accounts of payouts, by payout, the first first.</summary>
    public static async Task<ILookup<Guid, HistoryEntry>> ChangesAsync(
        PayoutDb db,
        IReadOnlyCollection<Payout> payouts,
        Func<Payout, DateTimeOffset> since,
        CancellationToken cancel)
    {
        var merchants = payouts.Select(payout => payout.Merchant).Distinct().ToArray();
        var payees = payouts.Select(payout => payout.PayeeId).Distinct().ToArray();
        var accounts = payouts.Select(payout => payout.AccountId).Distinct().ToArray();
        var first = payouts.Min(since);
        var lines = await db.History.AsNoTracking()
            .Where(line => merchants.Contains(line.Merchant) && line.At > first
                && ((line.Kind == HistoryKind.Payee && payees.Contains(line.Id) && line.What == ChangeKind.Changed)
                    || (line.Kind == HistoryKind.Account && accounts.Contains(line.Id)
                        && (line.What == ChangeKind.Began || line.What == ChangeKind.Removed))))
            .OrderBy(line => line.At).ToListAsync(cancel);
        var linesOf = lines.ToLookup(line => line.Id);
        return (
            from payout in payouts
            from line in linesOf[payout.PayeeId].Concat(linesOf[payout.AccountId])
            where line.At > since(payout)
            orderby line.At
            select (payout.Id, line)).ToLookup(one => one.Id, one => one.line);
    }

    /// <summary>Locks some payouts of a batch that wait for approval and for nothing before it.</summary>
    private static Task<List<Payout>> AwaitingAsync(PayoutDb db, Guid batchId, Guid after) => db.Payouts.FromSql($"""
        -- payouts.awaiting_of_batch
        SELECT * FROM payouts
        WHERE batch_id = {batchId} AND id > {after} AND status = 'held' AND hold_reason = 'approval'
        ORDER BY id LIMIT {PartSize} FOR UPDATE
        """).ToListAsync();

    /// <summary>Reads what approvals of payouts are judged by.</summary>
    private static async Task<List<Request>> RequestsAsync(
        PayoutDb db, IReadOnlyCollection<Payout> payouts, DateTimeOffset now)
    {
        var ids = payouts.Select(payout => payout.Id).ToArray();
        var payeeIds = payouts.Select(payout => payout.PayeeId).ToArray();
        var accountIds = payouts.Select(payout => payout.AccountId).ToArray();
        var approvals = await db.Approvals.Where(row => ids.Contains(row.PayoutId))
            .ToDictionaryAsync(row => row.PayoutId);
        var payees = await db.Payees.AsNoTracking().Where(row => payeeIds.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, row => row.Status);
        var accounts = await db.Accounts.AsNoTracking().Where(row => accountIds.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, row => row.Status);
        var changes = await ChangesAsync(db, payouts, _ => now - ChangedLately, CancellationToken.None);
        return
        [
            .. payouts.Select(payout => new Request(
                payout, approvals[payout.Id], payees[payout.PayeeId], accounts[payout.AccountId],
                [.. changes[payout.Id]])),
        ];
    }

    /// <summary>Why a person cannot approve a payout now; null: they can.</summary>
    private static ApprovalResult? RefusalOf(
        Request asked, ApprovalDecision decision, Func<string, string> ownerOf)
    {
        var (payout, approval, payee, account, changes) = asked;
        string[] own =
        [
            approval.RequestedOwner, ownerOf(approval.RequestedBy), approval.FirstOwner ?? "",
            .. changes.Select(change => ownerOf(change.Actor.Name)),
        ];
        if (own.Contains(decision.Owner, StringComparer.OrdinalIgnoreCase))
        {
            return new ApprovalResult.Own(payout);
        }

        if (payee is not PayeeStatus.Active)
        {
            return new ApprovalResult.PayeeNotActive(payee);
        }

        if (account is not AccountStatus.Active)
        {
            return new ApprovalResult.AccountNotUsable(account);
        }

        var since = changes.Where(change => change.At > approval.AskedAt)
            .Select(change => $"{change.Actor.Name} changed the {Word(change.Kind)}").ToList();
        return since.Count > 0 ? new ApprovalResult.Blocked(payout, string.Join("; ", since)) : null;
    }

    /// <summary>Who reads the payout as it is from now on has seen the changes.</summary>
    private static PayoutEvent Block(Request asked, string changes, ApprovalDecision decision, DateTimeOffset now)
    {
        var approval = asked.Approval;
        approval.AskedAt = now;
        (approval.FirstBy, approval.FirstOwner, approval.FirstAt) = (null, null, null);
        return asked.Payout.BlockApproval(decision.Actor, changes, now);
    }

    private PayoutEvent? Approve(Request asked, ApprovalDecision decision, DateTimeOffset now)
    {
        var (payout, approval) = (asked.Payout, asked.Approval);
        if (approval is { Approvers: 2, FirstOwner: null })
        {
            (approval.FirstBy, approval.FirstOwner, approval.FirstAt) = (decision.Actor.Name, decision.Owner, now);
            return payout.ApproveFirst(decision.Actor, decision.Reason, now);
        }

        return payout.Approve(decision.Actor, decision.Reason, now, rules);
    }

    private static string Word(HistoryKind kind) => kind is HistoryKind.Payee ? "payee" : "account";

    /// <summary>What an approval is judged by.</summary>
    private sealed record Request(
        Payout Payout,
        Approval Approval,
        PayeeStatus Payee,
        AccountStatus Account,
        IReadOnlyList<HistoryEntry> Changes);
}
