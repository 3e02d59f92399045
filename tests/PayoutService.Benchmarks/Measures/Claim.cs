using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Due payouts claimed: a hundred a statement by the service's own store, against one by one.</summary>
internal sealed class Claim(Bench bench, Scale scale, Contest contest, Findings findings)
{
    private const string Seeded = "claim_seeded";
    private const string Used = "claim_used";

    public async Task RunAsync()
    {
        await bench.CopyAsync(Seeded, Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, Seeded, scale.Payees);
        await Seeds.QueuedAsync(bench.Postgres, Seeded, 1, scale.Backlog, scale.Payees);
        await Seeds.FirstUseAsync(bench.Postgres, Seeded);
        await Seeds.SettleAsync(bench.Postgres, Seeded);
        var pgbench = new PgBench(bench.Postgres, bench.FileOf("pgbench"));

        // Everybody meets the same backlog, as it was before the first claim.
        var series = await contest.RunAsync(
            "claim",
            new("service, 100 rows a statement", null, time => Claiming.StartAsync(bench, Used, time))
            {
                PrepareAsync = RefillAsync,
            },
            new("pgbench one by one, 32 clients", null, async time => await EachClaimedAsync(
                await pgbench.RunAsync(Used, "claim.sql", Accept.Clients, time, scale.Payees)))
            {
                PrepareAsync = RefillAsync,
            });

        findings.Series.AddRange(series);
        findings.Lines.Add(Line.Faster("claim: 100 rows a statement, events included", series[0], series[1], 2));
        findings.Notes.Add(
            $"claim: from {scale.Backlog:N0} payouts that wait. The service's latencies are those of whole statements, "
                + "by its own store in a process of its own.");
    }

    private Task RefillAsync() => bench.CopyAsync(Used, Seeded);

    /// <summary>A statement that finds nothing to claim is quick, and must not count.</summary>
    private async Task<LoadResult> EachClaimedAsync(LoadResult load)
    {
        var claimed = await bench.Postgres.AskAsync<long>(
            Used, "SELECT count(*) FROM payout_events WHERE to_status = 'submitting'");
        return claimed == load.Total ? load : throw new InvalidOperationException(
            $"pgbench ran {load.Total} statements, and {claimed} payouts were claimed.");
    }
}
