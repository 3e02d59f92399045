using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payouts;

/// <summary>The outcome of an action.</summary>
internal abstract record PayoutActionResult
{
    internal sealed record Done(Payout Payout) : PayoutActionResult;

    internal sealed record NotFound : PayoutActionResult;

    /// <summary>The database may have lost something: whether the payout was sent is not known until that was looked
    /// into.</summary>
    internal sealed record Restored : PayoutActionResult;

    /// <summary>The payout's status does not allow it.</summary>
    internal sealed record NotAllowed(Payout Payout) : PayoutActionResult;

    /// <summary>The caller's If-Match names another version.</summary>
    internal sealed record Stale(Payout Payout) : PayoutActionResult;
}

/// <summary>
/// Changes payouts one at a time: one public method is one transaction, and the change and its event are committed
/// together.
/// </summary>
internal sealed partial class PayoutStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>The number of payouts waiting for a balance that one deposit pulls forward.</summary>
    private const int MostLookedAtOnce = 1_000;

    /// <summary>For how many payouts one statement raises attention at most.</summary>
    public const int RaisedAtOnce = 1_000;

    /// <summary>Lets a held payout be sent, unless it has moved meanwhile or is doubted. That its attention has ended,
    /// as when its payee was found active, is no reason to wait longer.</summary>
    public Task<PayoutActionResult> ReleaseAsync(Payout seen) => VerbAsync(
        seen.Merchant,
        seen.Id,
        ifVersions: null,
        payout => payout.StatusSince == seen.StatusSince && !payout.IsDisputed
            ? payout.Release(clock.GetUtcNow()) : null);

    /// <summary>Withdraws a payout that was never sent.</summary>
    public Task<PayoutActionResult> CancelAsync(
        string merchant, Guid id, int[]? ifVersions, Actor actor, string? reason = null) =>
        VerbAsync(merchant, id, ifVersions, payout => payout.Cancel(actor, clock.GetUtcNow(), reason));

    /// <summary>Cancels a payout that a caller wanted to cancel while nobody knew whether it was sent, and that Pockyt
    /// does not know.</summary>
    public Task<PayoutActionResult> CancelAsRequestedAsync(Payout seen) => VerbAsync(
        seen.Merchant, seen.Id, [seen.Version], payout => payout.CancelAsRequested(clock.GetUtcNow()));

    /// <summary>Takes an operator's word for what became of a payout.</summary>
    public Task<PayoutActionResult> ResolveAsync(
        string merchant,
        Guid id,
        int[]? ifVersions,
        OperatorDecision word,
        Func<string?, ReportKind?> meaning) => VerbAsync(
            merchant, id, ifVersions, payout => payout.Resolve(word, meaning, clock.GetUtcNow(), rules));

    /// <summary>Asks for the next question to come now. Null when there is no such payout.</summary>
    public async Task<Payout?> InquireNowAsync(string merchant, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        var invoiceId = await db.Payouts.Where(row => row.Merchant == merchant && row.Id == id)
            .Select(row => row.InvoiceId).SingleOrDefaultAsync();
        if (invoiceId is null)
        {
            return null;
        }

        await InquireNowAsync(merchant, invoiceId);
        var payout = await db.Payouts.AsNoTracking().SingleAsync(row => row.Id == id);
        return await DatabaseState.MarkAsync(db, rules, payout, one => [one]);
    }

    /// <summary>Has what waits for a merchant's balance looked at now, the oldest first.</summary>
    public async Task CheckBalanceNowAsync(string merchant)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            -- payouts.check_balance
            UPDATE payouts SET due_at = greatest({now}, asked_at + {rules.AskAtMostEvery})
            WHERE id IN (
                SELECT id FROM payouts
                WHERE merchant = {merchant} AND status = 'held' AND hold_reason = 'balance'
                  AND due_at > greatest({now}, asked_at + {rules.AskAtMostEvery})
                ORDER BY id LIMIT {MostLookedAtOnce} FOR UPDATE SKIP LOCKED)
            """);
    }

    /// <summary>The same by invoice id, where somebody spoke of a payout who may know nothing of it. It waits for no
    /// lock, and writes nothing where the next question is near.</summary>
    public async Task InquireNowAsync(string merchant, string invoiceId)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            -- payouts.inquire_now
            UPDATE payouts SET due_at = greatest({now}, asked_at + {rules.AskAtMostEvery})
            WHERE id = (
                SELECT id FROM payouts
                WHERE merchant = {merchant} AND invoice_id = {invoiceId}
                  AND status IN ('unconfirmed', 'processing', 'succeeded', 'failed', 'returned')
                  AND (due_at IS NULL OR due_at > greatest({now}, asked_at + {rules.AskAtMostEvery}))
                FOR UPDATE SKIP LOCKED)
            """);
    }

    /// <summary>True when no older payout of the same merchant and currency that was held once is still to be sent.
    /// </summary>
    public async Task<bool> IsFirstInLineAsync(Payout held)
    {
        await using var db = await databases.CreateDbContextAsync();
        return !await Blockers.Line(db, held.Merchant, held.Currency).AnyAsync(row => row.Id < held.Id);
    }

    private async Task<PayoutActionResult> VerbAsync(
        string merchant, Guid id, int[]? ifVersions, Func<Payout, PayoutEvent?> verb)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payout = await LockAsync(db, id);
        if (payout is null || payout.Merchant != merchant)
        {
            return new PayoutActionResult.NotFound();
        }

        if (ifVersions is not null && !ifVersions.Contains(payout.Version))
        {
            return new PayoutActionResult.Stale(payout);
        }

        if (!await DatabaseState.IsPresentAsync(db, rules))
        {
            return new PayoutActionResult.Restored();
        }

        var wasDisputed = payout.IsDisputed;
        if (verb(payout) is not { } done)
        {
            await db.Database.ExecuteSqlRawAsync(ArrayStatements.WriteNothing);
            await transaction.CommitAsync();
            return new PayoutActionResult.NotAllowed(payout);
        }

        db.Add(done);
        if (payout.ReplacedBy is { } by && !wasDisputed
            && (payout.IsDisputed || payout.Status is PayoutStatus.Succeeded)
            && (await LockAsync(db, by))!.ContradictedBy(payout, clock.GetUtcNow(), rules) is { } named)
        {
            db.Add(named);
        }

        await db.SaveChangesAsync();
        await witness.CommitAsync(db, transaction);
        return new PayoutActionResult.Done(payout);
    }

    /// <summary>A payout, locked until the transaction ends; null: there is none.</summary>
    public static async Task<Payout?> LockAsync(PayoutDb db, Guid id)
    {
        var rows = await db.Payouts.FromSql($"SELECT * FROM payouts WHERE id = {id} FOR UPDATE").ToListAsync();
        return rows.SingleOrDefault();
    }
}
