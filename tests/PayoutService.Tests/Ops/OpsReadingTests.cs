using System.Net;
using Npgsql;
using PayoutService.Development;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Ops;

/// <summary>Pages read little, however long the history is, and say so when they cannot read at all.</summary>
[Trait("Run", "Long")]
public sealed class OpsReadingTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public async Task No_page_reads_all_payouts_and_a_search_that_no_index_serves_stops_at_100_000()
    {
        var stage = OpsStage.Make();
        await stage.InitializeAsync();
        await ManyPayouts.FillAsync(stage, 101_000, "succeeded");
        await stage.PayAsync();
        await TestDatabase.ExecuteAsync(stage.ConnectionString, "ANALYZE payouts");
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        var payout = PublicId.Of(PublicId.Payout, (await stage.PayoutAsync("many-7")).Id);
        string[] pages =
        [
            "/ops", "/ops/attention", "/ops/payouts", $"/ops/payouts/{payout}", "/ops/payouts?q=many-77",
            "/ops/payouts?q=no-such-id", "/ops/payouts?q=status:queued", "/ops/payouts?q=status:failed",
            "/ops/payouts?q=status:held+held:balance", "/ops/payouts?q=attention:any",
            "/ops/payouts?q=since:2026-01-01+until:2026-01-02", "/ops/sending", "/ops/audit",
        ];
        var before = await ScansAsync(stage);

        foreach (var path in pages)
        {
            var page = await browser.OpenAsync(path);
            Assert.Equal((path, HttpStatusCode.OK), (path, page.Status));
        }

        var rare = await browser.OpenAsync("/ops/payouts?q=amount:%3E999999");
        var read = await ScansAsync(stage);

        Assert.Equal(before.Whole, read.Whole);
        Assert.InRange(read.Rows - before.Rows, 0, 320_000);
        Assert.Contains("The search read the newest 100,000 payouts, back to", rare.Text, Ordinal);
        Assert.Contains(rare.Links, link => link.Contains("before=", Ordinal));
        await stage.DisposeAsync();
    }

    [Fact]
    public async Task While_the_database_is_away_a_page_says_so_and_works_once_it_is_back()
    {
        var folder = TestDatabase.FolderFor("away-ops");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        await cluster.CreateDatabaseAsync("payouts");
        var stage = new ServiceFixture { ConnectionString = cluster.ConnectionString("payouts") };
        await stage.InitializeAsync();
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");

        await cluster.DisposeAsync();
        var away = await browser.OpenAsync("/ops/payouts");
        await PrivatePostgres.StartAsync(folder, durable: false);
        var back = await browser.OpenAsync("/ops/payouts");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The database does not answer."), (away.Status, away.Heading));
        Assert.Equal(HttpStatusCode.OK, back.Status);
        await stage.DisposeAsync();
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>How often payouts were read as a whole, and how many rows were read by their indexes.</summary>
    private static async Task<(long Whole, long Rows)> ScansAsync(ServiceFixture stage)
    {
        await stage.WhenCountedAsync();
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(stage.ConnectionString) { Pooling = false });
        await using var read = source.CreateCommand("""
            SELECT seq_scan, (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'payouts')
            FROM pg_stat_user_tables WHERE relname = 'payouts'
            """);
        await using var row = await read.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
