using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Refunds;

/// <summary>Every write to a refund: one public method is one transaction.</summary>
internal sealed class RefundStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>The number of rows one statement touches at most.</summary>
    public const int BatchSize = 100;

    /// <summary>Writes the refund before Pockyt is called, or finds the one that the same request made.</summary>
    public Task<BeginResult<Refund>> BeginAsync(RefundOrder order) =>
        PostgresFailures.BeginAsync(() => TryBeginAsync(order));

    /// <summary>Writes down what Pockyt said of a refund. One whose request was certainly not executed is removed:
    /// its key is free again.</summary>
    /// <returns>The refund; null when there is none any more.</returns>
    public async Task<Refund?> RecordAsync(Guid id, RefundReport told, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var rows = await db.Refunds.FromSql($"SELECT * FROM refunds WHERE id = {id} FOR UPDATE").ToListAsync();
        if (rows.SingleOrDefault() is not { } refund)
        {
            return null;
        }

        var gone = RefundMachine.Next(refund.Status, told.Kind).IsRemoved;
        if (gone)
        {
            db.Remove(refund);
        }
        else
        {
            told = await WithNumberOfItsOwnAsync(db, refund, told);
            refund.Apply(told, rules.AskDelays, clock.GetUtcNow());
        }

        await db.SaveAsync(actor, ChangeKind.Answered, clock.GetUtcNow());
        await transaction.CommitAsync();
        return gone ? null : refund;
    }

    /// <summary>Ends the leases of callers that did not come back with an answer.</summary>
    /// <returns>How many there were; <see cref="BatchSize"/> at most.</returns>
    public async Task<int> EndLeasesAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var over = await db.Refunds.FromSql($"""
            -- refunds.end_leases
            SELECT * FROM refunds WHERE status = 'submitting' AND due_at <= {now}
            ORDER BY due_at, id LIMIT {BatchSize} FOR UPDATE SKIP LOCKED
            """).ToListAsync();
        over.ForEach(refund => refund.EndLease(now));
        await db.SaveAsync(Actor.Reconciler, ChangeKind.LeaseEnded, now);
        await transaction.CommitAsync();
        return over.Count;
    }

    /// <summary>Claims refunds that Pockyt is due to be asked about, by moving the next look one lease ahead.</summary>
    /// <param name="limit">How many.</param>
    /// <param name="merchants">Whose; another merchant's refund is left to a replica that knows it.</param>
    public async Task<List<Refund>> ClaimInquiriesAsync(int limit, string[] merchants)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        return await db.Refunds.FromSql($"""
            -- refunds.claim_inquiries
            WITH due AS (
                SELECT id FROM refunds
                WHERE status <> 'submitting' AND due_at <= {now} AND merchant = ANY ({merchants})
                ORDER BY due_at, id LIMIT {limit} FOR UPDATE SKIP LOCKED)
            UPDATE refunds SET due_at = {now + rules.Lease}
            FROM due WHERE refunds.id = due.id
            RETURNING refunds.*
            """).AsNoTracking().ToListAsync();
    }

    /// <summary>Raises attention for refunds that have been open for too long, whether anybody asks or not.</summary>
    public async Task RaiseSlowAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var (open, processing) = (now - rules.UnconfirmedSlowAfter, now - rules.ProcessingSlowAfter);
        var slow = await db.Refunds.FromSql($"""
            -- refunds.raise_slow
            SELECT * FROM refunds
            WHERE due_at IS NOT NULL AND attention IS NULL
              AND created_at < CASE WHEN status = 'processing' THEN {processing} ELSE {open} END
            ORDER BY id LIMIT {BatchSize} FOR UPDATE SKIP LOCKED
            """).ToListAsync();
        slow.ForEach(refund => refund.RaiseSlow(now));
        await db.SaveAsync(Actor.Reconciler, ChangeKind.Slow, now);
        await transaction.CommitAsync();
    }

    private async Task<BeginResult<Refund>> TryBeginAsync(RefundOrder order)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DatabaseState.ShareAsync(db);
        var known = await db.Refunds.AsNoTracking().SingleOrDefaultAsync(
            row => row.Merchant == order.Merchant && row.RefundReference == order.RefundReference);
        if (known is not null)
        {
            await db.Database.ExecuteSqlRawAsync(ArrayStatements.WriteNothing);
            await transaction.CommitAsync();
            return Fingerprints.Differences(known.Content, order.Content) is { Length: > 0 } fields
                ? new BeginResult<Refund>.Differs(known, fields)
                : new BeginResult<Refund>.Replayed(known);
        }

        // A request of the lost time may be on its way for as long as a payout's.
        var now = clock.GetUtcNow();
        var loss = await DatabaseState.LossOfAsync(db, order.Merchant, rules, now);
        if (!await DatabaseState.IsPresentAsync(db, rules) || loss?.At + rules.ResendNotSeenSpan > now
            || await db.Pauses.AnyAsync(row => row.Merchant == order.Merchant && row.Kind == PauseKind.Restore))
        {
            return new BeginResult<Refund>.Restored();
        }

        var refund = Refund.Begin(Guid.CreateVersion7(now), order, now + rules.Lease, now);
        db.Add(refund);
        await db.SaveAsync(Actor.ApiKey(order.ApiKey), ChangeKind.Began, now);
        await witness.CommitAsync(db, transaction);
        return loss is null ? new BeginResult<Refund>.New(refund) : new BeginResult<Refund>.Resumed(refund);
    }

    /// <summary>A number that another refund already has cannot be this one's too.</summary>
    private static async Task<RefundReport> WithNumberOfItsOwnAsync(
        PayoutDb db, Refund refund, RefundReport told)
    {
        var taken = told.RefundTransactionNo is not null && await db.Refunds.AnyAsync(
            row => row.Merchant == refund.Merchant && row.Id != refund.Id
                && row.RefundTransactionNo == told.RefundTransactionNo);
        return taken
            ? new RefundReport(RefundReportKind.Unclear) { Mismatch = "refundTransactionNo belongs to another refund" }
            : told;
    }
}
