using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Holds;

/// <summary>What the payee of a payout got before it, in its currency.</summary>
/// <param name="PayoutId">The payout.</param>
/// <param name="Count">The number of payouts that were sent and did not fail.</param>
/// <param name="Largest">The largest of them, in the smallest unit of the currency; null: none.</param>
internal sealed record PaidBefore(Guid PayoutId, int Count, long? Largest)
{
    /// <summary>Reads it for many payouts at once.</summary>
    /// <param name="db">The context.</param>
    /// <param name="payouts">The payouts.</param>
    /// <param name="most">The number of earlier payouts that are looked at of each.</param>
    /// <param name="cancel">Gives up.</param>
    public static Task<Dictionary<Guid, PaidBefore>> OfAsync(
        PayoutDb db, Guid[] payouts, int most, CancellationToken cancel) =>
        db.Database.SqlQuery<PaidBefore>($"""
            -- payouts.paid_before
            SELECT payout.id AS "PayoutId", count(earlier.amount_minor)::integer AS "Count",
                max(earlier.amount_minor) AS "Largest"
            FROM payouts AS payout LEFT JOIN LATERAL (
                SELECT amount_minor FROM payouts
                WHERE payee_id = payout.payee_id AND id < payout.id AND currency = payout.currency
                  AND status IN ('succeeded', 'processing')
                ORDER BY id DESC LIMIT {most}) AS earlier ON true
            WHERE payout.id = ANY ({payouts})
            GROUP BY payout.id
            """).ToDictionaryAsync(row => row.PayoutId, cancel);
}
