using Npgsql;

namespace PayoutService.Storage;

/// <summary>What slows the database down, as PostgreSQL counts it. Every role may read it.</summary>
/// <param name="XminAge">Transactions since the oldest one that somebody may still see: what was deleted since then
/// cannot be cleaned up.</param>
/// <param name="DeadRows">Dead rows of the table of payouts.</param>
/// <param name="LiveRows">Live rows of the table of payouts, by estimate.</param>
internal sealed record DatabaseStatistics(long XminAge, long DeadRows, long LiveRows)
{
    public static async Task<DatabaseStatistics> ReadAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        await using var ask = source.CreateCommand("""
            -- server.statistics
            SELECT coalesce(max(age(held.xmin)), 0)::bigint, coalesce(max(n_dead_tup), 0), coalesce(max(n_live_tup), 0)
            FROM (
                SELECT backend_xmin AS xmin FROM pg_stat_activity
                UNION ALL SELECT xmin FROM pg_replication_slots
                UNION ALL SELECT transaction FROM pg_prepared_xacts) AS held,
                pg_stat_user_tables WHERE relid = 'payouts'::regclass
            """);
        await using var row = await ask.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }
}
