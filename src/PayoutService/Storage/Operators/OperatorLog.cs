using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Operators;

/// <summary>The log of what operators do on the pages.</summary>
internal sealed class OperatorLog(IDbContextFactory<PayoutDb> databases, DatabaseClock clock)
{
    /// <summary>Writes one act.</summary>
    /// <param name="merchant">Whose object it is about.</param>
    /// <param name="actor">Who.</param>
    /// <param name="action">What.</param>
    /// <param name="subject">The public id of the object.</param>
    /// <param name="reason">Why.</param>
    public async Task WriteAsync(
        string merchant, Actor actor, OperatorAction action, string? subject = null, string? reason = null)
    {
        await using var db = await databases.CreateDbContextAsync();
        db.Add(new OperatorAct
        {
            Merchant = merchant,
            At = clock.GetUtcNow(),
            Actor = actor,
            Action = action,
            Subject = subject,
            Reason = reason,
        });
        await db.SaveChangesAsync();
    }

    /// <summary>Reads acts, newest first.</summary>
    /// <param name="merchants">About objects of these merchants.</param>
    /// <param name="before">Only those before this number; null: from the newest.</param>
    /// <param name="limit">The number of acts at most.</param>
    public async Task<List<OperatorAct>> ReadAsync(IReadOnlyList<string> merchants, long? before, int limit)
    {
        await using var db = await databases.CreateDbContextAsync();
        var acts = db.OperatorActs.AsNoTracking().Where(act => merchants.Contains(act.Merchant));
        acts = before is null ? acts : acts.Where(act => act.No < before);
        return await acts.OrderByDescending(act => act.No).Take(limit).ToListAsync();
    }
}
