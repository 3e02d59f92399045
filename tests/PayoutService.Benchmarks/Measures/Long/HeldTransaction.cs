using System.Data;
using System.Globalization;
using Npgsql;
using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>Claims while somebody keeps a transaction open, so that VACUUM may remove nothing of what was claimed
/// since: where queues on PostgreSQL break down. Payouts are accepted meanwhile.</summary>
internal sealed class HeldTransaction(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const string Database = "held";
    private const int Accepted = 100;
    private const double MustKeep = 0.8;
    private const double MustRecover = 0.95;
    private const double MostMs = 10;

    /// <summary>After the end of the transaction, when it is seen whether claims are as fast as before.</summary>
    private static readonly TimeSpan[] Looks =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(55)];

    private readonly string what = scale.IsPlanted ? Claiming.FromTheOldest : Claiming.Sends;
    private readonly List<(double At, Claimed Claim)> timeline = [];
    private readonly long began = TimeProvider.System.GetTimestamp();

    public async Task RunAsync()
    {
        say($"held transaction: queueing {scale.Queued:N0} payouts.");
        await bench.CopyAsync(Database, Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, Database, scale.Payees);
        await Seeds.QueuedAsync(bench.Postgres, Database, 1, scale.Queued, scale.Payees);
        await Seeds.FirstUseAsync(bench.Postgres, Database);
        await Seeds.SettleAsync(bench.Postgres, Database);
        await bench.Postgres.CheckpointAsync();
        await using var service = await bench.Service.StartAsync(Database, "api");
        using var enough = new CancellationTokenSource();
        var load = AcceptAsync(service.Port, enough.Token);

        var held = TimeSpan.FromMinutes(scale.Minutes);
        var rate = (int)(scale.Queued * 0.42 / held.TotalSeconds);
        say($"held transaction: {rate:N0} rows a second for {held.TotalSeconds / 10:N0} s, and as fast as it goes.");
        var pacedBefore = await PacedAsync(held / 10, rate);
        var before = await FastAsync();
        double during, pacedDuring;
        long dead;
        await using (var source = NpgsqlDataSource.Create(bench.Postgres.To(Database)))
        await using (var holder = await source.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync(IsolationLevel.RepeatableRead);
            await using (var look = new NpgsqlCommand("SELECT count(*) FROM payouts WHERE id IS NULL", holder))
            {
                await look.ExecuteScalarAsync();
            }

            say($"held transaction: open for {held.TotalSeconds:N0} s, {rate:N0} rows a second.");
            await PacedAsync(held * 0.9, rate);
            pacedDuring = await PacedAsync(held * 0.1, rate);
            during = await FastAsync();
            dead = await DeadAsync();
            say($"held transaction: {dead:N0} dead rows; it ends.");
        }

        var (recovered, after) = await RecoverAsync(before);
        await enough.CancelAsync();
        await load;
        Tell(held, before, during, dead, pacedBefore, pacedDuring, recovered, after);
    }

    private async Task<(double? Seconds, double Rate)> RecoverAsync(double before)
    {
        var ended = TimeProvider.System.GetTimestamp();
        var rate = 0.0;
        foreach (var look in Looks)
        {
            var wait = look - TimeProvider.System.GetElapsedTime(ended);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, TimeProvider.System);
            rate = await FastAsync();
            say($"held transaction: {rate:N0} rows a second {look.TotalSeconds:N0} s after its end.");
            if (rate >= MustRecover * before)
            {
                return (look.TotalSeconds, rate);
            }
        }

        return (null, rate);
    }

    private void Tell(
        TimeSpan held, double before, double during, long dead, double pacedBefore, double pacedDuring,
        double? recovered, double after)
    {
        var of = $"held transaction, {held.TotalMinutes:0.#} minutes, {dead:N0} dead rows"
            + (scale.IsPlanted ? ", planted: claims from the oldest" : "");
        findings.Lines.Add(new Line(
            $"{of}: claim rate at its end", $"{during:N0}/s", $"before: {before:N0}/s", Share(during / before),
            Share(MustKeep), during >= MustKeep * before));
        findings.Lines.Add(new Line(
            $"{of}: claim p99, of what came in 20 ms", $"{pacedDuring:N1} ms", $"before: {pacedBefore:N1} ms", "",
            $"{MostMs:N0} ms", pacedDuring <= MostMs));
        findings.Lines.Add(new Line(
            "held transaction: claim rate after its end", $"{after:N0}/s", $"before: {before:N0}/s",
            Share(after / before), recovered is { } seconds ? $"{MustRecover} within 60 s: after {seconds:N0} s"
                : $"{MustRecover} within 60 s", recovered is not null));
        findings.Plots.Add(new Plot("Held transaction, claimed", "seconds", "rows a second",
            [new("rows", Rates())]));
        findings.Plots.Add(new Plot("Held transaction, time of a claim", "seconds", "milliseconds",
            [new("p50", Times(0.5)), new("p99", Times(0.99))]));
        findings.Notes.Add(
            "held transaction: by the service's own store in a process of its own, while the service accepts "
                + $"{Accepted} payouts a second into the same table.");
    }

    /// <summary>Claims at a pace and answers the 99th percentile of a claim, in milliseconds; without the first
    /// quarter, in which the code of the process is compiled.</summary>
    private async Task<double> PacedAsync(TimeSpan time, int rate)
    {
        var statements = await KeepAsync(time, rate, int.MaxValue);
        return At(
            statements.Where(one => one.At > time.TotalSeconds / 4).Select(one => one.Milliseconds), 0.99);
    }

    /// <summary>Claims as fast as it goes and answers the rows a second.</summary>
    private async Task<double> FastAsync()
    {
        var statements = await KeepAsync(scale.Round * 3, rate: null, scale.Queued / 12);
        return statements.Sum(one => one.Rows) / (statements[^1].At + statements[^1].Milliseconds / 1000);
    }

    private async Task<IReadOnlyList<Claimed>> KeepAsync(TimeSpan time, int? rate, int most)
    {
        var statements = await Claiming.ListAsync(bench, Database, time, what, rate, most);
        var last = statements[^1].At;
        var end = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        timeline.AddRange(statements.Select(one => (end - last + one.At, one)));
        return statements;
    }

    /// <summary>As many as the statistics say, which are told within a second.</summary>
    private async Task<long> DeadAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        return await bench.Postgres.AskAsync<long>(
            Database, "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'payouts'");
    }

    private async Task AcceptAsync(int port, CancellationToken enough)
    {
        var requests = Orders.Seeded(scale.Payees);
        while (!enough.IsCancellationRequested)
        {
            var second = await OpenLoop.RunAsync(port, Accepted, TimeSpan.FromSeconds(2), 16, requests);
            if (second.Seconds.Sum(one => one.Others) > 0)
            {
                throw new InvalidOperationException("A payout was not accepted while claims were measured.");
            }
        }
    }

    private List<(double X, double Y)> Rates() =>
        [.. timeline.GroupBy(one => (int)one.At).OrderBy(second => second.Key)
            .Select(second => ((double)second.Key, (double)second.Sum(one => one.Claim.Rows)))];

    private List<(double X, double Y)> Times(double share) =>
        [.. timeline.GroupBy(one => (int)one.At / 5 * 5).OrderBy(five => five.Key)
            .Select(five => ((double)five.Key, At(five.Select(one => one.Claim.Milliseconds), share)))];

    private static double At(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    private static string Share(double share) => share.ToString("F2", CultureInfo.InvariantCulture);
}
