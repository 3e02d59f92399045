using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;

namespace PayoutService.Storage.Payees;

/// <content>Refreshes: what the service reads from Pockyt again by itself, and what that changes.</content>
internal sealed partial class PayeeStore
{
    /// <summary>The number of rows for which one statement raises attention.</summary>
    private const int SlowAtOnce = 100;

    /// <summary>Claims payees that are due to be looked at: by moving that time on, so that no replica does what
    /// another does already.</summary>
    public async Task<List<Payee>> ClaimRefreshesAsync(int limit, string[] merchants)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        return await db.Payees.FromSql($"""
            -- payees.claim_refreshes
            WITH due AS (
                SELECT id FROM payees
                WHERE due_at <= {now} AND merchant = ANY ({merchants})
                ORDER BY due_at, id LIMIT {limit} FOR UPDATE SKIP LOCKED)
            UPDATE payees SET due_at = {now + rules.Lease}
            FROM due WHERE payees.id = due.id
            RETURNING payees.*
            """).AsNoTracking().ToListAsync();
    }

    /// <summary>Writes down what a look at a payee found, and when to look again.</summary>
    /// <param name="payeeId">The payee.</param>
    /// <param name="changed">Whether the payee itself was found changed.</param>
    /// <param name="accounts">What Pockyt listed; null when it did not.</param>
    public async Task RefreshedAsync(Guid payeeId, bool changed, ProviderAccounts? accounts)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var payee = await LockAsync(db, payeeId);
        changed |= accounts is not null && (await ImportAsync(db, payee, accounts, now)).Changed;
        payee.Refreshed(changed, rules.PayeeLookDelays, now);
        await db.SaveAsync(Actor.Reconciler, ChangeKind.Imported, now);
        if (changed)
        {
            await PayoutStore.RaiseStuckAsync(db, payeeId, now);
        }

        await transaction.CommitAsync();
    }

    /// <summary>Keeps a notice about an account and has the account read again. The notice itself is not believed: it
    /// carries no time, so an old one that is repeated could not be told from a new one.</summary>
    public async Task RecordNoticeAsync(Notice notice)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await notice.KeepAsync(db);
        await RefreshNowAsync(db, notice.AccountId!.Value);
        await transaction.CommitAsync();
    }

    /// <summary>Has an account read again from Pockyt.</summary>
    public async Task RefreshNowAsync(Guid accountId)
    {
        await using var db = await databases.CreateDbContextAsync();
        await RefreshNowAsync(db, accountId);
    }

    /// <summary>Raises attention for payees whose registration has been open for too long.</summary>
    public async Task RaiseSlowAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var slow = await db.Payees.FromSql($"""
            -- payees.raise_slow
            SELECT * FROM payees
            WHERE status = 'registering' AND created_at < {now - rules.UnconfirmedSlowAfter} AND attention IS NULL
            ORDER BY id LIMIT {SlowAtOnce} FOR NO KEY UPDATE SKIP LOCKED
            """).ToListAsync();
        slow.ForEach(payee => payee.RaiseSlow(now));
        await db.SaveAsync(Actor.Reconciler, ChangeKind.Slow, now);
        await transaction.CommitAsync();
    }

    /// <summary>Takes over the accounts Pockyt lists for a payee: new ones are added,
    /// known ones brought up to date.</summary>
    public async Task<List<Account>> ImportAsync(Guid payeeId, ProviderAccounts told, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var payee = await LockAsync(db, payeeId);
        var (accounts, changed) = await ImportAsync(db, payee, told, now);
        await db.SaveAsync(actor, ChangeKind.Imported, now);
        if (changed)
        {
            await PayoutStore.RaiseStuckAsync(db, payeeId, now);
        }

        await transaction.CommitAsync();
        return accounts;
    }

    private static async Task<(List<Account> Accounts, bool Changed)> ImportAsync(
        PayoutDb db, Payee payee, ProviderAccounts told, DateTimeOffset now)
    {
        var known = await db.Accounts.Where(row => row.PayeeId == payee.Id).OrderBy(row => row.Id).ToListAsync();
        var versions = known.Sum(row => row.Version);
        foreach (var row in known.Where(row => told.All.All(account => account.AccountToken != row.AccountToken)))
        {
            row.Miss(told.AskedAt, now);
        }

        foreach (var account in told.All)
        {
            var row = known.SingleOrDefault(row => row.AccountToken == account.AccountToken)
                ?? known.SingleOrDefault(row => row.AccountToken is null && row.AccountTag == account.AccountTag);
            if (row is null)
            {
                // Pockyt does not promise that tags are unique; tokens are.
                var isTagTaken = known.Any(other => other.AccountTag == account.AccountTag);
                var found = isTagTaken ? account with { AccountTag = account.AccountToken } : account;
                known.Add(Account.Found(Guid.CreateVersion7(now), payee, found, now));
                db.Add(known[^1]);
            }
            else if (row.CheckedAt <= told.AskedAt)
            {
                row.Learn(account, now);
            }
        }

        return (known, known.Sum(row => row.Version) != versions);
    }

    /// <summary>Has a payee looked at by then at the latest; locks it until the transaction ends.</summary>
    private static Task<int> RefreshAtAsync(PayoutDb db, Guid payeeId, DateTimeOffset at) =>
        db.Database.ExecuteSqlAsync(
            $"UPDATE payees SET looks = 0, due_at = least(due_at, {at}) WHERE id = {payeeId}");

    /// <summary>As soon as may be: a flood of notices must not become a flood of questions.</summary>
    private Task<int> RefreshNowAsync(PayoutDb db, Guid accountId)
    {
        var now = clock.GetUtcNow();
        return db.Database.ExecuteSqlAsync($"""
            -- payees.refresh_now
            UPDATE payees SET looks = 0, due_at = least(due_at, greatest({now}, checked_at + {rules.AskAtMostEvery}))
            WHERE id = (SELECT payee_id FROM accounts WHERE id = {accountId})
            """);
    }
}
