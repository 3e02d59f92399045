using Microsoft.EntityFrameworkCore;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payors;

/// <summary>The outcome of resolving a payor.</summary>
internal abstract record PayorResolved
{
    /// <summary>It exists, under this number.</summary>
    internal sealed record Exists(Payor Payor) : PayorResolved;

    /// <summary>It does not exist: its key is free again.</summary>
    internal sealed record Removed : PayorResolved;

    /// <summary>There is no payor of this key.</summary>
    internal sealed record NotFound : PayorResolved;

    /// <summary>There is nothing to find out: it is registered, or is being registered.</summary>
    internal sealed record NotUnconfirmed(Payor Payor) : PayorResolved;

    /// <summary>The number belongs to a payor of another key.</summary>
    internal sealed record Taken(Payor Payor) : PayorResolved;
}

/// <summary>Every write to payors: one public method is one transaction.</summary>
internal sealed class PayorStore(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>Writes the payor before Pockyt is called, or finds the one that the same request made.</summary>
    /// <param name="merchant">Whose it is.</param>
    /// <param name="payorCode">Its key.</param>
    /// <param name="content">What it is registered with, as hashes.</param>
    /// <param name="notAtPockyt">Somebody looked for it in Pockyt's portal, and it is not there.</param>
    /// <param name="actor">Who registers it.</param>
    public Task<BeginResult<Payor>> BeginAsync(
        string merchant,
        string payorCode,
        Dictionary<string, string> content,
        bool notAtPockyt,
        Actor actor) =>
        PostgresFailures.BeginAsync(() => TryBeginAsync(merchant, payorCode, content, notAtPockyt, actor));

    /// <summary>Writes down what Pockyt answered to a payor's one registration. One that was certainly not executed
    /// leaves no payor behind: its key is free again.</summary>
    /// <returns>The payor; another one when Pockyt says that it is the same as one we have under another key; null when
    /// there is none any more.</returns>
    public async Task<Payor?> RecordAsync(Payor payor, ProviderAnswer<ProviderPayor> answer, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var kept = await RecordAsync(db, payor, answer);
        await db.SaveAsync(actor, ChangeKind.Answered, clock.GetUtcNow());
        await transaction.CommitAsync();
        return kept;
    }

    /// <summary>Writes down what Pockyt said of a payor in answer to another call.</summary>
    /// <returns>The payor; null when it was registered without us.</returns>
    public async Task<Payor?> RefreshAsync(string merchant, ProviderPayor told, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payor = await LockAsync(
            db,
            $"SELECT * FROM payors WHERE merchant = {merchant} AND payor_no = {told.PayorNo} FOR UPDATE");
        var now = clock.GetUtcNow();
        payor?.Learn(told, now);
        await db.SaveAsync(actor, ChangeKind.Answered, now);
        await transaction.CommitAsync();
        return payor;
    }

    /// <summary>Ends the doubt about a registration that was not answered, by what a human found in Pockyt's portal:
    /// its number, or nothing. Saying the same number twice is harmless.</summary>
    public async Task<PayorResolved> ResolveAsync(
        string merchant, string payorCode, string? payorNo, Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payor = await LockAsync(
            db,
            $"SELECT * FROM payors WHERE merchant = {merchant} AND payor_code = {payorCode} FOR UPDATE");
        if (payor is null)
        {
            return new PayorResolved.NotFound();
        }

        if (payorNo is not null && payor.PayorNo == payorNo)
        {
            return new PayorResolved.Exists(payor);
        }

        var now = clock.GetUtcNow();
        if (payor.StatusAt(now) is not PayorStatus.Unconfirmed)
        {
            return new PayorResolved.NotUnconfirmed(payor);
        }

        if (payorNo is null)
        {
            db.Remove(payor);
        }
        else if (await FindAsync(db, merchant, payorNo) is { } other)
        {
            return new PayorResolved.Taken(other);
        }
        else
        {
            payor.Learn(new ProviderPayor(payorNo, PayorStatus.Unknown, StatusWord: null), now);
        }

        await db.SaveAsync(actor, ChangeKind.Resolved, now);
        await transaction.CommitAsync();
        return payorNo is null ? new PayorResolved.Removed() : new PayorResolved.Exists(payor);
    }

    private async Task<BeginResult<Payor>> TryBeginAsync(
        string merchant,
        string payorCode,
        Dictionary<string, string> content,
        bool notAtPockyt,
        Actor actor)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DatabaseState.ShareAsync(db);
        var known = await db.Payors.AsNoTracking().SingleOrDefaultAsync(
            row => row.Merchant == merchant && row.PayorCode == payorCode);
        if (known is not null)
        {
            return Fingerprints.Differences(known.Content, content) is { Length: > 0 } fields
                ? new BeginResult<Payor>.Differs(known, fields)
                : new BeginResult<Payor>.Replayed(known);
        }

        // Pockyt has no call that finds a payor, so a human looks.
        var now = clock.GetUtcNow();
        if (!await DatabaseState.IsPresentAsync(db, rules)
            || (!notAtPockyt && await DatabaseState.LossOfAsync(db, merchant, rules, now) is not null))
        {
            return new BeginResult<Payor>.Restored();
        }

        var payor = Payor.Begin(Guid.CreateVersion7(now), merchant, payorCode, content, now + rules.Lease, now);
        db.Add(payor);
        await db.SaveAsync(actor, ChangeKind.Began, now);
        await witness.CommitAsync(db, transaction);
        return new BeginResult<Payor>.New(payor);
    }

    private async Task<Payor?> RecordAsync(PayoutDb db, Payor payor, ProviderAnswer<ProviderPayor> answer)
    {
        var row = await LockAsync(db, $"SELECT * FROM payors WHERE id = {payor.Id} FOR UPDATE");
        var verdict = PayorMachine.Next(row?.Status ?? PayorStatus.Unconfirmed, answer);
        if (verdict is PayorVerdict.IsRemoved)
        {
            // It is sent once, so this answers the only request there was: nothing of it can still arrive.
            if (row is not null)
            {
                db.Remove(row);
            }

            return null;
        }

        if (row is null)
        {
            // Somebody ruled that it does not exist while its answer was still on the way: nothing is lost.
            row = payor;
            row.ComeBack((int)await db.History
                .Where(line => line.Merchant == payor.Merchant && line.Kind == HistoryKind.Payor && line.Id == payor.Id)
                .MaxAsync(line => line.Version));
            db.Add(row);
        }

        if (answer is not ProviderAnswer<ProviderPayor>.Done(var told))
        {
            if (verdict is PayorVerdict.BecomesUnconfirmed)
            {
                row.MarkUnconfirmed(clock.GetUtcNow());
            }

            return row;
        }

        if (row.PayorNo is null && await FindAsync(db, row.Merchant, told.PayorNo) is { } same)
        {
            db.Remove(row);
            return same;
        }

        row.Learn(told, clock.GetUtcNow());
        return row;
    }

    private static Task<Payor?> FindAsync(PayoutDb db, string merchant, string payorNo) =>
        db.Payors.SingleOrDefaultAsync(row => row.Merchant == merchant && row.PayorNo == payorNo);

    private static async Task<Payor?> LockAsync(PayoutDb db, FormattableString query) =>
        (await db.Payors.FromSql(query).ToListAsync()).SingleOrDefault();
}
