using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Payouts;

/// <content>Attention that the clock raises, and no answer.</content>
internal sealed partial class PayoutStore
{
    /// <summary>Raises attention for payouts, of every merchant there is, that have been where they are for too long,
    /// whether anybody asks about them or not.</summary>
    /// <returns>How many; <see cref="RaisedAtOnce"/> at most.</returns>
    public async Task<int> RaiseSlowAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        var (open, held, processing) =
            (now - rules.UnconfirmedSlowAfter, now - rules.HeldSlowAfter, now - rules.ProcessingSlowAfter);

        // An id begins with the time: what is younger than the limit need not be read.
        return await db.Database.ExecuteSqlAsync($"""
            -- payouts.raise_slow
            WITH late AS (
                SELECT late.* FROM known_merchants() AS known (merchant) CROSS JOIN LATERAL (
                    SELECT id, version, status FROM queued_currencies(known.merchant) AS queued (currency)
                    JOIN payouts ON merchant = known.merchant AND payouts.currency = queued.currency
                    WHERE status = 'queued' AND due_at < {now + rules.MaxSendDelay} AND attention IS NULL
                      AND (due_at < {open} OR (not_sent_count > 0 AND status_since < {open}))
                    UNION ALL
                    SELECT id, version, status FROM payouts
                    WHERE merchant = known.merchant AND status = 'unconfirmed' AND confirmed_by IS NULL
                      AND id < {Guid.CreateVersion7(open)} AND attention IS NULL
                      AND greatest(status_since, resend_granted_at) < {open}
                    UNION ALL
                    SELECT id, version, status FROM payouts
                    WHERE merchant = known.merchant AND status IN ('succeeded', 'failed', 'returned')
                      AND confirmed_by IS NULL AND id < {Guid.CreateVersion7(open)} AND attention IS NULL
                      AND status_since < {open}
                    UNION ALL
                    SELECT id, version, status FROM payouts
                    WHERE merchant = known.merchant AND status = 'held' AND confirmed_by IS NULL
                      AND id < {Guid.CreateVersion7(held)} AND attention IS NULL AND status_since < {held}
                    UNION ALL
                    SELECT id, version, status FROM payouts
                    WHERE merchant = known.merchant AND status = 'held' AND findings IS NOT NULL
                      AND hold_reason <> 'screening' AND due_at < {now + rules.RuleHoldWarning} AND attention IS NULL
                    UNION ALL
                    SELECT id, version, status FROM payouts
                    WHERE merchant = known.merchant AND status = 'processing' AND confirmed_by IS NULL
                      AND id < {Guid.CreateVersion7(processing)} AND attention IS NULL AND status_since < {processing}
                ) AS late LIMIT {RaisedAtOnce}),
            locked AS (
                SELECT payouts.id FROM payouts JOIN late ON late.id = payouts.id
                WHERE payouts.version = late.version AND payouts.status = late.status
                FOR UPDATE OF payouts SKIP LOCKED),
            raised AS (
                UPDATE payouts SET attention = 'slow', version = version + 1, updated_at = {now}
                FROM locked WHERE payouts.id = locked.id
                RETURNING payouts.*)
            INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
            SELECT id, version, {now}, 'reconciler', 'raised', status, status,
                jsonb_build_object('attention', 'slow'),
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
            FROM raised
            """);
    }
}
