using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payouts;

/// <content>Holds of rules: how they begin after a payout was accepted, and how they end.</content>
internal sealed partial class PayoutStore
{
    /// <summary>A person ends the holds that one person may end.</summary>
    public Task<PayoutActionResult> ReleaseHoldAsync(
        string merchant, Guid id, int[]? ifVersions, Actor actor, string reason) => VerbAsync(
        merchant, id, ifVersions, payout => payout.ReleaseHold(actor, reason, clock.GetUtcNow(), rules));

    /// <summary>Pockyt does not know a payout of which a restore may have lost that it was sent, and a rule had held it
    /// before: it stays held.</summary>
    public Task<PayoutActionResult> HoldAsBeforeAsync(Payout seen) => VerbAsync(
        seen.Merchant, seen.Id, [seen.Version], payout => payout.HoldAsBefore(clock.GetUtcNow(), rules));

    /// <summary>Cancels what rules have held for as long as they may. Screening has a clock of its own.</summary>
    public async Task ExpireHoldsAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        var over = await db.Database.SqlQuery<Guid>($"""
            -- payouts.held_too_long
            SELECT held.id AS "Value" FROM known_merchants() AS known (merchant) CROSS JOIN LATERAL (
                SELECT id FROM payouts
                WHERE merchant = known.merchant AND status = 'held' AND findings IS NOT NULL AND due_at <= {now}
                  AND hold_reason <> 'screening'
                ORDER BY due_at, id LIMIT {RaisedAtOnce}) AS held
            """).ToListAsync();
        foreach (var id in over)
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            if (await LockAsync(db, id) is { } payout && await DatabaseState.IsPresentAsync(db, rules)
                && payout.Expire(now, rules) is { } expired)
            {
                db.Add(expired);
                await db.SaveChangesAsync();
                await witness.CommitAsync(db, transaction);
            }

            db.ChangeTracker.Clear();
        }
    }
}
