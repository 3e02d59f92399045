namespace PayoutService.Benchmarks.World;

/// <summary>Who used the CPU during a run, in cores: 1.0 is one core all the time.</summary>
internal sealed record Usage(IReadOnlyDictionary<string, double> Cores, double PeakMib)
{
    public const string Others = "others";

    public double Of(string part) => Cores.GetValueOrDefault(part);
}

/// <summary>Measures who uses the CPU, and the memory of one process, while something runs.</summary>
/// <param name="parts">The parts of the bench, and the seconds of CPU each has used so far.</param>
internal sealed class Meter(IReadOnlyDictionary<string, Func<double>> parts)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs something and measures meanwhile.</summary>
    /// <param name="watched">The process whose memory is of interest, if any.</param>
    /// <param name="run">What is measured.</param>
    public async Task<Usage> WatchAsync(int? watched, Func<Task> run)
    {
        var (before, machine) = (Read(), Proc.BusyOfMachine());
        using var stop = new CancellationTokenSource();
        var peak = WatchMemoryAsync(watched, stop.Token);
        var began = TimeProvider.System.GetTimestamp();
        await run();
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        var cores = Read().ToDictionary(part => part.Key, part => (part.Value - before[part.Key]) / seconds);
        var all = (Proc.BusyOfMachine() - machine) / seconds;
        cores[Usage.Others] = Math.Max(0, all - cores.Values.Sum());
        return new Usage(cores, await peak);
    }

    private Dictionary<string, double> Read() => parts.ToDictionary(part => part.Key, part => part.Value());

    private static async Task<double> WatchMemoryAsync(int? watched, CancellationToken stop)
    {
        var peak = 0.0;
        while (watched is { } process && !stop.IsCancellationRequested)
        {
            peak = Math.Max(peak, Proc.ResidentMib(process));
            await Task.Delay(Interval, TimeProvider.System, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return peak;
    }
}
