using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>What came of beginning to register a payee or to add an account.</summary>
internal abstract record BeginResult<T>
{
    /// <summary>The row is written; nobody has called Pockyt yet.</summary>
    internal sealed record New(T Row) : BeginResult<T>;

    /// <summary>An earlier call was never answered: look at Pockyt before registering again.</summary>
    internal sealed record Resumed(T Row) : BeginResult<T>;

    /// <summary>Another call is registering it right now.</summary>
    internal sealed record Busy(T Row) : BeginResult<T>;

    /// <summary>The same request again: this is what it made.</summary>
    internal sealed record Replayed(T Row) : BeginResult<T>;

    /// <summary>The key belongs to something with other content.</summary>
    internal sealed record Differs(T Row, string[] Fields) : BeginResult<T>;
}

/// <summary>Every write to payees and their accounts: one public method is one transaction.</summary>
internal sealed class PayeeStore(IDbContextFactory<PayoutDb> databases, PayoutRules rules, TimeProvider clock)
{
    /// <summary>Writes the payee before Pockyt is called, so that a call that is never answered
    /// leaves a trace.</summary>
    public Task<BeginResult<Payee>> BeginAsync(
        string merchant,
        PayeeProfile profile,
        Dictionary<string, string> metadata,
        Dictionary<string, string> content,
        CancellationToken cancel) => BeginAsync(
        $"SELECT * FROM payees WHERE merchant = {merchant} AND customer_code = {profile.CustomerCode} FOR UPDATE",
        (id, leaseUntil, now) => Payee.Begin(id, merchant, profile, metadata, content, leaseUntil, now),
        content,
        cancel);

    /// <summary>Writes the account before Pockyt is called, as for a payee.</summary>
    public Task<BeginResult<Account>> BeginAsync(
        Payee payee,
        AccountRequest request,
        string? last4,
        Dictionary<string, string> content,
        CancellationToken cancel) => BeginAsync(
        $"SELECT * FROM accounts WHERE payee_id = {payee.Id} AND account_tag = {request.AccountTag} FOR UPDATE",
        (id, leaseUntil, now) => Account.Begin(id, payee, request, last4, content, leaseUntil, now),
        content,
        cancel);

    /// <summary>A payee and one of its accounts.</summary>
    public async Task<(Payee Payee, Account Account)> FindAsync(Guid payeeId, Guid accountId, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var payee = await db.Payees.AsNoTracking().SingleAsync(row => row.Id == payeeId, cancel);
        return (payee, await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == accountId, cancel));
    }

    /// <summary>Writes down what Pockyt said of a payee.</summary>
    public Task<Payee> LearnAsync(Guid payeeId, ProviderPayee told, CancellationToken cancel) =>
        OnPayeeAsync(payeeId, payee => payee.Learn(told, clock.GetUtcNow()), cancel);

    /// <summary>Writes down a change that Pockyt took.</summary>
    public Task<Payee> ChangeAsync(
        Guid payeeId, PayeeProfile changes, Dictionary<string, string>? metadata, CancellationToken cancel) =>
        OnPayeeAsync(payeeId, payee => payee.Change(changes, metadata, clock.GetUtcNow()), cancel);

    /// <summary>The registration was not answered: the next repeat looks at Pockyt first.</summary>
    public Task<Payee> LeaveOpenAsync(Payee payee, CancellationToken cancel) =>
        OnPayeeAsync(payee.Id, row => row.LeaveOpen(), cancel);

    /// <summary>Pockyt refused the registration for certain: the key is free again.</summary>
    public async Task AbandonAsync(Payee payee, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await db.Payees
            .Where(row => row.Id == payee.Id && row.Status == PayeeStatus.Registering)
            .ExecuteDeleteAsync(cancel);
    }

    /// <summary>Writes down what Pockyt said of an account.</summary>
    public Task<Account> LearnAsync(Guid accountId, ProviderAccount told, CancellationToken cancel) =>
        OnAccountAsync(accountId, account => account.Learn(told, clock.GetUtcNow()), cancel);

    /// <summary>The addition was not answered: the next repeat looks at Pockyt first.</summary>
    public Task<Account> LeaveOpenAsync(Account account, CancellationToken cancel) =>
        OnAccountAsync(account.Id, row => row.LeaveOpen(), cancel);

    /// <summary>Pockyt refused the account for certain: the tag is free again.</summary>
    public async Task AbandonAsync(Account account, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await db.Accounts.Where(row => row.Id == account.Id && row.Status == AccountStatus.Registering)
            .ExecuteDeleteAsync(cancel);
    }

    public Task<Account> RemoveAsync(Guid accountId, CancellationToken cancel) =>
        OnAccountAsync(accountId, account => account.Remove(clock.GetUtcNow()), cancel);

    /// <summary>Takes over the accounts Pockyt lists for a payee: new ones are added,
    /// known ones brought up to date.</summary>
    public async Task<List<Account>> ImportAsync(
        Payee payee, IReadOnlyList<ProviderAccount> told, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var known = await db.Accounts.FromSql($"""
            SELECT * FROM accounts WHERE payee_id = {payee.Id} ORDER BY id FOR UPDATE
            """).ToListAsync(cancel);
        var now = clock.GetUtcNow();
        foreach (var account in told)
        {
            var row = known.SingleOrDefault(row => row.AccountToken == account.AccountToken)
                ?? known.SingleOrDefault(row => row.AccountToken is null && row.AccountTag == account.AccountTag);
            if (row is not null)
            {
                row.Learn(account, now);
                continue;
            }

            // Pockyt does not promise that tags are unique; tokens are.
            var isTagTaken = known.Any(other => other.AccountTag == account.AccountTag);
            var found = isTagTaken ? account with { AccountTag = account.AccountToken } : account;
            row = Account.Found(Guid.CreateVersion7(now), payee, found, now);
            known.Add(row);
            db.Add(row);
        }

        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return known;
    }

    private async Task<BeginResult<T>> BeginAsync<T>(
        FormattableString lockByKey,
        Func<Guid, DateTimeOffset, DateTimeOffset, T> begin,
        Dictionary<string, string> content,
        CancellationToken cancel)
        where T : class, IRegistered
    {
        try
        {
            return await TryBeginAsync(lockByKey, begin, content, cancel);
        }
        catch (DbUpdateException raced) when (raced.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
        })
        {
            // Another caller with the same key committed first, so now there is a row to find.
            return await TryBeginAsync(lockByKey, begin, content, cancel);
        }
    }

    private async Task<BeginResult<T>> TryBeginAsync<T>(
        FormattableString lockByKey,
        Func<Guid, DateTimeOffset, DateTimeOffset, T> begin,
        Dictionary<string, string> content,
        CancellationToken cancel)
        where T : class, IRegistered
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = clock.GetUtcNow();
        var rows = await db.Set<T>().FromSql(lockByKey).ToListAsync(cancel);
        if (rows.SingleOrDefault() is not { } known)
        {
            var row = begin(Guid.CreateVersion7(now), now + rules.Lease, now);
            db.Add(row);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            return new BeginResult<T>.New(row);
        }

        if (Fingerprints.Differences(known.Content, content) is { Length: > 0 } fields)
        {
            return new BeginResult<T>.Differs(known, fields);
        }

        if (!known.IsRegistering)
        {
            return new BeginResult<T>.Replayed(known);
        }

        if (known.LeaseUntil > now)
        {
            return new BeginResult<T>.Busy(known);
        }

        known.TakeOver(now + rules.Lease);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new BeginResult<T>.Resumed(known);
    }

    private Task<Payee> OnPayeeAsync(Guid id, Action<Payee> change, CancellationToken cancel) =>
        ChangeAsync($"SELECT * FROM payees WHERE id = {id} FOR UPDATE", change, cancel);

    private Task<Account> OnAccountAsync(Guid id, Action<Account> change, CancellationToken cancel) =>
        ChangeAsync($"SELECT * FROM accounts WHERE id = {id} FOR UPDATE", change, cancel);

    private async Task<T> ChangeAsync<T>(FormattableString lockById, Action<T> change, CancellationToken cancel)
        where T : class
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var row = (await db.Set<T>().FromSql(lockById).ToListAsync(cancel)).Single();
        change(row);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return row;
    }
}
