using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Tests.Chaos;
using PayoutService.Tests.Support;
using PockytSimulator.Control;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Failover;

/// <summary>Three replicas of the service, started at once on an empty database of the cluster, which each reaches in
/// its way, and Pockyt's simulator, which takes nothing for a repeat.</summary>
internal sealed class FailoverWorld : IAsyncDisposable
{
    public static readonly string[] Ways = ["haproxy", "hosts", "transaction"];

    /// <summary>The time by which every payout has ended, after the last fault.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly WebApplication simulator;
    private readonly List<Task> ended = [];

    private FailoverWorld(HaCluster cluster, WebApplication simulator)
    {
        Cluster = cluster;
        this.simulator = simulator;
    }

    public HaCluster Cluster { get; }

    public IReadOnlyList<ServiceProcess> Replicas { get; private set; } = [];

    public Callers Callers { get; private set; } = null!;

    public Ledger Book => simulator.Services.GetRequiredService<Ledger>();

    public static async Task<FailoverWorld> StartAsync(bool strict)
    {
        var simulator = PockytSimulator.Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Simulator:NoticeDelay"] = "00:00:00.500",
                ["Simulator:StartingBalance"] = "1000000000000.00",
            });
        });
        await simulator.StartAsync();
        simulator.Services.GetRequiredService<Faults>().Add(
            new FaultScript("pay", Times: 0, DelayMs: 100, Deduplicate: false));
        var world = new FailoverWorld(await HaCluster.StartAsync(strict), simulator);
        try
        {
            await world.StartReplicasAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Strikes while payouts are accepted, waits until each replica accepts again, heals, and waits until the
    /// cluster is whole.</summary>
    /// <param name="name">What is done, for the table.</param>
    /// <param name="strike">Does it.</param>
    /// <param name="heal">Undoes it.</param>
    public async Task<Outage> StrikeAsync(string name, Func<Task> strike, Func<Task> heal)
    {
        await Cluster.WhenWholeAsync();
        await Task.Delay(Outage.Window, TimeProvider.System);
        var at = TimeProvider.System.GetUtcNow();
        await strike();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(2);)
        {
            // What was accepted at once, before the change was noticed, is no end of it.
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            if (waited.Elapsed > Outage.Window && Outage.IsOver(Callers.Calls, at, Replicas.Count))
            {
                break;
            }
        }

        await heal();
        await Cluster.WhenWholeAsync();
        var whole = TimeProvider.System.GetUtcNow();
        await Task.Delay(Outage.Window, TimeProvider.System);
        return new Outage(name, at, whole);
    }

    /// <summary>Kills the node of the primary, and starts it again.</summary>
    public async Task<Outage> KillPrimaryAsync()
    {
        var node = "";
        return await StrikeAsync(
            "primary killed",
            async () =>
            {
                node = await Cluster.RunAsync("primary");
                await Cluster.RunAsync("kill", node);
            },
            () => Cluster.RunAsync("start", node));
    }

    /// <summary>Ends the callers, and waits until every payout has ended as the ledger says.</summary>
    public async Task<(ConsistencyCheck Check, TimeSpan Took)> AtRestAsync()
    {
        var waited = Stopwatch.StartNew();
        await Callers.EndAsync().WaitAsync(Patience);
        var rest = await ConsistencyCheck.AtRestAsync(Cluster.Owner, Book, Callers.Accepted, Patience, waited);
        return (await ConsistencyCheck.OfAsync(Cluster.Owner, Book, Callers.Accepted), rest);
    }

    /// <summary>The number of pauses that stop sending.</summary>
    public Task<int> PausesAsync() => CountAsync("SELECT count(*) FROM pauses");

    /// <summary>What the service made of each change of primary, one a line.</summary>
    public Task<string> RestoresAsync() => Cluster.RunAsync(
        "sql", "SELECT coalesce(string_agg(no || ': ' || reason, E'\\n' ORDER BY no), '') FROM restores", "payouts");

    /// <summary>The number that a statement counts.</summary>
    public async Task<int> CountAsync(string sql) =>
        int.Parse(await Cluster.RunAsync("sql", sql, "payouts"), CultureInfo.InvariantCulture);

    /// <summary>The number of processes that ended by themselves.</summary>
    public int Ended => ended.Count(one => one.IsCompleted);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            replica.Dispose();
        }

        Callers?.Dispose();
        await Cluster.DisposeAsync();
        await simulator.DisposeAsync();
    }

    private async Task StartReplicasAsync()
    {
        List<ServiceProcess> replicas = [];
        foreach (var way in Ways)
        {
            replicas.Add(new ServiceProcess(
                await Cluster.RunAsync("connection", way),
                simulator.Urls.First(),
                $"--ConnectionStrings:Owner={Cluster.Owner}",
                $"--Database:BehindPooler={way is "transaction"}",
                "--Pockyt:Timeout=00:00:05",
                "--Payouts:Lease=00:00:30",
                "--Payouts:ResendNotSeenSpan=00:00:10",
                "--Payouts:PollInterval=00:00:00.250",
                "--Payouts:ReturnWatchDelays:0=00:00:05",
                "--Payouts:ReturnWatchDelays:1=01:00:00",
                "--Serilog:MinimumLevel:Default=Warning",
                "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Warning"));
        }

        Replicas = replicas;
        replicas.ForEach(replica => replica.Launch());
        ended.AddRange(replicas.Select(replica => replica.WhenEndedAsync(CancellationToken.None)));
        foreach (var replica in replicas)
        {
            for (var patience = Stopwatch.StartNew(); !await replica.AnswersAsync("/health/ready");)
            {
                Assert.True(
                    Ended == 0 && patience.Elapsed < TimeSpan.FromMinutes(2),
                    $"A replica does not come up. {string.Join('\n', replicas.SelectMany(one => one.Log.Take(20)))}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }

        Callers = new Callers(replicas, await RegisterAsync(replicas[0]));

        // The first calls of a new process compile it.
        await Task.Delay(Outage.Window, TimeProvider.System);
        Callers.Calls.Clear();
    }

    /// <summary>On a busy machine the first calls may take longer than their time-out. Then the account is not active
    /// before the lease of that call has ended and the call is repeated.</summary>
    private async Task<string> RegisterAsync(ServiceProcess replica)
    {
        for (var patience = Stopwatch.StartNew(); ;)
        {
            try
            {
                var account = await replica.RegisterAsync();
                if (await CountAsync("SELECT count(*) FROM accounts WHERE status = 'active'") == 1)
                {
                    return account;
                }
            }
            catch (Exception slow) when (slow is HttpRequestException or OperationCanceledException)
            {
            }

            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(3), "The account does not become active.");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }
}
