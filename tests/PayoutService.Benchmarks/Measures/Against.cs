using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Accepting by this commit against another, in turns, each on a database that it migrated itself.</summary>
internal sealed class Against(Bench bench, Scale scale, Contest contest, Findings findings)
{
    private const string Other = "other";

    public async Task RunAsync()
    {
        var other = new Service(bench, Other);
        var theirs = await bench.CopyAsync("against_other", "template1");
        await other.MigrateAsync(theirs);
        await using var service = await bench.Service.StartAsync(await bench.CopyAsync("against_this"), "api");
        await using var before = await other.StartAsync(theirs, "api");
        var accounts = await Registering.RunAsync(before.Port, scale.Payees, Other);

        var series = await contest.RunAsync(
            "accept, 256 in flight",
            new("this commit", service.Process.Id, time => PostAsync(service.Port, bench.Accounts, time)),
            new("the other", before.Process.Id, time => PostAsync(before.Port, accounts, time)));

        findings.Series.AddRange(series);
        findings.Lines.Add(Line.Faster("accept: POST /v1/payouts, 256 in flight", series[0], series[1], 0.95));
    }

    private static async Task<LoadResult> PostAsync(int port, IReadOnlyList<string> accounts, TimeSpan time) =>
        (await Driver.RunAsync(port, Accept.InFlight, time, Orders.Endless(accounts))).AllAre(201);
}
