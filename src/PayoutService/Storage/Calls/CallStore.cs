using Microsoft.EntityFrameworkCore;
using PayoutService.Storage.Reports;

namespace PayoutService.Storage.Calls;

/// <summary>The calls to Pockyt that are written down.</summary>
internal sealed class CallStore(IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The number of calls that one trim removes at most.</summary>
    public const int TrimmedAtOnce = 10_000;

    public async Task WriteAsync(IReadOnlyList<ProviderCall> calls)
    {
        await using var db = await databases.CreateDbContextAsync();

        // It closes the connection, where the guard of the standby throws. A context that is disposed with an open one
        // would go back to the pool so, and the guard would not see its next commits.
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Insert(db, calls));
        batch.BatchCommands.Add(ArrayStatements.Insert(db, Counts(calls), """
            ON CONFLICT ON CONSTRAINT call_counts_pkey DO UPDATE SET count = call_counts.count + excluded.count
            """));
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    /// <summary>In one order everywhere, so that no two processes wait for each other.</summary>
    private static CallCount[] Counts(IReadOnlyList<ProviderCall> calls) =>
    [
        .. from call in calls
           group call by (
               call.Merchant,
               Day: DateOnly.FromDateTime(call.At.UtcDateTime),
               call.Outcome,
               Bucket: TimeBuckets.Of(TimeSpan.FromMilliseconds(call.LatencyMs), TimeSpan.FromMilliseconds(1)))
           into alike
           orderby alike.Key
           select new CallCount
           {
               Merchant = alike.Key.Merchant,
               Day = alike.Key.Day,
               Outcome = alike.Key.Outcome,
               Bucket = alike.Key.Bucket,
               Count = alike.Count(),
           },
    ];

    /// <summary>Removes calls that are older than they have to be kept.</summary>
    /// <returns>How many.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Database.ExecuteSqlAsync($"""
            -- provider_calls.trim
            DELETE FROM provider_calls WHERE id IN (
                SELECT id FROM provider_calls WHERE id < {SortableId.FirstAt(before)}
                ORDER BY id LIMIT {TrimmedAtOnce})
            """);
    }
}
