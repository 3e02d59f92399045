using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>POST /v1/payouts with the rules that hold, as Production has them, against without: each payee gets one
/// payout, and was paid before, so that every rule is judged and none holds.</summary>
internal sealed class Rules(Bench bench, Scale scale, Contest contest, Findings findings, Action<string> say)
{
    public async Task RunAsync()
    {
        say($"rules: {scale.Judged:N0} payees with three payouts each.");
        var off = await bench.CopyAsync("rules_off", Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, off, scale.Judged);
        await Seeds.PastAsync(bench.Postgres, off, scale.Judged);
        await Seeds.FirstUseAsync(bench.Postgres, off);
        await Seeds.SettleAsync(bench.Postgres, off);
        var on = await bench.CopyAsync("rules_on", off);
        await using var without = await bench.Service.StartAsync(off, "api");
        await using var with = await bench.Service.StartSecondAsync(on, "api", "--Controls:Enabled=true");
        var (one, other) = (Orders.Seeded(scale.Judged), Orders.Seeded(scale.Judged));

        var series = await contest.RunAsync(
            "rules, 256 in flight",
            new("on", with.Process.Id, time => PostAsync(with, time, one)),
            new("off", without.Process.Id, time => PostAsync(without, time, other)));

        var held = await bench.Postgres.AskAsync<long>(on, "SELECT count(*) FROM payouts WHERE status = 'held'");
        if (held > 0)
        {
            throw new InvalidOperationException($"{held} payouts are held: payees got more than one each.");
        }

        findings.Series.AddRange(series);
        findings.Lines.Add(Line.Faster("rules on: POST /v1/payouts, 256 in flight", series[0], series[1], 0.95));
    }

    private static async Task<LoadResult> PostAsync(Service.Running service, TimeSpan time, Requests orders) =>
        (await Driver.RunAsync(service.Port, Accept.InFlight, time, orders)).AllAre(201);
}
