using System.Net;
using System.Net.Sockets;
using PayoutService.Development;

namespace PayoutService.Benchmarks.World;

/// <summary>All that is measured, on one machine: PostgreSQL, Pockyt's simulator, and the service as published.
/// </summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>The migrated database, with payees and accounts that the simulator knows. It is only copied.</summary>
    public const string Registered = "registered";

    /// <summary>The migrated database, with nothing in it. It is only copied.</summary>
    public const string Migrated = "migrated";

    private const string Where = "/var/tmp";
    private const string Prefix = "payout-bench-";

    private const int LastLines = 5;

    private readonly string folder;
    private ChildProcess? simulator;

    private Bench(string folder, Cluster postgres)
    {
        this.folder = folder;
        Postgres = postgres;
        Certificate = Certificate.Make(folder);
        Service = new Service(this);
    }

    public Cluster Postgres { get; }

    public Certificate Certificate { get; }

    public Service Service { get; }

    /// <summary>Who can be paid: ids of accounts.</summary>
    public IReadOnlyList<string> Accounts { get; private set; } = [];

    public int SimulatorPort { get; } = FreePort();

    public int SimulatorProcess => simulator?.Id ?? 0;

    /// <summary>What the simulator writes down of each call, addresses of notices included.</summary>
    public string SimulatorState => FileOf("simulator.jsonl");

    /// <summary>Starts PostgreSQL; whatever a bench that was killed left behind is removed.</summary>
    public static async Task<Bench> StartAsync()
    {
        await SweepAsync();
        var folder = Path.Combine(Where, $"{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        return new Bench(folder, await Cluster.StartAsync(Path.Combine(folder, "postgres")));
    }

    /// <summary>Starts the simulator, and makes the databases that are copied.</summary>
    /// <param name="payees">How many payees are registered, each with one account.</param>
    public async Task RegisterAsync(int payees)
    {
        await Postgres.CreateAsync(Migrated);
        await Service.MigrateAsync(Migrated);
        await Postgres.CreateAsync(Registered, Migrated);
        simulator = ChildProcess.Start(
            Published("simulator", "PockytSimulator.dll"),
            [
                $"--urls=https://127.0.0.1:{SimulatorPort}",
                "--Simulator:NoticeDelay=0",
                $"--Simulator:StateFile={SimulatorState}",
                .. Service.OtherAtTheSimulator,
            ],
            // Its state file is read while it runs, to sign notices.
            Certificate.Environment.Append(new("DOTNET_SYSTEM_IO_DISABLEFILELOCKING", "1")),
            FileOf("simulator.log"));
        await using var service = await Service.StartAsync(Registered, "api");
        Accounts = await Registering.RunAsync(service.Port, payees);
    }

    public string FileOf(string name) => Path.Combine(folder, name);

    /// <summary>A program as ./bench published it, beside this one.</summary>
    public static string Published(string name, string assembly) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", name, assembly));

    /// <summary>A database of a measure's own, which it may fill.</summary>
    public async Task<string> CopyAsync(string name, string template = Registered)
    {
        await Postgres.DropAsync(name);
        await Postgres.CreateAsync(name, template);
        return name;
    }

    /// <summary>Who may use the CPU while something is measured: a process that stays, or one that is started for it
    /// and ends with it.</summary>
    public Dictionary<string, Func<double>> Parts(int? measured) => new()
    {
        ["measured"] = () => measured is { } process
            ? Proc.CpuOf(process) : Proc.CpuOfEndedChildren(Environment.ProcessId),
        ["PostgreSQL"] = () => Proc.CpuOfFamily(Postgres.Process),
        ["simulator"] = () => Proc.CpuOf(SimulatorProcess),
        ["driver"] = () => Proc.CpuOf(Environment.ProcessId),
    };

    /// <summary>What the programs wrote last, for when something went wrong.</summary>
    public string LastWords { get; private set; } = "";

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.StopAllAsync();
        await Postgres.DisposeAsync();
        LastWords = string.Concat(Directory.GetFiles(folder, "*.log").Select(
            log => $"{Path.GetFileName(log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(LastLines))}\n"));
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A bench that was killed could not clean up: the next one does.</summary>
    private static async Task SweepAsync()
    {
        foreach (var left in Directory.GetDirectories(Where, $"{Prefix}*"))
        {
            if (Directory.Exists($"/proc/{left[(left.LastIndexOf('-') + 1)..]}"))
            {
                continue;
            }

            var cluster = Path.Combine(left, "postgres");
            if (File.Exists(Path.Combine(cluster, "data", "PG_VERSION")))
            {
                await (await PrivatePostgres.StartAsync(cluster, durable: true)).DisposeAsync();
            }

            Directory.Delete(left, recursive: true);
        }
    }
}
