using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Holds;

/// <summary>An answer about a payee and its account.</summary>
/// <param name="Payout">The payout that waits for it.</param>
/// <param name="PayeeVersion">The version of the payee that was asked about.</param>
/// <param name="AccountVersion">The version of the account.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Said">What was said, or what failed.</param>
internal sealed record Screened(
    Payout Payout, int PayeeVersion, int AccountVersion, ScreeningAnswer Answer, string Said);

/// <summary>Finds payouts that wait for their screening, and writes what it answered; and the rules of merchants, as
/// processes start with them.</summary>
internal sealed class ScreeningStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>The wait after no answer, and after one that cannot be read.</summary>
    private static readonly TimeSpan AfterError = TimeSpan.FromMinutes(1);

    /// <summary>The wait after a hit: somebody may clear it.</summary>
    private static readonly TimeSpan AfterHit = TimeSpan.FromHours(1);

    /// <summary>Claims payouts whose screening is to be asked, by moving their next look one lease ahead.</summary>
    public async Task<List<Payout>> ClaimAsync(string[] merchants, int limit)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        return await db.Payouts.FromSql($"""
            -- payouts.claim_screenings
            WITH due AS (
                SELECT held.id FROM unnest({merchants}) AS known (merchant) CROSS JOIN LATERAL (
                    SELECT id FROM payouts
                    WHERE merchant = known.merchant AND status = 'held' AND findings IS NOT NULL AND due_at <= {now}
                      AND hold_reason = 'screening'
                    ORDER BY due_at, id LIMIT {limit} FOR UPDATE SKIP LOCKED) AS held LIMIT {limit})
            UPDATE payouts SET due_at = {now + rules.Lease} FROM due WHERE payouts.id = due.id
            RETURNING payouts.*
            """).AsNoTracking().ToListAsync();
    }

    /// <summary>Writes an answer, and ends or goes on with the hold. Only an answer about payee and account as they are
    /// now can end it.</summary>
    /// <returns>The payout; null when it is not held any more.</returns>
    public async Task<Payout?> RecordAsync(Screened screened)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var seen = screened.Payout;
        var payout = await PayoutStore.LockAsync(db, seen.Id);
        if (payout is not { Status: PayoutStatus.Held, HoldReason: HoldReason.Screening }
            || !await DatabaseState.IsPresentAsync(db, rules))
        {
            return null;
        }

        await db.Database.ExecuteSqlAsync($"""
            -- screenings.answer
            INSERT INTO screenings
                (account_id, merchant, payee_version, account_version, answer, said, asked_at)
            VALUES ({seen.AccountId}, {seen.Merchant}, {screened.PayeeVersion}, {screened.AccountVersion},
                {PayoutDb.EnumText<ScreeningAnswer>.Word(screened.Answer)}, {screened.Said}, {now})
            ON CONFLICT ON CONSTRAINT screenings_pkey DO UPDATE SET
                payee_version = excluded.payee_version, account_version = excluded.account_version,
                answer = excluded.answer, said = excluded.said, asked_at = excluded.asked_at
            """);
        var payee = await db.Payees.Where(row => row.Id == seen.PayeeId).Select(row => row.Version).SingleAsync();
        var account = await db.Accounts.Where(row => row.Id == seen.AccountId).Select(row => row.Version).SingleAsync();
        var isAboutNow = (payee, account) == (screened.PayeeVersion, screened.AccountVersion);
        var line = screened.Answer is ScreeningAnswer.Clean && isAboutNow
            ? payout.EndScreening(now, rules)
            : payout.Expire(now, rules) ?? payout.ScreenAgain(
                screened.Said, now + WaitOf(screened.Answer, isAboutNow), now, rules);
        if (line is not null)
        {
            db.Add(line);
        }

        await db.SaveChangesAsync();
        await witness.CommitAsync(db, transaction);
        return payout;
    }

    /// <summary>Notes the rules of a merchant where they are others than before.</summary>
    public async Task NoteRulesAsync(string merchant, Dictionary<string, string> found)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DatabaseState.ShareAsync(db);
        var last = await db.RuleSets.AsNoTracking().Where(row => row.Merchant == merchant)
            .OrderByDescending(row => row.No).FirstOrDefaultAsync();
        if (last is not null && last.Rules.Count == found.Count
            && found.All(rule => last.Rules.GetValueOrDefault(rule.Key) == rule.Value))
        {
            return;
        }

        db.Add(new RuleSet { Merchant = merchant, Since = clock.GetUtcNow(), Rules = found });
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private static TimeSpan WaitOf(ScreeningAnswer answer, bool isAboutNow) =>
        !isAboutNow ? TimeSpan.Zero : answer is ScreeningAnswer.Hit ? AfterHit : AfterError;
}
