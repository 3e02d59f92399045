using System.Diagnostics;
using Npgsql;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Failover;

/// <summary>Three PostgreSQL nodes under Patroni: deploy/postgres-ha/cluster.sh.</summary>
internal sealed class HaCluster(bool strict) : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(Repository.Root, "deploy", "postgres-ha", "cluster.sh");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>As the role that owns the tables, through HAProxy.</summary>
    public string Owner { get; private set; } = "";

    public static async Task<HaCluster> StartAsync(bool strict)
    {
        var cluster = new HaCluster(strict);
        await cluster.RunAsync("down");
        await cluster.RunAsync("up");
        cluster.Owner = new NpgsqlConnectionStringBuilder(await cluster.RunAsync("connection", "haproxy"))
        {
            Username = "payout_owner",
            Password = "payout_owner",

            // Three processes that begin at once keep a small machine busy.
            Timeout = 30,
        }.ConnectionString;
        return cluster;
    }

    /// <summary>Runs a command of the script, and answers what it printed.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        // Its output goes to a file: what it starts inherits it, and would keep a pipe open.
        var output = Path.GetTempFileName();
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$0\" \"$@\" >\"$OUTPUT\" 2>&1", Script, .. command])
        {
            Environment =
            {
                ["OUTPUT"] = output,
                ["PAYOUTS_HA_DIR"] = Given("PAYOUTS_HA_DIR") ?? "/var/tmp/payouts-failover",
                ["PAYOUTS_HA_PORT"] = Given("PAYOUTS_HA_PORT") ?? "17000",
                ["PAYOUTS_HA_SUBNET"] = Given("PAYOUTS_HA_SUBNET") ?? "10.215.78",
                ["PAYOUTS_HA_STRICT"] = strict ? "true" : "false",
            },
        };
        using var process = Process.Start(start)!;
        using var enough = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(enough.Token);
        var text = (await File.ReadAllTextAsync(output)).Trim();
        File.Delete(output);
        return process.ExitCode == 0
            ? text : throw new InvalidOperationException($"cluster.sh {string.Join(' ', command)}: {text}");
    }

    /// <summary>Waits until all nodes run and a synchronous standby is confirmed; a node that does not find back after
    /// a change of primary is copied anew.</summary>
    public async Task WhenWholeAsync()
    {
        try
        {
            await RunAsync("wait", "90");
        }
        catch (InvalidOperationException)
        {
            var primary = await RunAsync("primary");
            foreach (var node in new[] { "1", "2", "3" }.Except([primary]))
            {
                await RunAsync("reinit", node);
            }

            await RunAsync("wait", "120");
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("down");

    /// <summary>Two runs at once need clusters of their own.</summary>
    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable);
}
