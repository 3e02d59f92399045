using Npgsql;

namespace PayoutService.Tests.Support;

/// <summary>A transaction that writes lines of history.</summary>
internal sealed class HistoryWriter(NpgsqlConnection connection, NpgsqlTransaction transaction)
    : IAsyncDisposable
{
    public static async Task<HistoryWriter> BeginAsync(ServiceFixture stage)
    {
        var connection = await stage.Get<NpgsqlDataSource>().OpenConnectionAsync();
        return new HistoryWriter(connection, await connection.BeginTransactionAsync());
    }

    /// <summary>Takes an id, as a transaction that wrote anything has one.</summary>
    public Task AssignIdAsync() => AskAsync("SELECT pg_current_xact_id()::text::bigint");

    /// <summary>Writes a line.</summary>
    /// <returns>Its number.</returns>
    public Task<long> WriteAsync(string payorCode) => AskAsync($$"""
        INSERT INTO history (merchant, kind, id, version, at, actor, what, to_status, members)
        VALUES ('main', 'payor', gen_random_uuid(), 1, now(), 'dev', 'began', 'saved',
            '{"payorCode":"{{payorCode}}"}')
        RETURNING line_no
        """);

    public Task CommitAsync() => transaction.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task<long> AskAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
