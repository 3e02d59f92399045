using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>One merchant has a million payouts to send; how long does another's payout wait until it is claimed?
/// </summary>
internal sealed class NoisyNeighbour(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const string Database = "neighbour";
    private const int Payees = 10;
    private const double MostMs = 1000;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync()
    {
        await bench.CopyAsync(Database);
        await using (var api = await bench.Service.StartAsync(Database, "api", Service.WithTheOther))
        {
            say($"noisy neighbour: queueing {scale.Queued:N0} payouts of one merchant.");
            await Seeds.QueuedOfRegisteredAsync(bench.Postgres, Database, scale.Queued, 104, "noisy");
            await Seeds.SettleAsync(bench.Postgres, Database);
            await bench.Postgres.CheckpointAsync();
        }

        // Planted: one queue for both, which is what it is when both are one merchant.
        var key = scale.IsPlanted ? Service.Key : Service.OtherKey;
        await using var service = await bench.Service.StartAsync(
            Database, "api,workers", [.. Service.WithTheOther, .. Service.NothingElseFallsDue]);
        var accounts = scale.IsPlanted ? bench.Accounts
            : await Registering.RunAsync(service.Port, Payees, key: key);
        var time = TimeSpan.FromMinutes(Math.Min(2, scale.Minutes));
        say($"noisy neighbour: ten payouts a second of the other, for {time.TotalSeconds:N0} s.");
        var since = TimeProvider.System.GetUtcNow();
        var began = TimeProvider.System.GetTimestamp();
        var posted = 0;
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            (await Driver.RunAsync(service.Port, 1, Patience, Orders.Few(accounts, key, 1, Orders.StaysPending)))
                .AllAre(201);
            posted++;
            await Task.Delay(Pace, TimeProvider.System);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(MostMs), TimeProvider.System);
        await TellAsync(posted, since);
    }

    /// <summary>What was not claimed yet has waited until now.</summary>
    private async Task TellAsync(int posted, DateTimeOffset since)
    {
        var of = $"FROM payouts WHERE created_at >= '{since:O}'";
        var waits = $"""
            SELECT extract(epoch FROM coalesce(
                (SELECT min(at) FROM payout_events WHERE payout_id = payouts.id AND kind = 'claimed'), now())
                - created_at) * 1000 AS ms {of}
            """;
        var p50 = await PercentileAsync(waits, 0.5);
        var p99 = await PercentileAsync(waits, 0.99);
        var left = await bench.Postgres.AskAsync<long>(
            Database, "SELECT count(*) FROM payouts WHERE status = 'queued'");
        findings.Lines.Add(new Line(
            $"noisy neighbour, {scale.Queued:N0} payouts of another merchant queued ({left:N0} at the end): "
                + "accepted to claimed" + (scale.IsPlanted ? ", planted: one queue for both" : ""),
            $"p50 {p50:N0} ms, p99 {p99:N0} ms, {posted:N0} payouts", "", "", $"p99 {MostMs:N0} ms", p99 <= MostMs));
    }

    private Task<double> PercentileAsync(string waits, double share) => bench.Postgres.AskAsync<double>(
        Database, FormattableString.Invariant(
            $"SELECT percentile_cont({share}) WITHIN GROUP (ORDER BY ms)::float8 FROM ({waits}) AS waits"));
}
