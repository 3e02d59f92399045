using System.Diagnostics;
using System.Text;
using Npgsql;

namespace PayoutService.Development;

/// <summary>
/// A PostgreSQL cluster of one's own, from the binaries installed on this machine: for Development and for tests, never
/// for Production. It listens on a socket only. Whatever a crash left behind in its folder is taken over.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>The server refuses to run as root; Debian's package brings this user.</summary>
    private const string ServerUser = "postgres";

    /// <summary>The longest path of a socket, by the operating system.</summary>
    private const int MaxSocketPath = 107;

    private const string SocketName = "/.s.PGSQL.5432";

    private readonly string binaries;
    private readonly string folder;
    private readonly bool durable;

    private PrivatePostgres(string binaries, string folder, bool durable)
    {
        this.binaries = binaries;
        this.folder = folder;
        this.durable = durable;
    }

    private string Data => Path.Combine(folder, "data");

    /// <summary>In a folder that only its owner may enter: PostgreSQL trusts every user of the socket.</summary>
    private string Socket => Path.Combine(folder, "socket");

    /// <summary>Starts the cluster in a folder, making it when there is none, or finds it running.</summary>
    /// <param name="folder">Where the cluster keeps its data; made if missing.</param>
    /// <param name="durable">False for tests: a power cut may lose data, a killed process may not.</param>
    public static async Task<PrivatePostgres> StartAsync(string folder, bool durable)
    {
        var postgres = new PrivatePostgres(FindBinaries(), Path.GetFullPath(folder), durable);
        if (Encoding.UTF8.GetByteCount(postgres.Socket) + SocketName.Length > MaxSocketPath)
        {
            throw new InvalidOperationException(
                $"The path {postgres.folder} is too long for PostgreSQL's socket: name a shorter state folder in "
                + "PAYOUTS_STATE.");
        }

        MakePrivate(postgres.folder);
        MakePrivate(postgres.Socket);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["-h", ServerUser, postgres.folder, postgres.Socket], asServerUser: false);
        }

        if (!File.Exists(Path.Combine(postgres.Data, "PG_VERSION")))
        {
            await postgres.ToolAsync(
                "initdb",
                ["-D", postgres.Data, "-U", "payouts", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync"]);
        }

        if (!await postgres.IsRunningAsync())
        {
            // Tests make hundreds of small databases: a process that vacuums each would only cost time.
            var options = $"-c listen_addresses='' -c unix_socket_directories='{postgres.Socket}' "
                + "-c max_connections=300"
                + (durable ? "" : " -c fsync=off -c full_page_writes=off -c autovacuum=off");
            await postgres.ToolAsync(
                "pg_ctl",
                [
                    "-D", postgres.Data, "-w",
                    "-l", Path.Combine(postgres.folder, "postgres.log"),
                    "-o", options, "start",
                ]);
        }

        return postgres;
    }

    /// <summary>The connection string of a database of the cluster.</summary>
    public string ConnectionString(string database, string role = "payouts") =>
        new NpgsqlConnectionStringBuilder { Host = Socket, Username = role, Database = database }.ConnectionString;

    /// <summary>Makes a database unless it exists.</summary>
    public async Task CreateDatabaseAsync(string database, string template = "template1")
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(database);
        if (await exists.ExecuteScalarAsync() is null)
        {
            await using var create = source.CreateCommand($"CREATE DATABASE \"{database}\" TEMPLATE \"{template}\"");
            await create.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Stops the cluster; its data stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (await IsRunningAsync())
        {
            await ToolAsync("pg_ctl", ["-D", Data, "-m", durable ? "fast" : "immediate", "-w", "stop"]);
        }
    }

    /// <summary>Makes a folder that only its owner may enter. A link could lead to what is somebody else's.</summary>
    private static void MakePrivate(string path)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (new DirectoryInfo(path).LinkTarget is not null)
        {
            throw new InvalidOperationException($"{path} is a link: remove it, or name another state folder in "
                + "PAYOUTS_STATE.");
        }

        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private async Task<bool> IsRunningAsync() =>
        await TryToolAsync("pg_ctl", ["-D", Data, "status"]) is (0, _);

    internal static string FindBinaries()
    {
        string?[] places =
        [
            Environment.GetEnvironmentVariable("PAYOUTS_POSTGRES_BIN"),
            .. Versions("/usr/lib/postgresql"),
            .. Versions("/opt/homebrew/opt"),
            .. Versions("/usr/local/opt"),
            "/usr/local/bin",
            "/usr/bin",
        ];
        return places.FirstOrDefault(place => place is not null && File.Exists(Path.Combine(place, "initdb")))
            ?? throw new InvalidOperationException(
                "No PostgreSQL server was found. Install one (apt-get install postgresql), name its folder in "
                + "PAYOUTS_POSTGRES_BIN, or set ConnectionStrings__Payouts to a database of yours.");

        static IEnumerable<string> Versions(string root) => Directory.Exists(root)
            ? Directory.GetDirectories(root)
                .Order(StringComparer.Ordinal)
                .Reverse()
                .Select(path => Path.Combine(path, "bin"))
            : [];
    }

    private async Task ToolAsync(string tool, string[] arguments)
    {
        var (code, output) = await TryToolAsync(tool, arguments);
        if (code != 0)
        {
            throw new InvalidOperationException($"{tool} failed ({code}): {output}");
        }
    }

    private Task<(int Code, string Output)> TryToolAsync(string tool, string[] arguments) =>
        RunAsync(Path.Combine(binaries, tool), arguments, asServerUser: Environment.IsPrivilegedProcess);

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, bool asServerUser)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (asServerUser)
        {
            start.UserName = ServerUser;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();

        // The server itself writes to its log file, so both pipes end with the tool.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
