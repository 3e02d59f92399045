using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Baselines.Plain;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>POST /v1/payouts, every one another invoice id: with 256 in flight, and one by one.</summary>
internal sealed class Accept(Bench bench, Scale scale, Contest contest, Findings findings)
{
    public const int InFlight = 256;
    public const int Clients = 32;

    private const double MemoryLimitMib = 250;
    private const double MoreThanSingles = 2;
    private const double LatencyAllowanceMs = 0.4;

    /// <summary>What the service took, when it was measured: dispatch is held against it.</summary>
    public Series? Service { get; private set; }

    /// <summary>Accepts for so long, with <see cref="InFlight"/>.</summary>
    public static async Task<LoadResult> PostAsync(Bench bench, int port, TimeSpan time) =>
        (await Driver.RunAsync(port, InFlight, time, Orders.Endless(bench))).AllAre(201);

    public async Task ManyAsync()
    {
        var (ours, theirs, plain) = await DatabasesAsync();
        await using var service = await bench.Service.StartAsync(ours, "api");

        // In a process of its own: a batch is megabytes, and here is measured what payouts take that come one by one.
        await using var batches = await bench.Service.StartSecondAsync(await bench.CopyAsync("accept_batches"), "api");
        var (handler, handlerPort) = await PlainProcess.StartAsync(bench, plain);
        await using var handlerEnds = handler;
        var pgbench = new PgBench(bench.Postgres, bench.FileOf("pgbench"));
        var limit = await bench.CopyAsync("accept_limit", theirs);
        var accepted = 0L;

        var series = await contest.RunAsync(
            "accept, 256 in flight",
            new("service", service.Process.Id, async time => Counted(await PostAsync(bench, service.Port, time))),
            new("pgbench BEGIN…COMMIT", null, time =>
                pgbench.RunAsync(theirs, "accept.sql", Clients, time, scale.Payees)),
            new("pgbench one CTE", null, time =>
                pgbench.RunAsync(theirs, "accept-cte.sql", Clients, time, scale.Payees)),
            new("EF Core handler", handler.Id, async time =>
                (await Driver.RunAsync(handlerPort, InFlight, time, Orders.Plain(scale.Payees))).AllAre(201)),
            new("service, in batches", batches.Process.Id, time => Batches.PostAsync(bench, batches.Port, time)),
            new("pgbench, 100 inserted a transaction", null, async time => Of100(
                await pgbench.RunAsync(limit, "insert-100.sql", Clients, time, scale.Payees))));

        await EachIsThereAsync(ours, accepted);
        Service = series[0];
        findings.Series.AddRange(series);
        const string What = "accept: POST /v1/payouts, 256 in flight, distinct";
        findings.Lines.Add(Line.Faster(What, series[0], series[1], 3.5));
        findings.Lines.Add(Line.Faster(What, series[0], series[2], 2));
        findings.Lines.Add(Line.Faster(What, series[0], series[3], 5));
        var ofSingles = series[4].RateOver(series[0]);
        findings.Lines.Add(new Line(
            $"accept: POST /v1/payout-batches, {Batches.Size:N0} payouts a call, one call after the other",
            $"{series[4].Rate.Text()}, a call p50 {series[4].P50.Median:N0} ms",
            $"{series[0].Who}: {series[0].Rate.Text()}",
            ofSingles.Text("F2", ""),
            $"{MoreThanSingles} x",
            ofSingles.Median >= MoreThanSingles));
        findings.Lines.Add(Line.Faster(
            "accept: POST /v1/payout-batches against the same rows only inserted", series[4], series[5], 0.5));
        findings.Lines.Add(new Line(
            "memory: resident in the accept run, the most that was seen",
            $"{Service.PeakMib:N0} MiB",
            "",
            "",
            $"under {MemoryLimitMib} MiB",
            Service.PeakMib < MemoryLimitMib));

        static LoadResult Of100(LoadResult load) => load with { Total = 100 * load.Total };

        LoadResult Counted(LoadResult load)
        {
            accepted += load.Total;
            return load;
        }
    }

    public async Task SingleAsync()
    {
        var (ours, theirs, _) = await DatabasesAsync();
        await using var service = await bench.Service.StartAsync(ours, "api");

        // One by one, its code would not be compiled before the last round.
        await PostAsync(bench, service.Port, scale.WarmUp * 3);
        var pgbench = new PgBench(bench.Postgres, bench.FileOf("pgbench"));
        var series = await contest.RunAsync(
            "accept, 1 in flight",
            new("service", service.Process.Id, async time =>
                (await Driver.RunAsync(service.Port, 1, time, Orders.Endless(bench))).AllAre(201)),
            new("pgbench BEGIN…COMMIT", null, time => pgbench.RunAsync(theirs, "accept.sql", 1, time, scale.Payees)));

        findings.Series.AddRange(series);
        var (mine, other) = (series[0].P50, series[1].P50);
        findings.Lines.Add(new Line(
            "accept, 1 in flight: p50",
            mine.Text("N2", " ms"),
            $"{series[1].Who}: {other.Text("N2", " ms")}",
            $"{mine.Median - other.Median:+0.00;-0.00} ms",
            "at most + 0.4 ms",
            mine.Median <= other.Median + LatencyAllowanceMs));
    }

    /// <summary>A 201 is worth nothing when there is no row.</summary>
    private async Task EachIsThereAsync(string database, long accepted)
    {
        var rows = await bench.Postgres.AskAsync<long>(database, "SELECT count(*) FROM payouts");
        if (rows != accepted)
        {
            throw new InvalidOperationException($"{accepted} payouts were accepted, and there are {rows}.");
        }

        findings.Notes.Add($"accept: all {accepted:N0} answers were 201, and each has its row.");
    }

    /// <summary>The service's, pgbench's and the plain handler's: as many payees in each.</summary>
    private async Task<(string Ours, string Theirs, string Plain)> DatabasesAsync()
    {
        var theirs = await bench.CopyAsync("accept_pgbench", Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, theirs, scale.Payees);
        var plain = await bench.CopyAsync("accept_plain", theirs);
        return (await bench.CopyAsync("accept_service"), theirs, plain);
    }
}
