using System.Diagnostics;
using System.Runtime.InteropServices;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Reports;

/// <summary>Where numbers come from: the same on another machine are other numbers. <paramref name="Disturbance"/> is
/// what makes them doubtful; null when nothing does.</summary>
internal sealed record Origin(DateTimeOffset Date, string Commit, string Machine, string? Disturbance)
{
    /// <summary>More than this of the processors used by others, and the numbers say little.</summary>
    private const double Quiet = 0.05;

    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(2);

    public static async Task<Origin> FindAsync(Cluster postgres)
    {
        var before = Proc.BusyOfMachine();
        await Task.Delay(Listening, TimeProvider.System);
        var busy = (Proc.BusyOfMachine() - before) / Listening.TotalSeconds / Environment.ProcessorCount;
        var settings = string.Join(", ", Cluster.Settings.Select(setting => $"{setting.Key} {setting.Value}"));
        var machine = $"{Environment.ProcessorCount} cores of {Processor()}, {MemoryGib():N0} GiB, {Kernel()}, "
                + $"{RuntimeInformation.FrameworkDescription}, PostgreSQL {postgres.Version} (fsync and "
                + $"synchronous_commit on, {settings}), 8 KiB made durable in {postgres.MeasureSync():N2} ms";
        return new Origin(
            TimeProvider.System.GetUtcNow(),
            await CommitAsync(),
            machine,
            busy <= Quiet ? null : $"The machine was not quiet: others used {busy:P0} of the processors at the start.");
    }

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
        .Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Kernel() => $"{RuntimeInformation.OSDescription.Split('#')[0].Trim()}";

    private static double MemoryGib() =>
        (double)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024 * 1024);

    private static async Task<string> CommitAsync()
    {
        var commit = await GitAsync("rev-parse", "--short=10", "HEAD");
        var changes = await GitAsync("status", "--porcelain", "--", ":!tests/PayoutService.Benchmarks/results");
        return changes.Length == 0 ? commit : $"{commit}-changed";
    }

    private static async Task<string> GitAsync(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        var answer = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        return git.ExitCode == 0 ? answer.Trim() : "unknown";
    }
}
