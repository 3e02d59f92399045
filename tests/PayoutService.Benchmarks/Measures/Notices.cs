using System.Text.Json;
using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;
using PockytSimulator;
using PockytSimulator.Notices;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Genuine notices of success for the payouts that were dispatched: signed by the simulator's own code, sent
/// to the addresses that the service gave it.</summary>
internal sealed class Notices(Bench bench, Scale scale, Contest contest, Findings findings)
{
    private static readonly JsonSerializerOptions Journal = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public async Task RunAsync()
    {
        var signed = await SignAsync();
        var runs = scale.Rounds + 1;
        var each = signed.Count / runs;
        var batches = new Queue<byte[][]>(signed.Chunk(each));
        await using var service = await bench.Service.StartAsync(Dispatch.Database, "api", Service.NothingElseFallsDue);

        // As many transactions for pgbench, each with a payout of its own, and both forms in one database.
        var transactions = Math.Max(1, each / Accept.Clients);
        var database = await bench.CopyAsync("notices_pgbench", Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, database, scale.Payees);
        await Seeds.ProcessingAsync(
            bench.Postgres, database, 1, 2L * runs * transactions * Accept.Clients, scale.Payees);
        await Seeds.SettleAsync(bench.Postgres, database);
        await Seeds.SettleAsync(bench.Postgres, Dispatch.Database);
        var pgbench = new PgBench(bench.Postgres, bench.FileOf("pgbench"));

        var series = await contest.RunAsync(
            "notices, 256 in flight",
            new("service", service.Process.Id, async _ => (await Driver.RunAsync(
                service.Port, Accept.InFlight, TimeSpan.FromHours(1),
                new RenderedRequests(batches.Dequeue()))).AllAre(200)),
            new("pgbench BEGIN…COMMIT", null, _ => pgbench.CountAsync(
                database, "notice.sql", Accept.Clients, transactions, scale.Payees)),
            new("pgbench one CTE", null, _ => pgbench.CountAsync(
                database, "notice-cte.sql", Accept.Clients, transactions, scale.Payees)));

        await EachMovedAsync(Dispatch.Database, runs * each);
        await EachMovedAsync(database, 2L * runs * transactions * Accept.Clients);
        findings.Series.AddRange(series);
        const string What = "notices: genuine IPNs for distinct payouts, 256 in flight";
        findings.Lines.Add(Line.Faster(What, series[0], series[1], 1.6));
        findings.Lines.Add(Line.Faster(What, series[0], series[2], 0.9));
        findings.Notes.Add(
            $"notices: {each:N0} a round, because so many payouts had been dispatched; each moved its payout.");
    }

    /// <summary>The simulator's journal has every payout with the address of its notices.</summary>
    private async Task<List<byte[]>> SignAsync()
    {
        var settings = new SimulatorSettings();
        using var journal = new Journal(settings);
        var ids = new Ids(new SimulatorClock(TimeProvider.System, journal));
        var notices = new NoticeFactory(ids);
        var sent = await bench.Postgres.ListAsync(
            Dispatch.Database, "SELECT invoice_id FROM payouts WHERE status = 'processing'");
        List<byte[]> signed = [];
        await foreach (var line in File.ReadLinesAsync(bench.SimulatorState))
        {
            if (JsonSerializer.Deserialize<JournalEntry>(line, Journal)
                is JournalEntry.PayoutAccepted { Payout: var payout }
                && sent.Contains(payout.InvoiceId))
            {
                var notice = notices.Of(payout, "success", TimeProvider.System.GetUtcNow())!;
                using var content = notice.ToContent(settings.NoticeEncoding, settings.Token);
                signed.Add(Requests.Render(
                    "POST", notice.Url.AbsolutePath, key: null, content.Headers.ContentType!.ToString(),
                    await content.ReadAsStringAsync()));
            }
        }

        return signed;
    }

    private async Task EachMovedAsync(string database, long notices)
    {
        var moved = await bench.Postgres.AskAsync<long>(
            database, "SELECT count(*) FROM payouts WHERE status = 'succeeded' AND status_source = 'notice'");
        if (moved != notices)
        {
            throw new InvalidOperationException($"{notices} notices were taken, and {moved} payouts moved.");
        }
    }
}
