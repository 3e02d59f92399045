using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PayoutService.Development;

namespace PayoutService.Benchmarks.World;

/// <summary>PostgreSQL for the run, durable as in production, and the databases in it.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>What differs from PostgreSQL's defaults: memory as anybody would give it, and no checkpoint by itself
    /// within a round, because one round with a checkpoint and one without cannot be compared.</summary>
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "16GB",
        ["checkpoint_timeout"] = "1h",
    };

    private static readonly string[] MustBeOn = ["fsync", "synchronous_commit", "full_page_writes"];

    private readonly string folder;
    private readonly PrivatePostgres postgres;

    private Cluster(string folder, PrivatePostgres postgres, int process, string version)
    {
        this.folder = folder;
        this.postgres = postgres;
        Process = process;
        Version = version;
    }

    /// <summary>The server's own process, whose children are the connections.</summary>
    public int Process { get; }

    public string Version { get; }

    public static async Task<Cluster> StartAsync(string folder)
    {
        var first = await PrivatePostgres.StartAsync(folder, durable: true);
        foreach (var (name, value) in Settings)
        {
            await ExecuteAsync(first.ConnectionString("postgres"), $"ALTER SYSTEM SET {name} = '{value}'");
        }

        await first.DisposeAsync();
        var postgres = await PrivatePostgres.StartAsync(folder, durable: true);
        var server = postgres.ConnectionString("postgres");
        foreach (var name in MustBeOn)
        {
            if (await ReadAsync<string>(server, $"SHOW {name}") is not "on")
            {
                throw new InvalidOperationException($"PostgreSQL runs with {name} off: what it measures is not true.");
            }
        }

        var processFile = Path.Combine(folder, "data", "postmaster.pid");
        var process = int.Parse((await File.ReadAllLinesAsync(processFile))[0], CultureInfo.InvariantCulture);
        return new Cluster(folder, postgres, process, await ReadAsync<string>(server, "SHOW server_version"));
    }

    /// <summary>How to connect.</summary>
    public string To(string database) => postgres.ConnectionString(database);

    /// <summary>Its socket's folder, for PostgreSQL's own tools.</summary>
    public string Host => new NpgsqlConnectionStringBuilder(To("postgres")).Host!;

    /// <summary>What the server wrote.</summary>
    public string Log => Path.Combine(folder, "postgres.log");

    /// <summary>One of the tools that come with the server.</summary>
    public static string Tool(string name)
    {
        var path = Path.Combine(PrivatePostgres.FindBinaries(), name);
        return File.Exists(path) ? path : throw new InvalidOperationException(
            $"{name} is missing beside PostgreSQL's other programs: install the whole server package.");
    }

    public async Task CreateAsync(string database, string template = "template1")
    {
        await ExecuteAsync(To("postgres"), $"CREATE DATABASE {database} TEMPLATE {template}");

        // What the copy wrote is on disk before anybody is measured.
        await CheckpointAsync();
    }

    public Task DropAsync(string database) =>
        ExecuteAsync(To("postgres"), $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");

    /// <summary>Everybody begins with nothing left to write.</summary>
    public Task CheckpointAsync() => ExecuteAsync(To("postgres"), "CHECKPOINT");

    public Task RunAsync(string database, string sql) => ExecuteAsync(To(database), sql);

    public Task<T> AskAsync<T>(string database, string sql) => ReadAsync<T>(To(database), sql);

    /// <summary>The texts that a query answers.</summary>
    public async Task<HashSet<string>> ListAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(Single(To(database)));
        await using var command = source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        HashSet<string> texts = [];
        while (await rows.ReadAsync())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    public async ValueTask DisposeAsync() => await postgres.DisposeAsync();

    /// <summary>The time that the disk takes to make 8 KiB durable, in milliseconds: the median of many.</summary>
    public double MeasureSync()
    {
        const int Times = 200;
        var path = Path.Combine(folder, "sync");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        var page = new byte[8 * 1024];
        var took = new double[Times];
        for (var time = 0; time < Times; time++)
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, page, 0);
            RandomAccess.FlushToDisk(file);
            took[time] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        return took.Order().ElementAt(Times / 2);
    }

    private static async Task ExecuteAsync(string to, string sql)
    {
        await using var source = NpgsqlDataSource.Create(Single(to));
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ReadAsync<T>(string to, string sql)
    {
        await using var source = NpgsqlDataSource.Create(Single(to));
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static string Single(string to) =>
        new NpgsqlConnectionStringBuilder(to) { Pooling = false }.ConnectionString;
}
