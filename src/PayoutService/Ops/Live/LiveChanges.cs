using Microsoft.EntityFrameworkCore;
using PayoutService.Storage;

namespace PayoutService.Ops.Live;

/// <summary>Counts the events of each merchant, for the pages that are open: one query a second for all of them
/// together, and none while no page is open.</summary>
internal sealed class LiveChanges(IDbContextFactory<PayoutDb> databases, TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock turn = new();
    private Task<Dictionary<string, long>>? reading;
    private long readAt;

    /// <summary>The number of events that merchants have had.</summary>
    public async Task<long> CountAsync(IReadOnlyList<string> merchants)
    {
        var newest = await ReadAsync();
        return merchants.Sum(newest.GetValueOrDefault);
    }

    private Task<Dictionary<string, long>> ReadAsync()
    {
        lock (turn)
        {
            if (reading is null || reading.IsFaulted
                || (reading.IsCompleted && clock.GetElapsedTime(readAt) >= Interval))
            {
                (reading, readAt) = (QueryAsync(), clock.GetTimestamp());
            }

            return reading;
        }
    }

    private async Task<Dictionary<string, long>> QueryAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Feeds.AsNoTracking().ToDictionaryAsync(feed => feed.Merchant, feed => feed.Newest);
    }
}
