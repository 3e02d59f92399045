using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Development;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Chaos;

/// <summary>A durable cluster of its own that is killed as <c>kill -9</c> does, the postmaster and all its children.
/// </summary>
internal sealed class CrashingPostgres : IAsyncDisposable
{
    private readonly string folder;
    private PrivatePostgres cluster;

    private CrashingPostgres(string folder, PrivatePostgres cluster)
    {
        this.folder = folder;
        this.cluster = cluster;
    }

    public string ConnectionString => cluster.ConnectionString("payouts");

    /// <summary>The socket that it listens on.</summary>
    public EndPoint Address => new UnixDomainSocketEndPoint(SocketFile);

    private string SocketFile =>
        Path.Combine(new NpgsqlConnectionStringBuilder(ConnectionString).Host!, ".s.PGSQL.5432");

    private string LockFile => Path.Combine(folder, "data", "postmaster.pid");

    /// <summary>Starts it, and makes the tables of the service.</summary>
    public static async Task<CrashingPostgres> StartAsync(string purpose)
    {
        var folder = TestDatabase.FolderFor(purpose);
        var cluster = await PrivatePostgres.StartAsync(folder, durable: true);
        await cluster.CreateDatabaseAsync("payouts");
        var postgres = new CrashingPostgres(folder, cluster);
        await using var source = StorageSetup.Open(postgres.ConnectionString);
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options);
        await db.Database.MigrateAsync();
        return postgres;
    }

    public async Task KillAsync()
    {
        var postmaster = int.Parse((await File.ReadAllLinesAsync(LockFile))[0], CultureInfo.InvariantCulture);

        // Halted first, so that it forks no child that would be missed.
        using (var halt = Process.Start("kill", ["-STOP", $"{postmaster}"]))
        {
            await halt.WaitForExitAsync();
        }

        var killed = ChildrenOf(postmaster).Append(postmaster).ToList();
        killed.ForEach(Kill);
        while (killed.Any(IsAlive))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        // Until somebody reaps it, a dead postmaster has its process id, and its locks would keep the next one out.
        File.Delete(LockFile);
        File.Delete($"{SocketFile}.lock");
    }

    /// <summary>Starts it again after a crash: it recovers what was committed.</summary>
    public async Task RecoverAsync() => cluster = await PrivatePostgres.StartAsync(folder, durable: true);

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself meanwhile.
        }
    }

    private static List<int> ChildrenOf(int parent) =>
    [
        .. from folder in Directory.GetDirectories("/proc")
           let pid = int.TryParse(Path.GetFileName(folder), out var number) ? number : 0
           where pid > 0 && StatOf(pid) is [_, var of] && of == $"{parent}"
           select pid,
    ];

    private static bool IsAlive(int pid) => StatOf(pid) is [not ("Z" or "X"), _];

    /// <summary>State and parent of a process; null when there is none.</summary>
    private static string[]? StatOf(int pid)
    {
        try
        {
            // Both stand behind the name, which is in parentheses and may contain anything.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[..2];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
