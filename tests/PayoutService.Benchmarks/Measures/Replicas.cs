using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Accepting and sending by one, two and three replicas on one database, with as many requests in flight.
/// </summary>
internal sealed class Replicas(Bench bench, Scale scale, Contest contest, Findings findings, Action<string> say)
{
    private const int Most = 3;

    public async Task RunAsync()
    {
        await AcceptAsync();
        for (var count = 1; count <= Most; count++)
        {
            await new Dispatch(bench, scale, findings, say).RunAsync(accept: null, count);
        }
    }

    private async Task AcceptAsync()
    {
        var database = await bench.CopyAsync("accept_replicas");
        List<Service.Running> replicas = [];
        for (var at = 0; at < Most; at++)
        {
            replicas.Add(await bench.Service.StartSecondAsync(database, "api"));
        }

        var series = await contest.RunAsync("accept, 256 in flight", [.. Enumerable.Range(1, Most).Select(Contender)]);
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        findings.Series.AddRange(series);
        foreach (var more in series.Skip(1))
        {
            findings.Lines.Add(Line.Told(
                $"accept: POST /v1/payouts, {Accept.InFlight} in flight, {more.Who}",
                more.Rate.Text(),
                $"{series[0].Who}: {series[0].Rate.Text()}",
                more.RateOver(series[0]).Text("F2", "")));
        }

        Contender Contender(int count) => new(
            Name(count),
            replicas[0].Process.Id,
            async time => (await Driver.RunAsync(
                [.. replicas.Take(count).Select(one => one.Port)], Accept.InFlight, time, Orders.Endless(bench)))
                .AllAre(201));
    }

    private static string Name(int count) => count == 1 ? "1 replica" : $"{count} replicas";
}
