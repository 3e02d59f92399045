using System.Diagnostics;
using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Baselines;

/// <summary>pgbench: what PostgreSQL does on this machine with nobody in front of it. Each client works with numbers of
/// its own, so that every transaction is about another row.</summary>
internal sealed class PgBench(Cluster postgres, string log)
{
    private long next = 1;

    /// <summary>Runs for so long.</summary>
    /// <param name="database">Where.</param>
    /// <param name="script">One transaction, a file of Baselines/Scripts.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="time">How long.</param>
    /// <param name="accounts">How many accounts there are.</param>
    public async Task<LoadResult> RunAsync(string database, string script, int clients, TimeSpan time, int accounts)
    {
        var seconds = Math.Max(1, (int)Math.Round(time.TotalSeconds));
        var load = await RunAsync(database, script, clients, accounts, "-T", seconds);

        // No client gets further than all did together.
        next += clients * (load.Total + 1);
        return load;
    }

    /// <summary>Runs so many transactions a client: their numbers follow each other without a gap.</summary>
    public async Task<LoadResult> CountAsync(
        string database, string script, int clients, int transactions, int accounts)
    {
        var load = await RunAsync(database, script, clients, accounts, "-t", transactions);
        next += load.Total;
        return load;
    }

    private async Task<LoadResult> RunAsync(
        string database, string script, int clients, int accounts, string limit, int howMuch)
    {
        var prefix = $"{log}-{Text(next)}";
        string[] arguments =
        [
            "-n", "-M", "prepared", "-h", postgres.Host, "-U", "payouts",
            "-c", Text(clients), "-j", Text(Math.Min(clients, Environment.ProcessorCount)), limit, Text(howMuch),
            "-f", Path.Combine(AppContext.BaseDirectory, "Baselines", "Scripts", script),
            "-D", $"first={Text(next)}", "-D", "n=-1", "-D", $"clients={Text(clients)}",
            "-D", $"accounts={Text(accounts)}",
            "-l", "--log-prefix", prefix, database,
        ];
        var output = await RunAsync(arguments);
        double[] latencies = [.. Latencies(prefix)];
        Array.Sort(latencies);
        if (Number(output, "number of failed transactions: ") != 0)
        {
            throw new InvalidOperationException($"Transactions of {script} failed:\n{output}");
        }

        return new LoadResult(
            latencies.Length / Number(output, "tps = "), latencies.Length,
            new Dictionary<int, long>(), latencies);
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Cluster.Tool("pgbench"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // What the service asks of its connections.
            Environment = { ["PGOPTIONS"] = "-c random_page_cost=1.1 -c jit=off" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException(
            $"pgbench failed ({process.ExitCode}): {await errors}\n{await output}");
    }

    /// <summary>Every transaction's time, from the files that pgbench writes, one a thread.</summary>
    private static IEnumerable<double> Latencies(string prefix)
    {
        const int Microseconds = 2;
        var files = Directory.GetFiles(Path.GetDirectoryName(prefix)!, $"{Path.GetFileName(prefix)}.*");
        foreach (var line in files.SelectMany(File.ReadLines))
        {
            yield return double.Parse(line.Split(' ')[Microseconds], CultureInfo.InvariantCulture) / 1000;
        }

        foreach (var file in files)
        {
            File.Delete(file);
        }
    }

    private static double Number(string output, string before)
    {
        var from = output.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var to = output.IndexOfAny([' ', '\n'], from);
        return double.Parse(output.AsSpan(from, to - from), CultureInfo.InvariantCulture);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
