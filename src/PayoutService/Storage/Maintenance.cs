using Npgsql;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;

namespace PayoutService.Storage;

/// <summary>Removes what is older than it has to be kept, and gives its room back to the tables.</summary>
internal sealed class Maintenance(
    FeedStore feeds,
    DeliveryStore deliveries,
    CallStore calls,
    EventRules rules,
    NpgsqlDataSource owner,
    TimeProvider clock)
{
    /// <returns>The tables, each with the number of rows that were removed from it.</returns>
    public async IAsyncEnumerable<(string Table, long Removed)> RunAsync()
    {
        var before = clock.GetUtcNow() - rules.KeptFor;
        yield return ("feed_entries", await AllAsync(() => feeds.TrimAsync(before), FeedStore.TrimmedAtOnce));
        yield return ("deliveries", await AllAsync(deliveries.TrimAsync, DeliveryStore.TrimmedAtOnce));
        yield return ("provider_calls", await AllAsync(() => calls.TrimAsync(before), CallStore.TrimmedAtOnce));

        await using var vacuum = owner.CreateCommand(
            "VACUUM (ANALYZE) feed_entries, deliveries, delivery_attempts, provider_calls, payouts");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync();
    }

    private static async Task<long> AllAsync(Func<Task<int>> trim, int atOnce)
    {
        long removed = 0;
        int trimmed;
        do
        {
            trimmed = await trim();
            removed += trimmed;
        }
        while (trimmed >= atOnce);
        return removed;
    }
}
