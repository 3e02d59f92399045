using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Requests that pass every check of the service and are refused by the database: only their callers may fail,
/// whoever was written together with them.</summary>
internal sealed class BadRows(Bench bench, Contest contest, Findings findings)
{
    private const double MustKeep = 0.6;

    public async Task RunAsync()
    {
        var database = await bench.CopyAsync("bad_rows");
        await bench.Postgres.RunAsync(database, $"""
            ALTER TABLE payouts ADD CONSTRAINT refused_by_the_benchmark
            CHECK (description IS DISTINCT FROM '{Orders.RefusedDescription}')
            """);
        await using var service = await bench.Service.StartAsync(database, "api");
        var (failed, wrong) = (0L, new List<string>());
        var series = await contest.RunAsync("accept with bad rows", Of("none", 0), Of("0.1 %", 1000), Of("1 %", 100));
        findings.Series.AddRange(series);
        var met = wrong.Count == 0 && failed > 0;
        foreach (var one in series.Skip(1))
        {
            findings.Lines.Add(new Line(
                $"bad rows: {one.Who} of the requests refused by the database",
                one.Rate.Text(),
                $"none: {series[0].Rate.Text()}",
                one.RateOver(series[0]).Text("F2", ""),
                $"{MustKeep} x, and only their callers fail",
                met && one.RateOver(series[0]).Median >= MustKeep));
        }

        findings.Notes.Add($"bad rows: {failed:N0} requests were refused by a constraint. "
            + (met ? "Nobody else failed." : $"Others failed too, or bad ones did not: {string.Join("; ", wrong)}."));

        Contender Of(string name, int every) => new(name, service.Process.Id, async time =>
        {
            var load = await Driver.RunAsync(service.Port, Accept.InFlight, time, Orders.Endless(bench, every));
            var bad = every == 0 ? 0 : load.Total / every;
            var accepted = load.Statuses.GetValueOrDefault(201);
            failed += bad;
            if (accepted != load.Total - bad)
            {
                wrong.Add($"{name}: {accepted} of {load.Total - bad} good ones were accepted");
            }

            return load;
        });
    }
}
