using System.Globalization;
using Npgsql;
using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>Sending for minutes, with both roles, while the notifications of what was sent come back and each outcome
/// is confirmed.</summary>
internal sealed class Sustained(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const string Database = "sustained";
    private const double MustReach = 0.5;
    private const int Cents = 100;

    /// <summary>More than is sent in this time on such a machine.</summary>
    private const int QueuedPerSecond = 3_000;

    public async Task RunAsync()
    {
        var accept = await AcceptAsync();
        var time = TimeSpan.FromMinutes(scale.Minutes / 2);
        var queued = (int)(time.TotalSeconds * QueuedPerSecond);
        say($"sustained: queueing {queued:N0} payouts.");
        await bench.CopyAsync(Database);
        await using (await bench.Service.StartAsync(Database, "api"))
        {
            await Seeds.QueuedOfRegisteredAsync(bench.Postgres, Database, queued, Cents, "sustained");
        }

        await Seeds.SettleAsync(bench.Postgres, Database);
        await bench.Postgres.CheckpointAsync();
        say($"sustained: sending for {time.TotalSeconds:N0} s.");
        await using (var service = await bench.Service.StartAsync(
            Database, "api,workers", scale.IsPlanted ? ["--Payouts:AtOnce=1"] : []))
        {
            var usage = await new Meter(bench.Parts(service.Process.Id)).WatchAsync(
                service.Process.Id, () => Task.Delay(time, TimeProvider.System));
            await TellAsync(accept, time, usage);
        }
    }

    private async Task<double> AcceptAsync()
    {
        say($"sustained: accepting, {Accept.InFlight} in flight.");
        var database = await bench.CopyAsync("sustained_accept");
        await using var service = await bench.Service.StartAsync(database, "api");
        return await Peak.RunAsync(bench, scale, service.Port);
    }

    private async Task TellAsync(double accept, TimeSpan time, Usage usage)
    {
        var sent = await PerSecondAsync("kind = 'claimed'");
        var settled = await PerSecondAsync("kind = 'reported' AND to_status = 'succeeded'");
        var confirmed = await PerSecondAsync("kind = 'confirmed'");
        if (sent.Count < 4)
        {
            throw new InvalidOperationException("Nothing was sent.");
        }

        // The first and the last second are not whole.
        var rate = sent.Skip(1).SkipLast(1).Average(second => second.Y);
        var (half, slowest) = (sent.Count / 2, sent.Skip(1).SkipLast(1).Min(second => second.Y));
        findings.Lines.Add(new Line(
            $"sustained dispatch, {time.TotalMinutes:0.#} minutes, notifications arriving"
                + (scale.IsPlanted ? ", planted: one at a time" : ""),
            $"{rate:N0}/s sent, {confirmed.Sum(second => second.Y) / time.TotalSeconds:N0}/s confirmed, "
                + $"slowest second {slowest:N0}",
            $"accept: {accept:N0}/s", (rate / accept).ToString("F2", CultureInfo.InvariantCulture),
            $"{MustReach} of accept", rate >= MustReach * accept));
        var (first, second) = (sent.Skip(1).Take(half - 1).Average(one => one.Y), sent.Skip(half).SkipLast(1)
            .Average(one => one.Y));
        findings.Lines.Add(Line.Told(
            "sustained dispatch: the second half against the first", $"{second:N0}/s", $"{first:N0}/s",
            (second / first).ToString("F2", CultureInfo.InvariantCulture)));
        var series = new Series("sustained dispatch", "service");
        series.Samples.Add(new Sample(rate, double.NaN, double.NaN, usage));
        findings.Series.Add(series);
        findings.Plots.Add(new Plot("Sustained dispatch", "seconds", "payouts a second",
            [new("sent", sent), new("settled by notice", settled), new("confirmed", confirmed)]));
    }

    private async Task<List<(double X, double Y)>> PerSecondAsync(string which)
    {
        await using var source = NpgsqlDataSource.Create(bench.Postgres.To(Database));
        await using var command = source.CreateCommand($"""
            SELECT extract(epoch FROM date_trunc('second', at) - (
                SELECT min(at) FROM payout_events WHERE kind = 'claimed'))::float8 AS second, count(*)::float8
            FROM payout_events WHERE {which} GROUP BY 1 ORDER BY 1
            """);
        command.CommandTimeout = 0;
        await using var rows = await command.ExecuteReaderAsync();
        List<(double X, double Y)> seconds = [];
        while (await rows.ReadAsync())
        {
            seconds.Add((Math.Max(0, rows.GetDouble(0)), rows.GetDouble(1)));
        }

        return seconds;
    }
}
