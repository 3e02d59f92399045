using System.Globalization;
using System.Runtime.InteropServices;
using PayoutService.Benchmarks.Measures;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks;

/// <summary>A run: starts everything, measures, reports, and leaves nothing running.</summary>
internal sealed class Runs(Scale scale, string[] wanted)
{
    private const string Quick = "--quick";
    private const string Rows = "--rows=";
    private const string Results = "tests/PayoutService.Benchmarks/results";

    /// <summary>What the run of ten minutes measures, in this order.</summary>
    private static readonly string[] Usual =
    [
        "accept", "single", "dispatch", "notices", "claim", "life", "start", "allocations", "bad", "events", "rules",
        "telemetry",
    ];

    /// <summary>What takes longer, each in a run and a report of its own.</summary>
    private static readonly string[] Long = ["growth", "memory", "ops", "replicas", "against"];

    private readonly long began = TimeProvider.System.GetTimestamp();
    private Bench? bench;

    public static async Task<int> RunAsync(string[] args)
    {
        var scale = args.Contains(Quick) ? Scale.Quick : Scale.Full;
        if (args.FirstOrDefault(word => word.StartsWith(Rows, StringComparison.Ordinal)) is { } rows)
        {
            scale = scale with { Grown = int.Parse(rows[Rows.Length..], CultureInfo.InvariantCulture) };
        }

        string[] wanted = [.. args.Where(word => !word.StartsWith('-'))];
        if (wanted.Except(Usual).Except(Long).FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync(
                $"{unknown} is not measured: {string.Join(", ", Usual.Concat(Long))} are.");
            return 2;
        }

        var run = new Runs(scale, wanted.Length == 0 ? Usual : wanted);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token);
        var ended = await Task.WhenAny(run.MeasureAsync(), stopped);
        if (run.bench is { } started)
        {
            await started.DisposeAsync();
            await Console.Error.WriteAsync(ended.IsFaulted ? started.LastWords : "");
        }

        if (ended == stopped)
        {
            return 130;
        }

        await ended;
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private async Task MeasureAsync()
    {
        Say("Starting PostgreSQL.");
        bench = await Bench.StartAsync();
        Say($"Registering {scale.Payees:N0} payees with an account each.");
        await bench.RegisterAsync(scale.Payees);
        var origin = await Origin.FindAsync(bench.Postgres);
        var findings = new Findings();
        foreach (var word in Long.Where(wanted.Contains))
        {
            await MeasureLongAsync(word, findings);
        }

        await MeasureUsualAsync(findings);
        findings.Notes.AddRange(Conditions);
        await TellAsync(new Report(TitleOf(), origin, findings));
    }

    private async Task MeasureUsualAsync(Findings findings)
    {
        var contest = new Contest(bench!, scale, Say);
        var accept = new Accept(bench!, scale, contest, findings);
        if (wanted.Contains("accept"))
        {
            await accept.ManyAsync();
        }

        if (wanted.Contains("single"))
        {
            await accept.SingleAsync();
        }

        // The notices are about the payouts that were dispatched.
        if (wanted.Contains("dispatch") || wanted.Contains("notices"))
        {
            await new Dispatch(bench!, scale, findings, Say).RunAsync(accept.Service);
        }

        if (wanted.Contains("notices"))
        {
            await new Notices(bench!, scale, contest, findings).RunAsync();
        }

        if (wanted.Contains("claim"))
        {
            await new Claim(bench!, scale, contest, findings).RunAsync();
        }

        if (wanted.Contains("life"))
        {
            await new WholeLife(bench!, scale, findings, Say).RunAsync();
        }

        if (wanted.Contains("start"))
        {
            await new Start(bench!, scale, findings, Say).RunAsync();
        }

        if (wanted.Contains("allocations"))
        {
            await new Allocations(bench!, scale, findings, Say).RunAsync();
        }

        if (wanted.Contains("bad"))
        {
            await new BadRows(bench!, contest, findings).RunAsync();
        }

        if (wanted.Contains("events"))
        {
            await new Webhooks(bench!, scale, findings, Say).RunAsync();
        }

        if (wanted.Contains("rules"))
        {
            await new Rules(bench!, scale, contest, findings, Say).RunAsync();
        }

        if (wanted.Contains("telemetry"))
        {
            await new Telemetry(bench!, contest, findings).RunAsync();
        }
    }

    private Task MeasureLongAsync(string word, Findings findings) => word switch
    {
        "growth" => new Growth(bench!, scale, new Contest(bench!, scale, Say), findings, Say).RunAsync(),
        "ops" => new OperatorPages(bench!, scale, findings, Say).RunAsync(),
        "against" => new Against(bench!, scale, new Contest(bench!, scale, Say), findings).RunAsync(),
        "replicas" => new Replicas(bench!, scale, new Contest(bench!, scale, Say), findings, Say).RunAsync(),
        _ => new Memory(bench!, findings, Say).RunAsync(scale.Minutes),
    };

    /// <summary>What holds for every number.</summary>
    private static readonly string[] Conditions =
    [
        "The service is published and configured as in production: keys by their hash, validation, JSON log to a file. "
            + "It is asked over plain HTTP on 127.0.0.1, as by the proxy that ends TLS in front of it; it and the "
            + "simulator speak TLS with each other.",
        "Accepting, notices and bad rows run with Roles=api, dispatch with Roles=workers, and nothing else falls due "
            + "meanwhile; whole life and start with both, and every other setting as it is by default.",
        "pgbench runs with -M prepared over the socket that the service uses too, against the same schema with as many "
            + "payees. Before each run there is a CHECKPOINT.",
    ];

    private async Task TellAsync(Report report)
    {
        Console.WriteLine();
        Console.WriteLine(report.Head());
        var isWhole = scale.Rounds == Scale.Full.Rounds
            && (wanted == Usual || wanted is [var only] && Long.Contains(only));
        if (!isWhole)
        {
            Console.WriteLine(report.Whole()[report.Head().Length..]);
            Console.WriteLine("This was a part, or quick: it is not kept.");
            return;
        }

        var kind = wanted == Usual ? "" : $"-{wanted[0]}";
        Directory.CreateDirectory(Results);
        var path = Path.Combine(Results, $"{report.Origin.Date:yyyy-MM-dd}-{report.Origin.Commit}{kind}.md");
        await File.WriteAllTextAsync(path, report.Whole());
        Console.WriteLine($"Kept, with who used what: {path}");
    }

    private string TitleOf() => wanted == Usual ? "Benchmark" : $"Benchmark of {string.Join(", ", wanted)}";

    private void Say(string what) => Console.WriteLine($"{TimeProvider.System.GetElapsedTime(began):mm\\:ss} {what}");
}
