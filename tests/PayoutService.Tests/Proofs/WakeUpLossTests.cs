using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Payouts;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>One process accepts and takes notices, another sends: with every NOTIFY between them lost, each payout has
/// the same life, only longer.</summary>
[Collection(nameof(Proof))]
public sealed class WakeUpLossTests(ITestOutputHelper output)
{
    private static readonly int Payouts = Proof.Size(full: 500, usual: 20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Found before PostgreSQL's own, as a schedule's clock is.</summary>
    private const string Losing = """
        CREATE SCHEMA turned;
        CREATE FUNCTION turned.pg_notify(channel text, payload text) RETURNS void LANGUAGE sql AS $$ SELECT $$;
        GRANT USAGE ON SCHEMA turned TO PUBLIC;
        """;

    [Fact]
    public async Task With_every_wake_up_lost_between_processes_only_the_latency_changes()
    {
        var heard = await LivesAsync(isLost: false);
        var lost = await LivesAsync(isLost: true);

        output.Say($"wake-ups: {Payouts} payouts, POST to confirmed p50 {heard.Median.TotalMilliseconds:F0} ms with "
            + $"{heard.Told} notifications, {lost.Median.TotalMilliseconds:F0} ms with {lost.Told}");
        Assert.NotEqual(0, heard.Told);
        Assert.Equal(0, lost.Told);
        Assert.Equal(heard.Histories, lost.Histories);
        Assert.Equal((Payouts, Payouts), (heard.PaidOnce, lost.PaidOnce));
        Assert.True(heard.Median < lost.Median, $"{heard.Median} with wake-ups, {lost.Median} without");
    }

    private static async Task<Lives> LivesAsync(bool isLost)
    {
        await using var simulator = Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration["Simulator:NoticeDelay"] = "00:00:00";
        });
        await simulator.StartAsync();
        var database = await TestDatabase.CreateAsync();
        await TestDatabase.ExecuteAsync(database, Losing);
        var connection = isLost
            ? new NpgsqlConnectionStringBuilder(database) { SearchPath = "turned,pg_catalog,public" }.ConnectionString
            : database;
        string[] settings = ["--Payouts:PollInterval=00:00:01", "--Payouts:AskDelays:0=00:00:30"];
        using var api = new ServiceProcess(connection, simulator.Urls.First(), [.. settings, "--Roles=api"]);
        using var workers = new ServiceProcess(
            connection, simulator.Urls.First(),
            [.. settings, "--Roles=workers", $"--Pockyt:PublicUrl={api.Api.BaseAddress}"]);
        await Task.WhenAll(api.RestartAsync(), workers.RestartAsync());
        await using var told = await Told.StartAsync(database);
        var account = await api.RegisterAsync();

        List<TimeSpan> took = [];
        for (var at = 0; at < Payouts; at++)
        {
            var began = Stopwatch.GetTimestamp();
            (await api.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(account, $"woken-{at}", "5.00")))
                .EnsureSuccessStatusCode();
            await api.WhenConfirmedAsync($"woken-{at}", Patience);
            took.Add(Stopwatch.GetElapsedTime(began));
        }

        var book = simulator.Services.GetRequiredService<Ledger>();
        return new Lives(
            took.Order().ElementAt(took.Count / 2),
            await HistoriesAsync(database),
            Enumerable.Range(0, Payouts).Count(at => book.PayoutsOf($"woken-{at}").Count == 1),
            told.Count);
    }

    /// <summary>The lives there were, in words: of each kind once.</summary>
    private static async Task<string> HistoriesAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            SELECT string_agg(DISTINCT life, '; ') FROM (
                SELECT string_agg(kind || ' ' || coalesce(to_status, ''), ', ' ORDER BY version) AS life
                FROM payout_events GROUP BY payout_id) AS lives
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private sealed record Lives(TimeSpan Median, string Histories, int PaidOnce, int Told);

    /// <summary>Counts what other processes are told.</summary>
    private sealed class Told(NpgsqlConnection connection, CancellationTokenSource stop) : IAsyncDisposable
    {
        private int count;
        private Task listening = Task.CompletedTask;

        public int Count => Volatile.Read(ref count);

        public static async Task<Told> StartAsync(string database)
        {
            var connection = new NpgsqlConnection(database);
            await connection.OpenAsync();
            var told = new Told(connection, new CancellationTokenSource());
            connection.Notification += (_, _) => Interlocked.Increment(ref told.count);
            await using var listen = new NpgsqlCommand("LISTEN payouts_wake_ups", connection);
            await listen.ExecuteNonQueryAsync();
            told.listening = told.ListenAsync();
            return told;
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await listening;
            await connection.DisposeAsync();
            stop.Dispose();
        }

        private async Task ListenAsync()
        {
            try
            {
                while (true)
                {
                    await connection.WaitAsync(stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test has ended.
            }
        }
    }
}
