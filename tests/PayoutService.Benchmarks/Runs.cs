using System.Globalization;
using System.Runtime.InteropServices;
using PayoutService.Benchmarks.Measures;
using PayoutService.Benchmarks.Measures.Long;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks;

/// <summary>A run: starts everything, measures, reports, and leaves nothing running.</summary>
internal sealed class Runs(Scale scale, string[] wanted)
{
    private const string Quick = "--quick";
    private const string Planted = "--planted";
    private const string Rows = "--rows=";
    private const string Minutes = "--minutes=";
    private const string Hard = "long";
    private const string Results = "tests/PayoutService.Benchmarks/results";

    /// <summary>What the run of ten minutes measures, in this order.</summary>
    private static readonly string[] Usual =
    [
        "accept", "single", "dispatch", "notices", "claim", "life", "start", "allocations", "bad", "events", "rules",
        "telemetry",
    ];

    /// <summary>What takes longer, each in a run and a report of its own.</summary>
    private static readonly string[] Long = ["growth", "memory", "ops", "replicas", "against"];

    /// <summary>What <c>long</c> measures, or the parts of it that are named behind it.</summary>
    private static readonly string[] Hardships = ["held", "overload", "neighbour", "sustained", "peers"];

    private readonly long began = TimeProvider.System.GetTimestamp();
    private Bench? bench;

    public static async Task<int> RunAsync(string[] args)
    {
        var scale = args.Contains(Quick) ? Scale.Quick : Scale.Full;
        scale = scale with { IsPlanted = args.Contains(Planted) };
        if (Option(args, Rows) is { } rows)
        {
            var count = int.Parse(rows, CultureInfo.InvariantCulture);
            scale = scale with { Grown = count, Queued = count };
        }

        if (Option(args, Minutes) is { } minutes)
        {
            scale = scale with { Minutes = double.Parse(minutes, CultureInfo.InvariantCulture) };
        }

        string[] wanted = [.. args.Where(word => !word.StartsWith('-'))];
        string[] known = wanted is [Hard, ..] ? [Hard, .. Hardships] : [.. Usual, .. Long];
        if (wanted.Except(known).FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync($"{unknown} is not measured: {string.Join(", ", known)} are.");
            return 2;
        }

        if (wanted is [Hard])
        {
            wanted = [Hard, .. Hardships];
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
        foreach (var word in Long.Concat(Hardships).Where(wanted.Contains))
        {
            await PartAsync(word, findings, () => MeasureLongAsync(word, findings));
        }

        await MeasureUsualAsync(findings);
        findings.Notes.AddRange(Conditions);
        await TellAsync(new Report(TitleOf(), origin, findings), findings);
    }

    private async Task MeasureUsualAsync(Findings findings)
    {
        var contest = new Contest(bench!, scale, Say);
        var accept = new Accept(bench!, scale, contest, findings);
        foreach (var word in Usual)
        {
            // The notices are about the payouts that were dispatched.
            if (wanted.Contains(word) || (word is "dispatch" && wanted.Contains("notices")))
            {
                await PartAsync(word, findings, () => MeasureAsync(word));
            }
        }

        Task MeasureAsync(string word) => word switch
        {
            "accept" => accept.ManyAsync(),
            "single" => accept.SingleAsync(),
            "dispatch" => new Dispatch(bench!, scale, findings, Say).RunAsync(accept.Service),
            "notices" => new Notices(bench!, scale, contest, findings).RunAsync(),
            "claim" => new Claim(bench!, scale, contest, findings).RunAsync(),
            "life" => new WholeLife(bench!, scale, findings, Say).RunAsync(),
            "start" => new Start(bench!, scale, findings, Say).RunAsync(),
            "allocations" => new Allocations(bench!, scale, findings, Say).RunAsync(),
            "bad" => new BadRows(bench!, contest, findings).RunAsync(),
            "rules" => new Rules(bench!, scale, contest, findings, Say).RunAsync(),
            "telemetry" => new Measures.Telemetry(bench!, contest, findings).RunAsync(),
            _ => new Webhooks(bench!, scale, findings, Say).RunAsync(),
        };
    }

    /// <summary>A line at the end of each part says how long it took, and of one with a fault whether the measurement
    /// shows it.</summary>
    private async Task PartAsync(string word, Findings findings, Func<Task> measure)
    {
        var (start, known) = (TimeProvider.System.GetTimestamp(), findings.Lines.Count);
        await measure();
        var missed = findings.Lines.Skip(known).Count(line => line.Met is false);
        Say($"{word}: done in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:N0} s."
            + (!scale.IsPlanted || word is "peers" ? ""
                : missed > 0 ? " The planted fault is caught." : " The planted fault is NOT caught."));
    }

    private Task MeasureLongAsync(string word, Findings findings) => word switch
    {
        "growth" => new Growth(bench!, scale, new Contest(bench!, scale, Say), findings, Say).RunAsync(),
        "ops" => new OperatorPages(bench!, scale, findings, Say).RunAsync(),
        "against" => new Against(bench!, scale, new Contest(bench!, scale, Say), findings).RunAsync(),
        "replicas" => new Replicas(bench!, scale, new Contest(bench!, scale, Say), findings, Say).RunAsync(),
        "held" => new HeldTransaction(bench!, scale, findings, Say).RunAsync(),
        "overload" => new Overload(bench!, scale, findings, Say).RunAsync(),
        "neighbour" => new NoisyNeighbour(bench!, scale, findings, Say).RunAsync(),
        "peers" => new Peers(bench!, scale, findings, Say).RunAsync(),
        "sustained" => new Sustained(bench!, scale, findings, Say).RunAsync(),
        _ => new Memory(bench!, findings, Say).RunAsync((int)Math.Ceiling(scale.Minutes)),
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

    private async Task TellAsync(Report report, Findings findings)
    {
        Console.WriteLine();
        Console.WriteLine(report.Head());
        var isWhole = scale.Rounds == Scale.Full.Rounds && !scale.IsPlanted
            && (wanted == Usual || wanted is [var only] && Long.Contains(only) || wanted is [Hard, ..]);
        if (!isWhole)
        {
            Console.WriteLine(report.Whole()[report.Head().Length..]);
            Console.WriteLine("This was a part, quick or planted: it is not kept.");
            return;
        }

        var parts = wanted is [Hard, ..] && wanted.Length == Hardships.Length + 1 ? [Hard] : wanted;
        var name = $"{report.Origin.Date:yyyy-MM-dd}-{report.Origin.Commit}"
            + (wanted == Usual ? "" : $"-{string.Join('-', parts)}");
        Directory.CreateDirectory(Results);
        var path = Path.Combine(Results, $"{name}.md");
        await File.WriteAllTextAsync(path, report.Whole(name));
        foreach (var plot in findings.Plots)
        {
            await File.WriteAllTextAsync(Path.Combine(Results, $"{name}-{plot.Slug}.svg"), plot.Svg());
        }

        Console.WriteLine($"Kept, with who used what: {path}");
    }

    private string TitleOf() => wanted == Usual ? "Benchmark"
        : $"Benchmark of {string.Join(", ", wanted.Where(word => word != Hard))}";

    private static string? Option(string[] args, string name) =>
        args.FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private void Say(string what) => Console.WriteLine($"{TimeProvider.System.GetElapsedTime(began):mm\\:ss} {what}");
}
