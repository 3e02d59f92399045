using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;

namespace PayoutService.Tests.Support;

/// <summary>A PgBouncer in front of a database, which gives each transaction any of three sessions, or each client one.
/// </summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>It refuses to run as root, as PostgreSQL does.</summary>
    private const string ServerUser = "postgres";

    private readonly string folder = TestDatabase.FolderFor($"pgbouncer-{Ports.Take()}");
    private readonly Process process;

    private PgBouncer(string database, string mode)
    {
        var (server, port) = (new NpgsqlConnectionStringBuilder(database), Ports.Take());
        Directory.CreateDirectory(folder);
        var settings = Path.Combine(folder, "pgbouncer.ini");
        File.WriteAllText(settings, $"""
            [databases]
            {server.Database} = host={server.Host} port={server.Port} user={server.Username} password={server.Password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = {(mode == "session" ? 40 : 3)}
            query_wait_timeout = 5
            server_login_retry = 1
            """);
        ConnectionString = new NpgsqlConnectionStringBuilder(database)
        {
            Host = "127.0.0.1",
            Port = port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        var start = new ProcessStartInfo(FindProgram(), ["-q", settings]);
        if (Environment.IsPrivilegedProcess)
        {
            start.UserName = ServerUser;
        }

        process = Process.Start(start)!;
    }

    /// <summary>How to connect through it.</summary>
    public string ConnectionString { get; }

    public static async Task<PgBouncer> StartAsync(string database, string mode)
    {
        var pooler = new PgBouncer(database, mode);
        var port = new NpgsqlConnectionStringBuilder(pooler.ConnectionString).Port;
        for (var patience = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", port);
                return pooler;
            }
            catch (SocketException) when (patience.Elapsed < TimeSpan.FromSeconds(10))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string FindProgram()
    {
        string[] places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer",
            "/usr/local/bin/pgbouncer"];
        return places.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("No pgbouncer was found: ./run install-tests installs it.");
    }
}
