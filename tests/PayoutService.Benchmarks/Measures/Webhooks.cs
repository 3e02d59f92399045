using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Three subscribers, of which one hangs and one is down: what they cost accept and dispatch, and how soon the
/// third is told.</summary>
internal sealed class Webhooks(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const double MustKeep = 0.95;
    private const double MostMs = 250;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync()
    {
        await using var subscribers = await Subscribers.StartAsync();
        await LatencyAsync(subscribers);
        await AcceptAsync(subscribers);
        await DispatchAsync(subscribers);
    }

    private async Task LatencyAsync(Subscribers subscribers)
    {
        var payouts = scale.Lives / 4;
        say($"events: {payouts} payouts, ten a second, told to three subscribers.");
        var database = await bench.CopyAsync("events_light");
        await using var service = await StartAsync(database, "api,workers", settings: []);

        // The history of the payees is told already.
        while (await bench.Postgres.AskAsync<bool>(
            database, "SELECT (SELECT line_no FROM feed_progress) < (SELECT max(line_no) FROM history)"))
        {
            await Task.Delay(Glance, TimeProvider.System);
        }

        await subscribers.RegisterAsync(service.Port);
        await PostSlowlyAsync(service.Port, 20);
        subscribers.Forget();
        await PostSlowlyAsync(service.Port, payouts);

        var began = TimeProvider.System.GetTimestamp();
        while (subscribers.Confirmed < payouts && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(Glance, TimeProvider.System);
        }

        double[] sorted = [.. subscribers.Latencies.Order()];
        var p99 = sorted[(int)(0.99 * sorted.Length)];
        findings.Lines.Add(new Line(
            $"events: change to arrival at a subscriber, {payouts:N0} payouts at ten a second, two others failing",
            $"p50 {sorted[sorted.Length / 2]:N0} ms, p99 {p99:N0} ms, {sorted.Length:N0} events",
            "",
            "",
            $"p99 at most {MostMs:N0} ms",
            p99 <= MostMs && subscribers.Confirmed >= payouts));
    }

    /// <summary>With a million undelivered events of each subscriber, against none and no subscriber.</summary>
    private async Task AcceptAsync(Subscribers subscribers)
    {
        await bench.CopyAsync("events_without");
        await bench.CopyAsync("events_with");
        say($"events: {scale.Undelivered:N0} undelivered events for each subscriber.");
        await using (var service = await StartAsync("events_with", roles: "api"))
        {
            await subscribers.RegisterAsync(service.Port);
        }

        await bench.Postgres.RunAsync("events_with", $"""
            INSERT INTO history (merchant, kind, id, version, at, actor, what, to_status, members)
            SELECT 'main', 'payor', gen_random_uuid(), 1, now(), 'bench', 'began', 'saved', '{"{}"}'
            FROM generate_series(1, {scale.Undelivered});
            INSERT INTO feed_entries (merchant, sequence, line_no, part, type)
            SELECT 'main', (SELECT coalesce(max(newest), 0) FROM feeds) + row_number() OVER (ORDER BY line_no),
                line_no, 0, 'payor.updated'
            FROM history WHERE actor = 'bench';
            INSERT INTO feeds (merchant, newest, oldest)
            SELECT 'main', max(sequence), 1 FROM feed_entries WHERE merchant = 'main'
            ON CONFLICT (merchant) DO UPDATE SET newest = excluded.newest;
            UPDATE feed_progress SET (line_no, counted_no) = (SELECT max(line_no), max(line_no) FROM history);
            """);
        await bench.Postgres.RunAsync("events_with", "VACUUM ANALYZE");
        var (without, with) = await CompareAsync("accept", async isWith =>
        {
            await using var service = await StartAsync(isWith ? "events_with" : "events_without");
            await bench.Postgres.CheckpointAsync();
            (await Driver.RunAsync(service.Port, Accept.InFlight, 2 * scale.WarmUp, Orders.Later(bench))).AllAre(201);
            LoadResult? load = null;
            var usage = await new Meter(bench.Parts(service.Process.Id)).WatchAsync(service.Process.Id, async () =>
                load = (await Driver.RunAsync(service.Port, Accept.InFlight, scale.Round, Orders.Later(bench)))
                    .AllAre(201));
            return Sample.Of(load!, usage);
        });
        var tried = await bench.Postgres.AskAsync<long>("events_with", "SELECT count(*) FROM deliveries");
        Tell($"accept, 256 in flight, three subscribers with {scale.Undelivered:N0} undelivered events each "
            + $"({tried:N0} tried)", with, without);
    }

    private async Task DispatchAsync(Subscribers subscribers)
    {
        var (without, with) = await CompareAsync("dispatch", async isWith =>
        {
            var database = await bench.CopyAsync("events_dispatch");
            await using (var api = await StartAsync(database, roles: "api"))
            {
                if (isWith)
                {
                    await subscribers.RegisterAsync(api.Port);
                }

                (await Driver.RunAsync(
                    api.Port, Accept.InFlight, Patience, Orders.Few(bench, scale.Dispatched / 10, Orders.StaysPending)))
                    .AllAre(201);
            }

            await bench.Postgres.CheckpointAsync();
            await using var workers = await StartAsync(database, roles: "workers");
            var usage = await new Meter(bench.Parts(workers.Process.Id)).WatchAsync(workers.Process.Id, async () =>
            {
                var began = TimeProvider.System.GetTimestamp();
                while (await bench.Postgres.AskAsync<bool>(
                        database, "SELECT EXISTS (SELECT FROM payouts WHERE status IN ('queued', 'submitting'))")
                    && TimeProvider.System.GetElapsedTime(began) < Patience)
                {
                    await Task.Delay(Glance, TimeProvider.System);
                }
            });
            var rate = await bench.Postgres.AskAsync<double>(database, """
                SELECT (count(*) / extract(epoch FROM max(at) - min(at)))::float8
                FROM payout_events WHERE to_status = 'processing'
                """);
            return new Sample(rate, double.NaN, double.NaN, usage);
        });
        Tell("dispatch, three subscribers", with, without);
    }

    /// <summary>Runs without and with subscribers in turns, each in a process of its own.</summary>
    private async Task<(Series Without, Series With)> CompareAsync(string what, Func<bool, Task<Sample>> measure)
    {
        // Each starts two processes, so a round takes half a minute.
        var rounds = Math.Min(scale.Rounds, 3);
        var (without, with) = (new Series($"events, {what}", "without"), new Series($"events, {what}", "with"));
        for (var round = 0; round < rounds; round++)
        {
            say($"events, {what}: round {round + 1} of {rounds}.");
            foreach (var isWith in round % 2 == 0 ? [false, true] : new[] { true, false })
            {
                (isWith ? with : without).Samples.Add(await measure(isWith));
            }
        }

        findings.Series.AddRange([without, with]);
        return (without, with);
    }

    private void Tell(string what, Series with, Series without)
    {
        var ratio = with.RateOver(without);
        findings.Lines.Add(new Line(
            $"events: {what}",
            with.Rate.Text(),
            $"without: {without.Rate.Text()}",
            ratio.Text("F2", ""),
            MustKeep.ToString("F2", CultureInfo.InvariantCulture),
            ratio.Median >= MustKeep));
    }

    private async Task PostSlowlyAsync(int port, int payouts)
    {
        for (var at = 0; at < payouts; at++)
        {
            (await Driver.RunAsync(port, 1, Patience, Orders.Few(bench, 1, Orders.Succeeds))).AllAre(201);
            await Task.Delay(Pace, TimeProvider.System);
        }
    }

    /// <summary>A process that was stopped while a subscriber hung may have kept its lease, and no payee is asked about
    /// meanwhile.</summary>
    private async Task<Service.Running> StartAsync(
        string database, string roles = "api,workers", string[]? settings = null)
    {
        await bench.Postgres.RunAsync(
            database, "UPDATE webhook_endpoints SET lease_until = NULL; UPDATE payees SET due_at = now() + '1 day'");
        return await bench.Service.StartAsync(
            database, roles, [.. Subscribers.Allowed, .. settings ?? Service.NothingElseFallsDue]);
    }
}
