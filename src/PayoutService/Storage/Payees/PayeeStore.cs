using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payees;

/// <summary>A payee and one of its accounts as we know them, with their ages; whether their merchant's sending is
/// paused; and whether both, as they are now, were found clean.</summary>
internal readonly record struct Payable(
    PayeeStatus Payee,
    DateTimeOffset PayeeCheckedAt,
    AccountStatus Account,
    DateTimeOffset AccountCheckedAt,
    bool IsPaused,
    bool IsScreened);

/// <summary>Every write to payees and their accounts: one public method is one transaction. The payee's row is the lock
/// of its accounts too.</summary>
internal sealed partial class PayeeStore
{
    private readonly IDbContextFactory<PayoutDb> databases;
    private readonly PayoutRules rules;
    private readonly DatabaseClock clock;
    private readonly Witness witness;
    private readonly GroupCommit<Guid, Payable> looks;

    public PayeeStore(
        IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
    {
        this.databases = databases;
        this.rules = rules;
        this.clock = clock;
        this.witness = witness;
        looks = new("payables", PayableAsync);
    }

    /// <summary>Writes the payee before Pockyt is called, so that a call that is never answered
    /// leaves a trace.</summary>
    public Task<BeginResult<Payee>> BeginAsync(
        string merchant,
        PayeeProfile profile,
        Dictionary<string, string> metadata,
        Dictionary<string, string> content,
        Actor actor) => BeginAsync(
        _ => Task.CompletedTask,
        $"SELECT * FROM payees WHERE merchant = {merchant} AND customer_code = {profile.CustomerCode} FOR UPDATE",
        (id, leaseUntil, now) => Payee.Begin(id, merchant, profile, metadata, content, leaseUntil, now),
        content,
        actor);

    /// <summary>Writes the account before Pockyt is called, as for a payee.</summary>
    public Task<BeginResult<Account>> BeginAsync(
        Payee payee,
        AccountRequest request,
        AccountTrace trace,
        Actor actor) => BeginAsync(
        db => RefreshAtAsync(db, payee.Id, clock.GetUtcNow() + rules.Lease),
        $"SELECT * FROM accounts WHERE payee_id = {payee.Id} AND account_tag = {request.AccountTag}",
        (id, leaseUntil, now) => Account.Begin(id, payee, request, trace, leaseUntil, now),
        trace.Content,
        actor);

    /// <summary>Reads whether an account and its payee can be paid, as far as we know.</summary>
    public Task<Payable> PayableAsync(Guid accountId, CancellationToken cancel) => looks.AddAsync(accountId, cancel);

    /// <summary>A payee and one of its accounts.</summary>
    public async Task<(Payee Payee, Account Account)> FindAsync(Guid payeeId, Guid accountId, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var payee = await db.Payees.AsNoTracking().SingleAsync(row => row.Id == payeeId, cancel);
        return (payee, await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == accountId, cancel));
    }

    /// <summary>Writes down what Pockyt said of a payee.</summary>
    /// <returns>The payee; another one when Pockyt says that it is the same as one we have under another code. The one
    /// that was being registered is then given up, and its code is free again.</returns>
    public async Task<Payee> LearnAsync(Payee payee, ProviderPayee told, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var row = await LockAsync(db, payee.Id);
        var same = row.IsRegistering
            ? await db.Payees.SingleOrDefaultAsync(
                other => other.Merchant == row.Merchant && other.CustomerNo == told.CustomerNo)
            : null;
        return await LearnAsync(db, transaction, row, row.Id, same, now => row.Learn(told, now), actor);
    }

    /// <summary>Takes a payee's version for one change. The version goes up, so of two changes that name the same
    /// version the second is refused before Pockyt is called.</summary>
    /// <returns>The version that the payee has instead; null when it was taken.</returns>
    public async Task<int?> TakeAsync(Payee payee, int[] versions, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var row = await LockAsync(db, payee.Id);
        if (!versions.Contains(row.Version))
        {
            return row.Version;
        }

        var now = clock.GetUtcNow();
        row.Take(now);
        await db.SaveAsync(actor, ChangeKind.Claimed, now);
        await transaction.CommitAsync();
        return null;
    }

    /// <summary>Takes an account's version for its removal, as for a payee.</summary>
    public async Task<int?> TakeAsync(Account account, int[] versions, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await LockAsync(db, account.PayeeId);
        var row = await db.Accounts.SingleAsync(row => row.Id == account.Id);
        if (!versions.Contains(row.Version))
        {
            return row.Version;
        }

        var now = clock.GetUtcNow();
        row.Take(now);
        await db.SaveAsync(actor, ChangeKind.Claimed, now);
        await transaction.CommitAsync();
        return null;
    }

    /// <summary>Writes down a change that Pockyt took.</summary>
    public Task<Payee> ChangeAsync(
        Guid payeeId, PayeeProfile changes, Dictionary<string, string>? metadata, Actor actor) =>
        OnPayeeAsync(payeeId, payee => payee.Change(changes, metadata, clock.GetUtcNow()), actor, ChangeKind.Changed);

    /// <summary>The registration was not answered: the next repeat looks at Pockyt first.</summary>
    public Task<Payee> LeaveOpenAsync(Payee payee, Actor actor) =>
        OnPayeeAsync(payee.Id, row => row.LeaveOpen(clock.GetUtcNow()), actor, ChangeKind.LeftOpen);

    /// <summary>Pockyt refused the registration for certain: the key is free again.</summary>
    public async Task AbandonAsync(Payee payee, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if ((await LockAsync(db, payee.Id)) is { IsRegistering: true } row)
        {
            db.Remove(row);
            await db.SaveAsync(actor, ChangeKind.Abandoned, clock.GetUtcNow());
            await transaction.CommitAsync();
        }
    }

    /// <summary>Writes down what Pockyt said of an account.</summary>
    /// <returns>The account; another one when Pockyt says that it is the same as one we have under another tag. The one
    /// that was being added is then given up, and its tag is free again.</returns>
    public async Task<Account> LearnAsync(Account account, ProviderAccount told, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payee = await LockAsync(db, account.PayeeId);
        var rows = await db.Accounts
            .Where(row => row.Id == account.Id
                || (row.Merchant == account.Merchant && row.AccountToken == told.AccountToken))
            .ToListAsync();
        var row = rows.Single(row => row.Id == account.Id);
        if (row.IsRegistering)
        {
            payee.RefreshAt(clock.GetUtcNow());
        }

        var same = row.IsRegistering ? rows.SingleOrDefault(other => other.Id != row.Id) : null;
        return await LearnAsync(db, transaction, row, payee.Id, same, now => row.Learn(told, now), actor);
    }

    /// <summary>The addition was not answered: the next repeat looks at Pockyt first, and so do we.</summary>
    public Task<Account> LeaveOpenAsync(Account account, Actor actor) =>
        OnAccountAsync(account, row => row.LeaveOpen(), actor, ChangeKind.LeftOpen);

    /// <summary>Pockyt refused the account for certain: the tag is free again.</summary>
    public async Task AbandonAsync(Account account, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await LockAsync(db, account.PayeeId);
        if (await db.Accounts.SingleAsync(row => row.Id == account.Id) is { IsRegistering: true } row)
        {
            db.Remove(row);
            await db.SaveAsync(actor, ChangeKind.Abandoned, clock.GetUtcNow());
            await transaction.CommitAsync();
        }
    }

    /// <summary>Removes an account and, in the same transaction, cancels its payouts that were not sent: nothing else
    /// could ever end them.</summary>
    /// <returns>The account and the payouts that are canceled, or will be once Pockyt says that it does not know them;
    /// null when the database was restored and nothing can be said of what is unsent.</returns>
    public async Task<(Account Account, List<Payout> Canceled)?> RemoveAsync(Account account, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        (await LockAsync(db, account.PayeeId)).RefreshAt(now);
        var row = await db.Accounts.SingleAsync(row => row.Id == account.Id);
        row.Remove(now);
        if (!await DatabaseState.IsPresentAsync(db, rules))
        {
            return null;
        }

        var canceled = await PayoutStore.CancelUnsentAsync(db, account.Id, actor, "The account was removed.", now);
        await db.SaveAsync(actor, ChangeKind.Removed, now);
        await witness.CommitAsync(db, transaction);
        return (row, canceled);
    }

    private async Task<Served<Payable>[]> PayableAsync(IReadOnlyList<Guid> accountIds, bool mayWait)
    {
        await using var db = await databases.CreateDbContextAsync();
        var ids = accountIds.Distinct().ToArray();
        var found = await db.Accounts.Where(row => ids.Contains(row.Id))
            .Join(db.Payees, row => row.PayeeId, payee => payee.Id, (row, payee) => new
            {
                row.Id,
                Payable = new Payable(
                    payee.Status,
                    payee.CheckedAt,
                    row.Status,
                    row.CheckedAt,
                    db.Pauses.Any(pause => pause.Merchant == row.Merchant),
                    db.Screenings.Any(one => one.AccountId == row.Id && one.Answer == ScreeningAnswer.Clean
                        && one.PayeeVersion == payee.Version && one.AccountVersion == row.Version)),
            })
            .ToDictionaryAsync(row => row.Id, row => row.Payable);
        return [.. accountIds.Select(id => found[id])];
    }

    private static async Task<Payee> LockAsync(PayoutDb db, Guid payeeId) =>
        (await db.Payees.FromSql($"SELECT * FROM payees WHERE id = {payeeId} FOR NO KEY UPDATE").ToListAsync())
            .Single();

    private Task<BeginResult<T>> BeginAsync<T>(
        Func<PayoutDb, Task> before,
        FormattableString lockByKey,
        Func<Guid, DateTimeOffset, DateTimeOffset, T> begin,
        Dictionary<string, string> content,
        Actor actor)
        where T : class, IPendingRegistration =>
        PostgresFailures.BeginAsync(() => TryBeginAsync(before, lockByKey, begin, content, actor));

    private async Task<BeginResult<T>> TryBeginAsync<T>(
        Func<PayoutDb, Task> before,
        FormattableString lockByKey,
        Func<Guid, DateTimeOffset, DateTimeOffset, T> begin,
        Dictionary<string, string> content,
        Actor actor)
        where T : class, IPendingRegistration
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await before(db);
        var now = clock.GetUtcNow();
        var rows = await db.Set<T>().FromSql(lockByKey).ToListAsync();
        if (rows.SingleOrDefault() is not { } known)
        {
            var row = begin(Guid.CreateVersion7(now), now + rules.Lease, now);
            db.Add(row);
            await db.SaveAsync(actor, ChangeKind.Began, now);
            await transaction.CommitAsync();
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
        await db.SaveAsync(actor, ChangeKind.Resumed, now);
        await transaction.CommitAsync();
        return new BeginResult<T>.Resumed(known);
    }

    /// <summary>Learns of a row, or gives it up where it is the same as one we have.</summary>
    private async Task<T> LearnAsync<T>(
        PayoutDb db,
        IDbContextTransaction transaction,
        T row,
        Guid payeeId,
        T? same,
        Action<DateTimeOffset> learn,
        Actor actor)
        where T : class, IPendingRegistration
    {
        var (version, now) = (row.Version, clock.GetUtcNow());
        if (same is null)
        {
            learn(now);
        }
        else
        {
            db.Remove(row);
        }

        await db.SaveAsync(actor, ChangeKind.Answered, now);
        if (row.Version != version)
        {
            await PayoutStore.RaiseStuckAsync(db, payeeId, now);
        }

        await transaction.CommitAsync();
        return same ?? row;
    }

    private async Task<Payee> OnPayeeAsync(Guid id, Action<Payee> change, Actor actor, ChangeKind what)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payee = await LockAsync(db, id);
        change(payee);
        await db.SaveAsync(actor, what, clock.GetUtcNow());
        await transaction.CommitAsync();
        return payee;
    }

    private async Task<Account> OnAccountAsync(
        Account account, Action<Account> change, Actor actor, ChangeKind what)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        (await LockAsync(db, account.PayeeId)).RefreshAt(clock.GetUtcNow());
        var row = await db.Accounts.SingleAsync(row => row.Id == account.Id);
        change(row);
        await db.SaveAsync(actor, what, clock.GetUtcNow());
        await transaction.CommitAsync();
        return row;
    }
}
