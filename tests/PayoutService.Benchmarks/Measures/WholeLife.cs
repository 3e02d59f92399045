using Npgsql;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>From POST to confirmed, everything real: the service with both roles and its own times, the simulator's
/// notice over TLS, the question that confirms. Calm, one after the other; and many at once.</summary>
internal sealed class WholeLife(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const int CalmInFlight = 1;
    private const int BusyInFlight = 64;
    private const double CalmMs = 60;
    private const double BusyRate = 1500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync()
    {
        await MeasureAsync("calm", scale.Lives / 10, CalmInFlight);
        await MeasureAsync("busy", scale.Lives * 5, BusyInFlight);
    }

    private async Task MeasureAsync(string name, int payouts, int inFlight)
    {
        say($"whole life, {name}: {payouts} payouts.");
        var database = await bench.CopyAsync($"life_{name}");

        // All payees were registered a minute ago, so that all of them would be looked at again just now.
        await bench.Postgres.RunAsync(database, "UPDATE payees SET due_at = now() + '1 day'");
        await using var service = await bench.Service.StartAsync(database, "api,workers");
        await WarmUpAsync(database, service.Port, inFlight == CalmInFlight ? 50 : 2 * payouts);
        var (since, began) = (TimeProvider.System.GetUtcNow(), TimeProvider.System.GetTimestamp());
        LoadResult? posted = null;
        var usage = await new Meter(bench.Parts(service.Process.Id)).WatchAsync(service.Process.Id, async () =>
        {
            if (inFlight == CalmInFlight)
            {
                posted = await OneByOneAsync(database, service.Port, payouts);
            }
            else
            {
                posted = await Driver.RunAsync(
                    service.Port, inFlight, Patience, Orders.Few(bench, payouts, Orders.Succeeds));
                await AllConfirmedAsync(database);
            }
        });
        posted!.AllAre(201);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var series = new Series("whole life, latency of POST", name);
        series.Samples.Add(Sample.Of(posted, usage) with { Rate = payouts / seconds });
        findings.Series.Add(series);
        var (whole, parts) = await StagesAsync(database, since);
        var isCalm = inFlight == CalmInFlight;
        findings.Lines.Add(new Line(
            $"whole life: POST to confirmed, {payouts:N0} payouts, "
                + (isCalm ? "one after the other" : $"{inFlight} in flight"),
            $"{payouts / seconds:N1}/s, {whole.Text}: {parts}",
            "",
            "",
            isCalm ? $"p50 {CalmMs:N0} ms" : $"{BusyRate:N0}/s",
            isCalm ? whole.P50 <= CalmMs : payouts / seconds >= BusyRate));
    }

    /// <summary>Code is compiled again while it runs, for tens of seconds: many at once would be measured with code
    /// that is not compiled yet.</summary>
    private async Task WarmUpAsync(string database, int port, int payouts)
    {
        await Driver.RunAsync(port, BusyInFlight, Patience, Orders.Few(bench, payouts, Orders.Succeeds));
        await AllConfirmedAsync(database);
    }

    private async Task<LoadResult> OneByOneAsync(string database, int port, int payouts)
    {
        List<LoadResult> each = [];
        for (var at = 0; at < payouts; at++)
        {
            each.Add((await Driver.RunAsync(port, 1, Patience, Orders.Few(bench, 1, Orders.Succeeds))).AllAre(201));
            await AllConfirmedAsync(database);
        }

        return new LoadResult(
            each.Sum(one => one.Seconds), each.Count, each[0].Statuses,
            [.. each.SelectMany(one => one.Latencies).Order()]);
    }

    private async Task AllConfirmedAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(bench.Postgres.To(database));
        await using var open = source.CreateCommand("SELECT count(*) FROM payouts WHERE confirmed_by IS NULL");
        var began = TimeProvider.System.GetTimestamp();
        while ((long)(await open.ExecuteScalarAsync())! is var left and > 0)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException($"{left} payouts are not confirmed after {Patience}.");
            }

            await Task.Delay(Glance, TimeProvider.System);
        }
    }

    /// <summary>Where the time went, by what the payouts' history says.</summary>
    private async Task<((string Text, double P50) Whole, string Parts)> StagesAsync(
        string database, DateTimeOffset since)
    {
        await using var source = NpgsqlDataSource.Create(bench.Postgres.To(database));
        await using var command = source.CreateCommand("""
            WITH lives AS (
                SELECT
                    min(at) FILTER (WHERE kind = 'accepted') AS accepted,
                    max(at) FILTER (WHERE kind = 'claimed') AS claimed,
                    max(at) FILTER (WHERE to_status = 'succeeded' AND kind = 'reported') AS settled,
                    max(at) AS confirmed
                FROM payout_events GROUP BY payout_id HAVING min(at) >= $1),
            times AS (
                SELECT unnest(ARRAY['whole', 'claim', 'settle', 'confirm']) AS stage,
                    1000 * extract(epoch FROM unnest(ARRAY[
                        confirmed - accepted, claimed - accepted, settled - claimed, confirmed - settled])) AS ms
                FROM lives)
            SELECT
                stage, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms),
                percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)
            FROM times GROUP BY stage
            """);
        command.Parameters.AddWithValue(since);
        await using var rows = await command.ExecuteReaderAsync();
        Dictionary<string, (double P50, double P99)> stages = [];
        while (await rows.ReadAsync())
        {
            stages[rows.GetString(0)] = (rows.GetDouble(1), rows.GetDouble(2));
        }

        var ((p50, p99), claim, settle, confirm) =
            (stages["whole"], stages["claim"], stages["settle"], stages["confirm"]);
        return (
            ($"p50 {p50:N0} ms, p99 {p99:N0} ms", p50),
            $"until claimed {claim.P50:N0} ms, sent and settled by notice {settle.P50:N0} ms, "
                    + $"until confirmed by inquiry {confirm.P50:N0} ms");
    }
}
