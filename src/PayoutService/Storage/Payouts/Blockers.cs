using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payouts;

/// <summary>Finds what keeps a payout from being sent though it is due.</summary>
internal static class Blockers
{
    /// <summary>Nobody wants to know exactly how many more there are.</summary>
    private const int MostCounted = 10_000;

    public static async Task<Blocker?> FindAsync(
        PayoutDb db, Payout payout, DateTimeOffset now)
    {
        var isDue = payout.Status is PayoutStatus.Queued && payout.DueAt <= now && !payout.IsDisputed;
        var isRepeated = payout.Status is PayoutStatus.Unconfirmed && payout.ResendGrantedAt is not null;
        if (isDue || isRepeated || payout is { Status: PayoutStatus.Held, HoldReason: HoldReason.Access })
        {
            var pauses = await PausesOf(db, payout.Merchant).AsNoTracking().ToListAsync();
            if (pauses.Count > 0)
            {
                return new Blocker(Payout: null, pauses[0].Since, pauses[0].Actor.Name, pauses[0].Reason, Ahead: null);
            }
        }

        return isDue || payout is { Status: PayoutStatus.Held, HoldReason: HoldReason.Balance }
            ? await FirstInLineAsync(db, payout)
            : null;
    }

    /// <summary>A merchant's pauses, the one that is hardest to end first.</summary>
    public static IQueryable<Pause> PausesOf(PayoutDb db, string merchant) =>
        db.Pauses.Where(row => row.Merchant == merchant).OrderByDescending(row => row.Kind);

    /// <summary>The merchants of these whose sending is paused.</summary>
    public static async Task<HashSet<string>> PausedAsync(
        PayoutDb db, IReadOnlyList<string> merchants, CancellationToken cancel) =>
        [
            .. await db.Pauses.AsNoTracking().Where(row => merchants.Contains(row.Merchant))
                .Select(row => row.Merchant).ToListAsync(cancel),
        ];

    /// <summary>Payouts that were held and are not sent yet, oldest first: nothing of its currency is sent before the
    /// first of them. What is doubted is not in line.</summary>
    public static IQueryable<Payout> Line(PayoutDb db, string merchant, string currency) =>
        db.Payouts.FromSql($"""
            -- payouts.first_in_line
            SELECT * FROM payouts
            WHERE merchant = {merchant} AND currency = {currency}
              AND holds > 0 AND status IN ('queued', 'held', 'submitting')
              AND (status <> 'held' OR hold_reason = 'balance')
              AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
            """);

    private static async Task<Blocker?> FirstInLineAsync(PayoutDb db, Payout payout)
    {
        var line = Line(db, payout.Merchant, payout.Currency).AsNoTracking();
        if (await line.OrderBy(row => row.Id).FirstOrDefaultAsync() is not { } first || first.Id == payout.Id)
        {
            return null;
        }

        // One that was held itself waits for the older of them; another for them all, and for what was due earlier.
        var ahead = payout.HoldCount > 0
            ? await line.Where(row => row.Id < payout.Id).Take(MostCounted).CountAsync()
            : await line.Take(MostCounted).CountAsync() + await db.Payouts
                .Where(row => row.Merchant == payout.Merchant && row.Currency == payout.Currency
                    && row.Status == PayoutStatus.Queued && row.HoldCount == 0
                    && (row.DueAt < payout.DueAt || (row.DueAt == payout.DueAt && row.Id < payout.Id)))
                .Take(MostCounted).CountAsync();
        return new Blocker(first.Id, first.StatusSince, first.InvoiceId, Cause.Balance.Sentence, ahead);
    }
}
