using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>Pauses and resumes a merchant's sending.</summary>
internal sealed class SendingStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>Stops a merchant's sending; what is on the wire goes on.</summary>
    /// <returns>The pauses there are then, and whether an operator's is a new one.</returns>
    public async Task<(List<Pause> Pauses, bool IsNew)> PauseAsync(
        string merchant, Actor actor, string reason)
    {
        await using var db = await databases.CreateDbContextAsync();
        var written = await InsertAsync(
            db,
            new Pause
            {
                Merchant = merchant,
                Kind = PauseKind.Operator,
                Actor = actor,
                Reason = reason,
                Since = clock.GetUtcNow(),
            });
        return (await Blockers.PausesOf(db, merchant).AsNoTracking().ToListAsync(), written > 0);
    }

    /// <summary>The pauses of a merchant's sending. Empty: it is not.</summary>
    public async Task<List<Pause>> PausesOfAsync(string merchant)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await Blockers.PausesOf(db, merchant).AsNoTracking().ToListAsync();
    }

    /// <summary>Lets a merchant send again, and looks at once at what was held for lack of access, but for what paused
    /// sending: that waits for its own time.</summary>
    /// <returns>The pauses that are ended.</returns>
    public async Task<List<Pause>> ResumeAsync(string merchant, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var ended = await db.Pauses.FromSql($"""
            -- pauses.resume
            WITH ended AS (DELETE FROM pauses WHERE merchant = {merchant} RETURNING *),
            noted AS (
                INSERT INTO history (merchant, kind, id, version, at, actor, what, members)
                SELECT merchant, 'sending', {Guid.Empty}, nextval('sending_versions'), {now}, {actor.Name}, 'resumed',
                    jsonb_build_object('pause', kind, 'pausedBy', ended.actor, 'reason', reason)
                FROM ended)
            SELECT * FROM ended
            """).AsNoTracking().ToListAsync();
        var causes = ended.Select(pause => pause.CausedBy).OfType<Guid>().ToArray();
        await db.Database.ExecuteSqlAsync($"""
            -- payouts.release_access
            UPDATE payouts SET due_at = {now}
            WHERE merchant = {merchant} AND status = 'held' AND hold_reason = 'access' AND due_at > {now}
              AND id <> ALL ({causes})
            """);
        await db.Database.ExecuteSqlAsync($"""
            -- payouts.resume_unconfirmed
            UPDATE payouts SET due_at = greatest({now}, resend_granted_at)
            WHERE merchant = {merchant} AND status = 'unconfirmed' AND confirmed_by IS NULL
              AND resend_granted_at IS NOT NULL AND due_at > greatest({now}, resend_granted_at)
            """);
        await transaction.CommitAsync();
        return [.. ended.OrderByDescending(pause => pause.Kind)];
    }

    /// <summary>Takes an operator's word that restores lost nothing of a merchant: what was marked as possibly sent is
    /// queued again, and what a caller wanted to cancel is canceled.</summary>
    public async Task ClearRestoresAsync(string merchant, Actor actor, string reason)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        while (await UnmarkAsync() == RestoreDetector.MarkedAtOnce)
        {
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        await DatabaseState.LockAsync(db);
        while (await UnmarkAsync() == RestoreDetector.MarkedAtOnce)
        {
        }

        await HoldAgainAsync();

        await db.Database.ExecuteSqlAsync($"""
            -- restores.clear
            INSERT INTO restore_clearances (restore_no, merchant, actor, reason, at)
            SELECT no, {merchant}, {actor.Name}, {reason}, {now} FROM restores WHERE is_lossy
            ON CONFLICT ON CONSTRAINT restore_clearances_pkey DO NOTHING
            """);
        await db.Database.ExecuteSqlAsync($"""
            -- restores.note_clearance
            INSERT INTO history (merchant, kind, id, version, at, actor, what, members)
            VALUES ({merchant}, 'sending', {Guid.Empty}, nextval('sending_versions'), {now}, {actor.Name}, 'cleared',
                jsonb_build_object('reason', {reason}::text))
            """);
        await witness.CommitAsync(db, transaction);

        Task<int> UnmarkAsync() => db.Database.ExecuteSqlAsync($"""
            -- restores.unmark
            WITH marked AS (
                SELECT id FROM payouts
                WHERE merchant = {merchant} AND status = 'unconfirmed' AND confirmed_by IS NULL
                  AND open_sends = ARRAY[{Payout.LostClaim}] AND NOT heard AND restore_no IS NOT NULL
                  AND (findings IS NULL OR cancel_requested_by IS NOT NULL)
                ORDER BY id LIMIT {RestoreDetector.MarkedAtOnce} FOR UPDATE),
            unmarked AS (
                UPDATE payouts SET
                    status = CASE WHEN cancel_requested_by IS NULL THEN 'queued' ELSE 'canceled' END,
                    status_since = {now}, status_source = NULL, version = version + 1, updated_at = {now},
                    due_at = CASE WHEN cancel_requested_by IS NULL THEN greatest({now}, execute_at) END,
                    resend_granted_at = NULL, not_seen_count = 0, not_seen_since = NULL,
                    open_sends = ARRAY[]::integer[], findings = NULL,
                    attention = CASE WHEN attention IN ('contradiction', 'mismatch') THEN attention END
                FROM marked WHERE payouts.id = marked.id
                RETURNING payouts.*)
            INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
            SELECT id, version, {now}, {actor.Name}, 'cleared', 'unconfirmed', status,
                jsonb_build_object('reason', {reason}::text),
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
            FROM unmarked
            """);

        // What a rule held is few, and stays held.
        async Task HoldAgainAsync()
        {
            var held = await db.Payouts.FromSql($"""
                -- restores.unmark_held
                SELECT * FROM payouts
                WHERE merchant = {merchant} AND status = 'unconfirmed' AND confirmed_by IS NULL
                  AND open_sends = ARRAY[{Payout.LostClaim}] AND NOT heard AND restore_no IS NOT NULL
                  AND findings IS NOT NULL
                ORDER BY id FOR UPDATE
                """).ToListAsync();
            foreach (var payout in held)
            {
                db.Add(payout.ClearRestore(actor, reason, now, rules));
            }

            await db.SaveChangesAsync();
        }
    }

    /// <summary>True when a payout that was held for lack of access may be tried again: once sending was resumed, and
    /// the one whose answer paused it after all others, which it would stop again.</summary>
    public async Task<bool> IsAccessToBeTriedAsync(Payout held)
    {
        await using var db = await databases.CreateDbContextAsync();
        if (await Blockers.PausesOf(db, held.Merchant).AnyAsync())
        {
            return false;
        }

        var now = clock.GetUtcNow();
        return await db.Database.SqlQuery<bool>($"""
            -- pauses.is_access_to_be_tried
            SELECT NOT EXISTS (
                    SELECT FROM payout_events
                    WHERE payout_id = {held.Id} AND jsonb_exists(detail, {ReportBatch.PausedSending}))
                OR NOT EXISTS (
                    SELECT FROM payouts AS other
                    WHERE merchant = {held.Merchant} AND id <> {held.Id} AND confirmed_by IS NULL
                      AND ((status = 'held' AND hold_reason = 'access'
                          AND (id < {held.Id} OR NOT EXISTS (
                              SELECT FROM payout_events
                              WHERE payout_id = other.id AND jsonb_exists(detail, {ReportBatch.PausedSending}))))
                        OR (status = 'queued' AND due_at <= {now}
                          AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
                          AND NOT EXISTS (
                              SELECT FROM payouts AS line
                              WHERE line.merchant = other.merchant AND line.currency = other.currency
                                AND line.holds > 0 AND line.status = 'held' AND line.hold_reason = 'balance'))))
                AS "Value"
            """).SingleAsync();
    }

    /// <summary>Writes a pause and its line of history, unless there is one of its kind.</summary>
    public static Task<int> InsertAsync(PayoutDb db, Pause pause) =>
        db.Database.ExecuteSqlAsync($"""
            -- pauses.pause
            WITH paused AS (
                INSERT INTO pauses (merchant, kind, reason, actor, since, caused_by)
                VALUES ({pause.Merchant}, {PayoutDb.EnumText<PauseKind>.Word(pause.Kind)}, {pause.Reason},
                    {pause.Actor.Name}, {pause.Since}, {pause.CausedBy})
                ON CONFLICT ON CONSTRAINT one_pause_per_kind DO NOTHING
                RETURNING *)
            INSERT INTO history (merchant, kind, id, version, at, actor, what, members)
            SELECT merchant, 'sending', {Guid.Empty}, nextval('sending_versions'), since, actor, 'paused',
                jsonb_build_object('pause', kind, 'reason', reason)
            FROM paused
            """);
}
