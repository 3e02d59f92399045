using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>The loss that a restore may have caused for a merchant.</summary>
/// <param name="RestoreNo">Which restore.</param>
/// <param name="At">When it was noted.</param>
internal sealed record Loss(long RestoreNo, DateTimeOffset At);

/// <summary>
/// Whether the database is the present. One that was restored to an earlier moment, or that another server took over,
/// is not until that was noted: what it says of being unsent may be false, so nothing is decided by it.
/// </summary>
internal static class DatabaseState
{
    /// <summary>Held shared by every transaction that writes down something as unsent, and alone by the one that notes
    /// a restore: so no such row escapes it.</summary>
    private const long Key = 7_061_796_742;

    public static Task<bool> IsPresentAsync(PayoutDb db, PayoutRules rules) =>
        db.Database.SqlQuery<bool>($"""
            -- restores.is_present
            SELECT coalesce(is_present({rules.RestoreMarker}), false) AS "Value"
            """).SingleAsync();

    /// <summary>Marks what was read before on this connection, should the database not be the present.</summary>
    public static async Task<T> MarkAsync<T>(
        PayoutDb db, PayoutRules rules, T read, Func<T, IEnumerable<Payout>> payouts)
    {
        if (!await IsPresentAsync(db, rules))
        {
            foreach (var payout in payouts(read))
            {
                payout.MarkPast();
            }
        }

        return read;
    }

    /// <summary>Keeps a restore from being noted until the transaction ends.</summary>
    public static Task ShareAsync(PayoutDb db) =>
        db.Database.SqlQuery<string>($"""
            -- restores.share_lock
            SELECT pg_advisory_xact_lock_shared({Key})::text AS "Value"
            """).SingleAsync();

    /// <summary>Waits until nobody writes down something as unsent, and keeps it so until the transaction ends.
    /// </summary>
    public static Task LockAsync(PayoutDb db) =>
        db.Database.SqlQuery<string>($"""
            -- restores.lock
            SELECT pg_advisory_xact_lock({Key})::text AS "Value"
            """).SingleAsync();

    /// <summary>The loss that a restore may have caused for a merchant, whose callers may be repeating it
    /// still.</summary>
    public static async Task<Loss?> LossOfAsync(
        PayoutDb db, string merchant, PayoutRules rules, DateTimeOffset now)
    {
        var since = now - rules.RestoreHorizon;
        var lossy = await db.Restores.AsNoTracking()
            .Where(row => row.IsLossy && row.At > since
                && !db.RestoreClearances.Any(clear => clear.RestoreNo >= row.No && clear.Merchant == merchant))
            .OrderByDescending(row => row.No).FirstOrDefaultAsync();
        return lossy is null ? null : new Loss(lossy.No, lossy.At);
    }

    /// <summary>The statements with which a batch that accepts begins: the shared lock, whether the database is the
    /// present, and what restores may have lost of the merchants.</summary>
    public static (string Lock, string IsPresent, string Losses) Sql { get; } = (
        $"SELECT pg_advisory_xact_lock_shared({Key})",
        "SELECT coalesce(is_present(($1)[1]), false)",
        """
        -- restores.losses
        SELECT DISTINCT ON (merchant) merchant, no, at
        FROM restores CROSS JOIN unnest($1) AS merchant
        WHERE is_lossy AND at > ($2)[1] AND NOT EXISTS (
            SELECT FROM restore_clearances AS clear WHERE clear.restore_no >= no AND clear.merchant = merchant)
        ORDER BY merchant, no DESC
        """);
}
