using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Ten minutes of accepting, and what is resident meanwhile.</summary>
internal sealed class Memory(Bench bench, Findings findings, Action<string> say)
{
    private const double LimitMib = 250;
    private const int WarmUpMinutes = 2;

    /// <summary>More than this from the third minute to the last is growth, less is the garbage collector's rhythm.
    /// </summary>
    private const double Flat = 1.05;

    public async Task RunAsync(int minutes)
    {
        var database = await bench.CopyAsync("memory");
        await using var service = await bench.Service.StartAsync(database, "api");
        var series = new Series("accept, 256 in flight", "service, minute by minute");
        for (var minute = 1; minute <= minutes; minute++)
        {
            LoadResult? load = null;
            var usage = await new Meter(bench.Parts(service.Process.Id)).WatchAsync(service.Process.Id, async () =>
                load = (await Driver.RunAsync(
                    service.Port, Accept.InFlight, TimeSpan.FromMinutes(1), Orders.Endless(bench))).AllAre(201));
            series.Samples.Add(Sample.Of(load!, usage));
            say($"memory: minute {minute} of {minutes}, {load!.Rate:N0}/s, at most {usage.PeakMib:N0} MiB.");
        }

        findings.Series.Add(series);
        double[] peaks = [.. series.Samples.Select(sample => sample.Usage.PeakMib)];
        findings.Lines.Add(new Line(
            "memory: resident while accepting, the most of each minute",
            string.Join(" ", peaks.Select(peak => peak.ToString("N0", CultureInfo.InvariantCulture))) + " MiB",
            "",
            "",
            "under 250 MiB",
            peaks.Max() < LimitMib));
        if (peaks.Length <= WarmUpMinutes + 1)
        {
            return;
        }

        var growth = peaks[^1] / peaks[WarmUpMinutes];
        findings.Lines.Add(new Line(
            $"memory: the last of {minutes} minutes against the third",
            growth.ToString("F2", CultureInfo.InvariantCulture),
            "",
            "",
            "flat: at most 1.05",
            growth <= Flat));
    }
}
