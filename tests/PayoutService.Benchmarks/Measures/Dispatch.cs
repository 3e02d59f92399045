using System.Globalization;
using Npgsql;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>From queued to processing: the service's workers and the simulator, which answers at once.</summary>
internal sealed class Dispatch(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    public const string Database = "dispatch";

    private const double ShareOfAccept = 1 / 3.0;

    /// <summary>The first is for warming up, as the first round is elsewhere.</summary>
    private const int Windows = 6;

    private static readonly TimeSpan LongestQueueing = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    /// <param name="accept">What the service accepted, where that was measured.</param>
    /// <param name="replicas">How many processes send.</param>
    public async Task RunAsync(Series? accept, int replicas = 1)
    {
        say($"dispatch: queueing up to {scale.Dispatched:N0} payouts.");
        await bench.CopyAsync(Database);
        var against = accept is null ? double.NaN : accept.Rate.Median;
        await using (var api = await bench.Service.StartAsync(Database, "api"))
        {
            var queued = (await Driver.RunAsync(
                api.Port, Accept.InFlight, LongestQueueing,
                Orders.Few(bench, scale.Dispatched, Orders.StaysPending))).AllAre(201);
            against = double.IsNaN(against) ? queued.Rate : against;
        }

        await bench.Postgres.RunAsync(Database, "VACUUM ANALYZE");
        await bench.Postgres.CheckpointAsync();
        say("dispatch: sending them.");
        var usage = await SendAsync(replicas);
        var rates = await RatesAsync();
        var series = new Series("dispatch", "service");
        series.Samples.AddRange(rates.Skip(1).Select(rate => new Sample(rate, double.NaN, double.NaN, usage)));
        findings.Series.Add(series);

        var ratio = series.Rate.Median / against;
        findings.Lines.Add(new Line(
            "dispatch: queued to processing, simulator answering at once"
                + (replicas == 1 ? "" : $", {replicas} replicas"),
            series.Rate.Text(),
            $"accept: {against:N0}/s",
            ratio.ToString("F2", CultureInfo.InvariantCulture),
            "a third",
            ratio >= ShareOfAccept));
    }

    private async Task<Usage> SendAsync(int replicas)
    {
        await using var workers = await bench.Service.StartAsync(Database, "workers", Service.NothingElseFallsDue);
        List<Service.Running> others = [];
        while (others.Count < replicas - 1)
        {
            others.Add(await bench.Service.StartSecondAsync(Database, "workers", Service.NothingElseFallsDue));
        }

        var usage = await new Meter(bench.Parts(workers.Process.Id)).WatchAsync(workers.Process.Id, async () =>
        {
            var began = TimeProvider.System.GetTimestamp();
            await using var source = NpgsqlDataSource.Create(bench.Postgres.To(Database));
            await using var left = source.CreateCommand(
                "SELECT EXISTS (SELECT FROM payouts WHERE status IN ('queued', 'submitting'))");
            while ((bool)(await left.ExecuteScalarAsync())!
                && TimeProvider.System.GetElapsedTime(began) < Longest)
            {
                await Task.Delay(Glance, TimeProvider.System);
            }
        });
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        return usage;
    }

    /// <summary>The number of a second became processing, window by window, by what the payouts' history says.
    /// PostgreSQL expects few of them, and would work the span out again for each.</summary>
    private async Task<List<double>> RatesAsync()
    {
        await using var source = NpgsqlDataSource.Create(bench.Postgres.To(Database));
        await using var command = source.CreateCommand($"""
            WITH sent AS (
                SELECT extract(epoch FROM at) AS at FROM payout_events WHERE to_status = 'processing'),
            span AS MATERIALIZED (SELECT min(at) AS first, (max(at) - min(at)) / {Windows} AS long FROM sent)
            SELECT (count(*) / max(long))::float8
            FROM sent, span GROUP BY least(floor((at - first) / long), {Windows - 1}) ORDER BY min(at)
            """);
        await using var rows = await command.ExecuteReaderAsync();
        List<double> rates = [];
        while (await rows.ReadAsync())
        {
            rates.Add(rows.GetDouble(0));
        }

        return rates;
    }
}
