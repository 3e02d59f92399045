using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using PayoutService.Storage;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Storage;

/// <summary>What those that serve meanwhile notice of a migration: replicas of the version before go on, and nobody
/// waits long. The first migrations make an empty database, so they are none.</summary>
public sealed class UpgradeTests(ServiceFixture stage, ITestOutputHelper output) : IClassFixture<ServiceFixture>
{
    private const string First = "AppendOnly";
    private const int AtOnce = 20_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    /// <summary>Each migration that may find rows, after the one before it.</summary>
    public static TheoryData<string, string> Upgrades
    {
        get
        {
            using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql().Options);
            var all = db.Database.GetMigrations().SkipWhile(name => !name.EndsWith(First, StringComparison.Ordinal));
            TheoryData<string, string> upgrades = [];
            foreach (var (before, after) in all.Zip(all.Skip(1)))
            {
                upgrades.Add(before, after);
            }

            return upgrades;
        }
    }

    [Fact]
    public async Task A_writer_of_any_table_waits_at_most_a_second_for_the_migrations_of_a_full_database()
    {
        var payouts = Proof.Size(1_000_000, 20_000);
        var owner = await MigratedToAsync(First);
        await FillAsync(owner, payouts);
        await using var source = NpgsqlDataSource.Create(owner);
        var tables = await ReadAsync(
            source, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^[a-z]'");
        using var ended = new CancellationTokenSource();
        var waits = tables.Select(table => LongestWaitAsync(source, table, ended.Token)).ToList();

        var began = TimeProvider.System.GetTimestamp();
        await TestDatabase.MigrateAsync(owner);
        var took = TimeProvider.System.GetElapsedTime(began);
        await ended.CancelAsync();
        var longest = await Task.WhenAll(waits);

        var (wait, of) = longest.Zip(tables).Max();
        output.Say($"migrations after {First} with {payouts:N0} payouts: {took.TotalSeconds:N1} s; of writers of "
            + $"{tables.Count} tables the longest waited {wait.TotalMilliseconds:N0} ms ({of})");
        Assert.True(wait < Longest, $"a writer of {of} waited {wait}");
    }

    [Theory]
    [MemberData(nameof(Upgrades))]
    public async Task A_migration_takes_nothing_from_the_version_before_and_demands_nothing_of_it(
        string before, string after)
    {
        var owner = await MigratedToAsync(before);
        await using var source = NpgsqlDataSource.Create(owner);
        var known = await ColumnsAsync(source);

        await MigrateAsync(owner, after);

        var now = await ColumnsAsync(source);
        var tables = known.Keys.Select(name => name.Split('.')[0]).ToHashSet();
        Assert.All(known, column => Assert.Equal(
            (column.Key, column.Value.Type), (column.Key, now.GetValueOrDefault(column.Key).Type)));
        Assert.All(known, column => Assert.True(
            now[column.Key].IsOptional || !column.Value.IsOptional, $"{column.Key} is demanded since {after}"));
        Assert.All(
            now.Where(column => !known.ContainsKey(column.Key) && tables.Contains(column.Key.Split('.')[0])),
            added => Assert.True(added.Value.IsOptional, $"{added.Key} is demanded since {after}"));
    }

    private static async Task<string> MigratedToAsync(string migration)
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        await MigrateAsync(owner, migration);
        return owner;
    }

    private static async Task MigrateAsync(string owner, string migration)
    {
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(owner).Options);
        await db.GetService<IMigrator>().MigrateAsync(migration);
    }

    /// <summary>Copies a payout that was accepted, with all that it needs, and makes many of it.</summary>
    private async Task FillAsync(string owner, int payouts)
    {
        await stage.PayAsync();
        await using var from = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        foreach (var table in (string[])["history", "payees", "accounts", "payouts", "payout_events"])
        {
            foreach (var row in await ReadAsync(from, $"SELECT to_jsonb(t)::text FROM {table} AS t"))
            {
                await TestDatabase.ExecuteAsync(
                    owner, $"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, $row${row}$row$)).*");
            }
        }

        for (var first = 1; first <= payouts; first += AtOnce)
        {
            foreach (var (table, id) in new[] { ("payouts", "id"), ("payout_events", "payout_id") })
            {
                await TestDatabase.ExecuteAsync(owner, $"""
                    INSERT INTO {table}
                    SELECT made.* FROM (SELECT t FROM {table} AS t LIMIT 1) AS of (one)
                    CROSS JOIN generate_series({first}, {first + AtOnce - 1}) AS no
                    CROSS JOIN LATERAL jsonb_populate_record(one, jsonb_build_object(
                        '{id}', '00000000-0000-7000-8000-' || lpad(to_hex(no), 12, '0'), 'invoice_id', 'many-' || no,
                        'line_no', 1000000 + no)) AS made
                    """);
            }
        }
    }

    /// <summary>How long one that is about to write into a table waits for its turn.</summary>
    private static async Task<TimeSpan> LongestWaitAsync(
        NpgsqlDataSource source, string table, CancellationToken ended)
    {
        var longest = TimeSpan.Zero;
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        while (!ended.IsCancellationRequested)
        {
            var began = TimeProvider.System.GetTimestamp();
            await using var write = new NpgsqlCommand(
                $"DO 'BEGIN LOCK TABLE {table} IN ROW EXCLUSIVE MODE; END'", connection);
            await write.ExecuteNonQueryAsync(CancellationToken.None);
            var waited = TimeProvider.System.GetElapsedTime(began);
            longest = waited > longest ? waited : longest;
            await Task.Delay(Pace, TimeProvider.System, CancellationToken.None);
        }

        return longest;
    }

    private static async Task<Dictionary<string, (string Type, bool IsOptional)>> ColumnsAsync(NpgsqlDataSource source)
    {
        var columns = await ReadAsync(source, """
            SELECT concat_ws(' ', table_name || '.' || column_name, (is_nullable = 'YES' OR column_default IS NOT NULL
                OR is_identity = 'YES')::text, data_type)
            FROM information_schema.columns WHERE table_schema = 'public'
            """);
        return columns.Select(line => line.Split(' ', 3)).ToDictionary(
            parts => parts[0], parts => (parts[2], bool.Parse(parts[1])));
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var read = source.CreateCommand(sql);
        await using var rows = await read.ExecuteReaderAsync();
        List<string> lines = [];
        while (await rows.ReadAsync())
        {
            lines.Add(rows.GetString(0));
        }

        return lines;
    }
}
