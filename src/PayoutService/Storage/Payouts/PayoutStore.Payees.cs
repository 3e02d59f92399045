using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <content>What becomes of payouts when their payee or account cannot be paid, in the transaction that says so.
/// </content>
internal sealed partial class PayoutStore
{
    /// <summary>Raises attention for what waits for a payee or an account that does not become active by itself, in
    /// the transaction that learned it; and ends it where that is over.</summary>
    public static Task<int> RaiseStuckAsync(PayoutDb db, Guid payeeId, DateTimeOffset now) =>
        db.Database.ExecuteSqlAsync($"""
            -- payouts.raise_stuck
            WITH waiting AS (
                SELECT payouts.id, payouts.attention,
                    payees.status IN ('declined', 'deactivated')
                        OR accounts.status IN ('invalid', 'removed') AS is_stuck
                FROM payouts JOIN payees ON payees.id = payee_id JOIN accounts ON accounts.id = account_id
                WHERE payouts.payee_id = {payeeId} AND payouts.status IN ('queued', 'held')
                ORDER BY payouts.id FOR UPDATE OF payouts),
            changed AS (
                UPDATE payouts SET
                    attention = CASE WHEN is_stuck THEN 'stuck' END, version = version + 1, updated_at = {now}
                FROM waiting
                WHERE payouts.id = waiting.id AND CASE WHEN is_stuck
                    THEN coalesce(waiting.attention, 'slow') IN ('slow', 'access') ELSE waiting.attention = 'stuck' END
                RETURNING payouts.*)
            INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
            SELECT id, version, {now}, 'pockyt', CASE WHEN attention IS NULL THEN 'cleared' ELSE 'raised' END,
                status, status, jsonb_build_object('attention', 'stuck'),
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
            FROM changed
            """);

    /// <summary>Cancels an account's payouts that were not sent.</summary>
    /// <returns>Those that are canceled, or will be once Pockyt says that it does not know them.</returns>
    public static async Task<List<Payout>> CancelUnsentAsync(
        PayoutDb db, Guid accountId, Actor actor, string reason, DateTimeOffset now)
    {
        var unsent = await db.Payouts.FromSql($"""
            -- payouts.cancel_unsent
            SELECT * FROM payouts
            WHERE account_id = {accountId} AND status IN ('queued', 'held', 'unconfirmed')
            ORDER BY id FOR UPDATE
            """).ToListAsync();
        List<Payout> canceled = [];
        foreach (var payout in unsent)
        {
            if (payout.Cancel(actor, now, reason) is { } happened)
            {
                db.Add(happened);
                canceled.Add(payout);
            }
        }

        return canceled;
    }
}
