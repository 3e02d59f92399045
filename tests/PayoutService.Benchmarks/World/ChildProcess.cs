using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace PayoutService.Benchmarks.World;

/// <summary>One of our programs as a process of its own, its output in a file.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>A stop lets calls to Pockyt end, which may take 30 seconds.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    /// <summary>These tune the load driver for itself; what is measured must run as it runs in production.</summary>
    private static readonly string[] OfTheDriver = ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"];

    private static readonly ConcurrentDictionary<ChildProcess, byte> Running = [];

    private readonly Process process;
    private Task? stopping;

    private ChildProcess(Process process)
    {
        this.process = process;
        Running.TryAdd(this, 0);
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <param name="assembly">The program, as published.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What its environment has besides ours.</param>
    /// <param name="log">The file that takes its output. The shell hands it the file itself, as a container's runtime
    /// hands it a pipe, so that we do not spend time on reading it.</param>
    public static ChildProcess Start(
        string assembly,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>> environment,
        string log)
    {
        string[] command = ["-c", "exec \"$@\" >>\"$0\" 2>&1", log, "dotnet", assembly, .. arguments];
        var start = new ProcessStartInfo("/bin/sh", command)
        {
            WorkingDirectory = Path.GetDirectoryName(assembly),
        };
        foreach (var name in OfTheDriver)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Waits until it ends by itself and answers its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Stops whatever still runs, for when a run ends early.</summary>
    public static Task StopAllAsync() => Task.WhenAll(Running.Keys.Select(child => child.DisposeAsync().AsTask()));

    public ValueTask DisposeAsync()
    {
        lock (process)
        {
            stopping ??= StopAsync();
        }

        return new ValueTask(stopping);
    }

    private async Task StopAsync()
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(StopPatience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }

        Running.TryRemove(this, out _);
        process.Dispose();
    }
}
