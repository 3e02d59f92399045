using System.Text.RegularExpressions;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>True when each query finds its rows by an index: PostgreSQL writes down the plans it really uses while the
/// service answers each call once.</summary>
internal sealed partial class Plans(Bench bench, string database, Findings findings)
{
    private static readonly string[] Explained =
    [
        "session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
    ];

    /// <param name="calls">The calls that read, by name.</param>
    public async Task RunAsync(IReadOnlyDictionary<string, Func<int, Task<byte[][]>>> calls)
    {
        await SetAsync("SET", Explained);
        List<string> scans = [];
        await using (var service = await bench.Service.StartAsync(database, "api"))
        {
            foreach (var (name, render) in calls)
            {
                var request = (await render(service.Port))[0];
                scans.AddRange(await ScansAsync(name, () => Driver.RunAsync(
                    service.Port, 1, TimeSpan.FromHours(1), new RenderedRequests([request]))));
            }

            scans.AddRange(await ScansAsync("accept", () => Driver.RunAsync(
                service.Port, 1, TimeSpan.FromMilliseconds(1), Orders.Seeded(1))));
        }

        scans.AddRange(await ScansAsync(
            "claim", () => Claiming.StartAsync(bench, database, TimeSpan.FromMilliseconds(10))));
        await SetAsync("RESET", [.. Explained.Select(setting => setting.Split(' ')[0])]);
        findings.Lines.Add(new Line(
            "growth: each query's plan uses an index",
            scans.Count == 0 ? "all do" : string.Join("; ", scans),
            "",
            "",
            "all",
            scans.Count == 0));
    }

    private async Task SetAsync(string verb, string[] settings)
    {
        foreach (var setting in settings)
        {
            await bench.Postgres.RunAsync("postgres", $"ALTER DATABASE {database} {verb} {setting}");
        }
    }

    /// <summary>Which tables that grow were read from one end to the other while something ran.</summary>
    private async Task<IEnumerable<string>> ScansAsync(string name, Func<Task> run)
    {
        var before = new FileInfo(bench.Postgres.Log).Length;
        await run();
        await using var log = new FileStream(bench.Postgres.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = before;
        using var reader = new StreamReader(log);
        var written = await reader.ReadToEndAsync();
        if (!written.Contains("Query Text:", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"PostgreSQL wrote down no plan for {name}.");
        }

        var tables = SequentialScan().Matches(written).Select(scan => scan.Groups[1].Value).Distinct();
        return tables.Select(table => $"{name} reads all of {table}");
    }

    [GeneratedRegex(@"Seq Scan on (payouts|payout_events|notices|idempotency_keys)\b")]
    private static partial Regex SequentialScan();
}
