using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Calls;

/// <summary>The calls to Pockyt that are written down.</summary>
internal sealed class CallStore(IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The number of calls that one trim removes at most.</summary>
    private const int TrimmedAtOnce = 10_000;

    public async Task WriteAsync(IReadOnlyList<ProviderCall> calls)
    {
        await using var db = await databases.CreateDbContextAsync();

        // It closes the connection, where the guard of the standby throws. A context that is disposed with an open one
        // would go back to the pool so, and the guard would not see its next commits.
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Insert(db, calls));
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    /// <summary>Removes calls that are older than they have to be kept.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> TrimAsync(DateTimeOffset before)
    {
        await using var db = await databases.CreateDbContextAsync();
        var trimmed = await db.Database.ExecuteSqlAsync($"""
            -- provider_calls.trim
            DELETE FROM provider_calls WHERE id IN (
                SELECT id FROM provider_calls WHERE id < {SortableId.FirstAt(before)}
                ORDER BY id LIMIT {TrimmedAtOnce})
            """);
        return trimmed == TrimmedAtOnce;
    }
}
