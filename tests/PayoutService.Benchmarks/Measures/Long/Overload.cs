using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>Accepting at rates that do not follow the answers: below capacity and above it, and then at three times of
/// it. The capacity is the most that was accepted at any of these rates.</summary>
internal sealed class Overload(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const int Connections = 2048;
    private const double Times = 3;
    private const double MustKeep = 0.9;
    private const double MostMs = 50;
    private const int AtOnce = 1024;
    private const double Calm = 0.5;

    private static readonly double[] Shares = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.25, 1.5, 2];
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MustRecover = TimeSpan.FromSeconds(10);

    public async Task RunAsync()
    {
        var database = await bench.CopyAsync("overload");
        await using var service = await bench.Service.StartAsync(
            database, "api", scale.IsPlanted ? ["--Limits:PayoutsAtOnce=0"] : []);
        say($"overload: {Accept.InFlight} in flight.");
        var closed = await Peak.RunAsync(bench, scale, service.Port);
        List<(double Rate, OpenLoad Load)> steps = [];
        foreach (var share in Shares)
        {
            say($"overload: {share:P0} of {closed:N0}/s.");
            await bench.Postgres.CheckpointAsync();
            steps.Add((share * closed, await OpenLoop.RunAsync(
                service.Port, share * closed, scale.Round * 2, Connections, Orders.Endless(bench))));
        }

        var peak = steps.Max(step => step.Load.Goodput);

        var time = TimeSpan.FromMinutes(scale.Minutes);
        say($"overload: {Times:N0} times {peak:N0}/s for {time.TotalSeconds:N0} s.");
        OpenLoad? over = null;
        var usage = await new Meter(bench.Parts(service.Process.Id)).WatchAsync(service.Process.Id, async () =>
            over = await OpenLoop.RunAsync(
                service.Port, Times * peak, time, Connections, Orders.Endless(bench)));
        var (rate, calm) = steps[Array.IndexOf(Shares, Calm)];
        say($"overload: over, {rate:N0}/s.");
        var after = await OpenLoop.RunAsync(service.Port, rate, Recovery, Connections, Orders.Endless(bench));
        findings.Series.Add(Of($"{Times:N0} x", over!, usage));
        Tell(closed, peak, over!, usage, NormalAfter(after, calm, rate));
        Draw(steps, over!, after);
    }

    /// <summary>The first second from which on all is as at this rate before: twice its p99 at most, and nothing is
    /// refused.</summary>
    private static int? NormalAfter(OpenLoad after, OpenLoad calm, double rate)
    {
        var most = 2 * Math.Max(calm.Accepted.At(0.99), 10);
        var last = after.Seconds.ToList().FindLastIndex(second => second.Refused.Count > 0 || second.Others > 0
            || second.Accepted.At(0.99) > most || second.Accepted.Count < 0.8 * rate);
        return last == after.Seconds.Count - 1 ? null : last + 1;
    }

    private void Tell(double closed, double peak, OpenLoad over, Usage usage, int? normal)
    {
        var of = $"overload, {over.Offered:N0}/s for {over.Seconds.Count:N0} s"
            + (scale.IsPlanted ? ", planted: nothing bounds what waits" : "");
        var waiting = over.Goodput * over.Accepted.MeanMs / 1000;
        var others = over.Seconds.Sum(second => second.Others);
        findings.Lines.Add(new Line(
            $"{of}: accepted", $"{over.Goodput:N0}/s, p99 {over.Accepted.At(0.99):N0} ms", $"peak: {peak:N0}/s",
            (over.Goodput / peak).ToString("F2", CultureInfo.InvariantCulture), $"{MustKeep} of the peak",
            over.Goodput >= MustKeep * peak));
        findings.Lines.Add(new Line(
            $"{of}: waiting to be accepted, by rate and mean time", $"{waiting:N0}", "", "", $"at most {AtOnce:N0}",
            waiting <= AtOnce));
        findings.Lines.Add(new Line(
            $"{of}: 503 with Retry-After",
            $"{over.Refused.Count:N0}, p50 {over.Refused.At(0.5):N1} ms, p99 {over.Refused.At(0.99):N1} ms, "
                + $"{others:N0} other answers",
            "", "", $"p99 {MostMs:N0} ms", over.Refused.At(0.99) <= MostMs && others == 0));
        findings.Lines.Add(new Line(
            $"overload: as before at {Calm * closed:N0}/s",
            normal is { } second ? $"from second {second:N0} on" : "not yet",
            "", "", $"within {MustRecover.TotalSeconds:N0} s", normal <= MustRecover.TotalSeconds));
        findings.Notes.Add(
            "overload: the peak is the most that was accepted of rates that do not follow the answers, of "
            + $"{Shares[0]} to {Shares[^1]} times {closed:N0}/s, which is what {Accept.InFlight} in flight reach. "
            + $"{Times:N0} x {peak:N0}/s were due, {over.Offered:N0}/s were sent over "
            + $"{Connections:N0} connections; the driver has the same processors as the service "
            + $"(driver {usage.Of("driver"):N2}, service {usage.Of("measured"):N2}, PostgreSQL "
            + $"{usage.Of("PostgreSQL"):N2} cores).");
    }

    private void Draw(List<(double Rate, OpenLoad Load)> steps, OpenLoad over, OpenLoad after)
    {
        steps.Add((over.Offered, over));
        findings.Plots.Add(new Plot("Accept, latency against rate", "requests a second", "milliseconds",
        [
            new("p50", [.. steps.Select(step => (step.Load.Offered, step.Load.Accepted.At(0.5)))]),
            new("p99", [.. steps.Select(step => (step.Load.Offered, step.Load.Accepted.At(0.99)))]),
        ]));
        findings.Plots.Add(new Plot("Accept, goodput against rate", "requests a second", "answers a second",
        [
            new("accepted", [.. steps.Select(step => (step.Load.Offered, step.Load.Goodput))]),
            new("refused", [.. steps.Select(step =>
                (step.Load.Offered, (double)step.Load.Refused.Count / step.Load.Seconds.Count))]),
        ]));
        Second[] seconds = [.. over.Seconds, .. after.Seconds];
        findings.Plots.Add(new Plot("Overload, answers over time", "seconds", "answers a second",
        [
            new("accepted", [.. seconds.Select((second, at) => ((double)at, (double)second.Accepted.Count))]),
            new("refused", [.. seconds.Select((second, at) => ((double)at, (double)second.Refused.Count))]),
        ]));
        findings.Plots.Add(new Plot("Overload, p99 over time", "seconds", "milliseconds",
        [
            new("accepted", [.. seconds.Select((second, at) => ((double)at, second.Accepted.At(0.99)))]),
            new("refused", [.. seconds.Select((second, at) => ((double)at, second.Refused.At(0.99)))]),
        ]));
    }

    private static Series Of(string who, OpenLoad load, Usage usage)
    {
        var series = new Series("overload", who);
        series.Samples.Add(new Sample(load.Goodput, load.Accepted.At(0.5), load.Accepted.At(0.99), usage));
        return series;
    }
}
