using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PockytSimulator.Control;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Chaos;

/// <summary>Replicas of the service as processes of their own, PostgreSQL and Pockyt's simulator, with a gate on
/// every way between them. The simulator takes nothing for a repeat: whatever is sent twice is paid twice.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private readonly TimeSpan answersAfter;
    private int called;

    private ChaosCluster(CrashingPostgres postgres, WebApplication simulator, TimeSpan answersAfter)
    {
        this.answersAfter = answersAfter;
        Postgres = postgres;
        Simulator = simulator;
        var pockyt = new IPEndPoint(IPAddress.Loopback, new Uri(simulator.Urls.First()).Port);
        ToPockyt = new TcpProxy(() => pockyt);
        ToDatabase = new TcpProxy(() => postgres.Address);
        FromPockyt = new TcpProxy(NextReplica);
    }

    public CrashingPostgres Postgres { get; }

    public WebApplication Simulator { get; }

    public Ledger Book => Simulator.Services.GetRequiredService<Ledger>();

    public Faults Faults => Simulator.Services.GetRequiredService<Faults>();

    public TcpProxy ToPockyt { get; }

    public TcpProxy FromPockyt { get; }

    public TcpProxy ToDatabase { get; }

    public IReadOnlyList<Replica> Replicas { get; private set; } = [];

    /// <summary>The account that is paid to.</summary>
    public string AccountId { get; private set; } = "";

    /// <summary>Starts everything, and waits until all replicas serve.</summary>
    /// <param name="purpose">Names the database's folder.</param>
    /// <param name="answersAfter">How long Pockyt thinks: until then a send is on the wire, for the faults to strike.
    /// It gives notice only after that.</param>
    /// <param name="settings">Of the service.</param>
    public static async Task<ChaosCluster> StartAsync(string purpose, TimeSpan answersAfter, params string[] settings)
    {
        var simulator = PockytSimulator.Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Simulator:NoticeDelay"] = $"{2 * answersAfter}",
                ["Simulator:StartingBalance"] = "1000000000000.00",
                ["Simulator:RetryMinutes:0"] = "0.05",
                ["Simulator:RetryMinutes:1"] = "0.2",
                ["Simulator:RetryMinutes:2"] = "0.5",
            });
        });
        await simulator.StartAsync();

        var world = new ChaosCluster(await CrashingPostgres.StartAsync(purpose), simulator, answersAfter);
        world.Faults.Add(
            new FaultScript("pay", Times: 0, DelayMs: (int)answersAfter.TotalMilliseconds, Deduplicate: false));
        await world.StartReplicasAsync(settings);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        await EndReplicasAsync();
        await ToPockyt.DisposeAsync();
        await FromPockyt.DisposeAsync();
        await ToDatabase.DisposeAsync();
        await Postgres.DisposeAsync();
        await Simulator.DisposeAsync();
    }

    /// <summary>Ends the service: from then on nothing is sent any more.</summary>
    public async Task EndReplicasAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        Replicas = [];
    }

    /// <summary>Waits until so many sends are on the wire. On a machine too busy for so many it does not wait for ever.
    /// </summary>
    public async Task WhenOnTheWireAsync(int sends)
    {
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(20);)
        {
            var since = TimeProvider.System.GetUtcNow() - answersAfter;
            if (Book.Arrivals.Count(arrival => arrival.At > since) >= sends)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private async Task StartReplicasAsync(string[] settings)
    {
        var database = new NpgsqlConnectionStringBuilder(Postgres.ConnectionString)
        {
            Host = "127.0.0.1",
            Port = ToDatabase.Port,
            SslMode = SslMode.Disable,
            MaxPoolSize = 20,
        }.ConnectionString;
        Replica Start() => new(
            database,
            $"http://127.0.0.1:{ToPockyt.Port}",
            [
                $"--Pockyt:PublicUrl=http://127.0.0.1:{FromPockyt.Port}",
                "--Pockyt:BreakDuration=00:00:02",
                "--Payouts:PollInterval=00:00:00.200",
                "--Payouts:ReturnWatchDelays:0=00:00:02",
                "--Payouts:ReturnWatchDelays:1=00:00:10",
                "--Payouts:ReturnWatchDelays:2=01:00:00",
                "--Serilog:MinimumLevel:Default=Warning",
                "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Warning",
                .. settings,
            ]);

        Replicas = [.. Enumerable.Range(0, Proof.Size(full: 3, usual: 2)).Select(_ => Start())];
        foreach (var replica in Replicas)
        {
            await replica.WhenServesAsync();
        }

        AccountId = await Replicas[0].RegisterAsync();
    }

    /// <summary>Each connection that Pockyt makes goes to another replica.</summary>
    private IPEndPoint NextReplica() => new(
        IPAddress.Loopback,
        Replicas[(Interlocked.Increment(ref called) & int.MaxValue) % Replicas.Count].Address.Port);
}
