using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using PayoutService.Host;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>What is in the database is still there, and still means the same, after the schema has changed.</summary>
public sealed class MigrationTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Four_processes_that_migrate_one_empty_database_at_once_all_succeed()
    {
        string[] verb = [.. Example.Production, $"--ConnectionStrings:Payouts={await TestDatabase.CreateEmptyAsync()}"];

        var codes = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => Commands.MigrateAsync(["migrate", .. verb]))));

        Assert.Equal([0, 0, 0, 0], codes);
    }

    [Fact]
    public async Task A_migration_that_waits_for_a_long_transaction_lets_writers_go_on_and_ends_after_it()
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        await using var source = NpgsqlDataSource.Create(owner);
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(owner).Options);
        await db.GetService<IMigrator>().MigrateAsync("Initial");
        await using var connection = await source.OpenConnectionAsync();
        await using var writing = await connection.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand("UPDATE payees SET version = version", connection, writing))
        {
            await write.ExecuteNonQueryAsync();
        }

        var migrating = TestDatabase.MigrateAsync(owner);
        await WhenSomebodyWaitsAsync(source);
        await using (var write = source.CreateCommand("UPDATE payees SET version = version"))
        {
            // Else it would wait for as long as a statement may.
            await write.ExecuteNonQueryAsync();
        }

        var endedBefore = migrating.IsCompleted;
        await writing.RollbackAsync();
        await migrating;

        Assert.False(endedBefore);
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task A_schema_of_another_version_is_refused_and_left_as_it_is()
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        await TestDatabase.ExecuteAsync(owner, """
            CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32));
            INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '99.0.0')
            """);

        var refused = await Assert.ThrowsAsync<UnknownSchemaException>(() => TestDatabase.MigrateAsync(owner));
        var code = await Commands.MigrateAsync(
            ["migrate", "--environment=Development", $"--ConnectionStrings:Payouts={owner}"]);

        Assert.Contains("29990101000000_Later", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.Equal(["MigrationId", "ProductVersion"], (await SchemaAsync(owner))
            .Where(line => line.StartsWith("column ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]));
    }

    [Theory]
    [InlineData("payouts_to_send", "(merchant, currency, due_at, id) WHERE (status = 'queued'::text)")]
    [InlineData("payouts_to_look_at",
        "(merchant, due_at, id) WHERE ((status <> 'submitting'::text) AND ((status <> 'queued'::text) "
        + "OR (attention = ANY (ARRAY['contradiction'::text, 'mismatch'::text]))) AND (due_at IS NOT NULL))")]
    public async Task What_is_due_is_found_by_an_index_of_its_own(string index, string rows)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();

        var definition = await db.Database.SqlQuery<string>($"""
            SELECT indexdef AS "Value" FROM pg_indexes WHERE indexname = {index}
            """).SingleOrDefaultAsync();

        Assert.EndsWith(rows, definition, StringComparison.Ordinal);
    }

    /// <summary>Columns, constraints, indexes, functions and triggers.</summary>
    private static async Task<List<string>> SchemaAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var read = source.CreateCommand("""
            SELECT 'column ' || concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL
            SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL
            SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            ORDER BY 1
            """);
        await using var rows = await read.ExecuteReaderAsync();
        List<string> lines = [];
        while (await rows.ReadAsync())
        {
            // The script indents what it puts into its blocks.
            lines.Add(string.Join(' ', rows.GetString(0).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        }

        return lines;
    }

    private static async Task WhenSomebodyWaitsAsync(NpgsqlDataSource source)
    {
        long waiting;
        do
        {
            await using var ask = source.CreateCommand(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                + "WHERE NOT granted AND datname = current_database()");
            waiting = (long)(await ask.ExecuteScalarAsync())!;
        }
        while (waiting == 0);
    }
}
