using Npgsql;
using PayoutService.Development;
using PayoutService.Storage;

namespace PayoutService.Tests.Support;

/// <summary>
/// Fresh databases, each copied from one migrated template. The server is that of PAYOUTS_TEST_POSTGRES, else a
/// container when an engine answers, else a private cluster of the binaries installed here.
/// </summary>
internal static class TestDatabase
{
    private const string Template = "payouts_template";

    /// <summary>What the service runs as: it may not do what only the owner of the tables may.</summary>
    private static readonly ServiceRole Role = new("payout_service", "payout-service");

    private static readonly Lazy<Task<string>> Server = new(StartAsync);
    private static int made;

    /// <summary>Makes a database and answers how to connect to it.</summary>
    public static async Task<string> CreateAsync()
    {
        var server = await Server.Value;
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref made)}";
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE {Template}_{Environment.ProcessId}");
        return AsService(server, name);
    }

    /// <summary>Makes a database without any table, and answers how its owner connects.</summary>
    public static async Task<string> CreateEmptyAsync()
    {
        var server = await Server.Value;
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref made)}";
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    /// <summary>Makes a database that is as this one is now; nobody may be connected to it.</summary>
    public static async Task<string> CopyAsync(string connectionString)
    {
        var server = await Server.Value;
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref made)}";
        var original = new NpgsqlConnectionStringBuilder(connectionString).Database;

        // A template must have no connections, and the one that listens for wake-ups never ends by itself.
        await ExecuteAsync(
            server, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'");
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE {original}");
        return AsService(server, name);
    }

    /// <summary>How the owner of the tables connects to a database that the service uses.</summary>
    public static async Task<string> AsOwnerAsync(string connectionString)
    {
        var named = new NpgsqlConnectionStringBuilder(connectionString);
        if (named.Username != Role.Name)
        {
            return connectionString;
        }

        var owner = new NpgsqlConnectionStringBuilder(await Server.Value);
        (named.Username, named.Password) = (owner.Username, owner.Password);
        return named.ConnectionString;
    }

    /// <summary>Brings a database up to date, as its owner does, and gives the service's role its rights.</summary>
    public static async Task MigrateAsync(string owner)
    {
        await using var source = NpgsqlDataSource.Create(owner);
        await Migrating.RunAsync(source, Role, TimeProvider.System);
    }

    private static string AsService(string server, string database) => new NpgsqlConnectionStringBuilder(server)
    {
        Database = database,
        MaxPoolSize = 20,
        Username = Role.Name,
        Password = Role.Password,
    }.ConnectionString;

    /// <summary>Runs a statement on a database, as its owner would.</summary>
    public static async Task<int> ExecuteAsync(string connectionString, string sql)
    {
        var owner = new NpgsqlConnectionStringBuilder(await AsOwnerAsync(connectionString)) { Pooling = false };
        var builder = new NpgsqlDataSourceBuilder(owner.ConnectionString);

        // What types there are takes longer to ask than most statements do.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        await using var source = builder.Build();
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Locks the table of payouts until the connection is disposed: whatever reads or writes it
    /// waits.</summary>
    public static async Task<NpgsqlConnection> LockPayoutsAsync(string connectionString)
    {
        var owner = new NpgsqlConnectionStringBuilder(await AsOwnerAsync(connectionString)) { Pooling = false };
        var connection = new NpgsqlConnection(owner.ConnectionString);
        await connection.OpenAsync();
        await using var keep = new NpgsqlCommand("BEGIN; LOCK TABLE payouts IN ACCESS EXCLUSIVE MODE", connection);
        await keep.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Every value of every row, as text.</summary>
    public static async Task<string> DumpAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand("""
            SELECT string_agg(row_text, E'\n') FROM (
                SELECT payees::text FROM payees UNION ALL SELECT accounts::text FROM accounts
                UNION ALL SELECT payouts::text FROM payouts UNION ALL SELECT payout_events::text FROM payout_events
                UNION ALL SELECT notices::text FROM notices UNION ALL SELECT payors::text FROM payors
                UNION ALL SELECT refunds::text FROM refunds) AS rows (row_text)
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Every row of every table, as text.</summary>
    public static async Task<string> DumpAllAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var list = source.CreateCommand(
            "SELECT string_agg(format('SELECT t::text FROM %I.%I t', schemaname, tablename), ' UNION ALL ') "
            + "FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        var rows = (string)(await list.ExecuteScalarAsync())!;
        await using var dump = source.CreateCommand($"SELECT string_agg(row, E'\n') FROM ({rows}) AS rows (row)");
        return (string)(await dump.ExecuteScalarAsync())!;
    }

    private static async Task<string> StartAsync()
    {
        var server = await FindServerAsync();
        var template = $"{Template}_{Environment.ProcessId}";
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {template}");
        await ExecuteAsync(server, $"CREATE DATABASE {template}");
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = template, Pooling = false };
        await MigrateAsync(connection.ConnectionString);
        return server;
    }

    private static async Task<string> FindServerAsync()
    {
        if (Environment.GetEnvironmentVariable("PAYOUTS_TEST_POSTGRES") is { Length: > 0 } given)
        {
            Say("the server that PAYOUTS_TEST_POSTGRES names");
            return given;
        }

        var (container, whyNot) = await TestContainer.TryStartAsync();
        if (container is not null)
        {
            Say("a container (Testcontainers)");
            return container;
        }

        Say($"a private cluster of the binaries installed here ({whyNot})");
        await SweepAsync();
        var folder = FolderFor("server");
        var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return cluster.ConnectionString("postgres");
    }

    /// <summary>Where whoever started the tests sees it: `./test` prints the file at the end.</summary>
    private static void Say(string which)
    {
        if (Environment.GetEnvironmentVariable("PAYOUTS_TEST_SAYS") is { Length: > 0 } file)
        {
            File.WriteAllText(file, $"PostgreSQL of the tests: {which}{Environment.NewLine}");
        }
    }

    /// <summary>
    /// Where a private cluster of these tests is kept. The name ends with the process that owns it: a sweep must never
    /// take one that is in use.
    /// </summary>
    public static string FolderFor(string purpose) =>
        Path.Combine("/var/tmp", $"payout-tests-{purpose}-{Environment.ProcessId}");

    /// <summary>Test hosts are sometimes killed before they can clean up: the next one does.</summary>
    private static async Task SweepAsync()
    {
        foreach (var folder in Directory.GetDirectories("/var/tmp", "payout-tests-*"))
        {
            var owner = folder[(folder.LastIndexOf('-') + 1)..];
            if (Directory.Exists($"/proc/{owner}") || !File.Exists(Path.Combine(folder, "data", "PG_VERSION")))
            {
                continue;
            }

            await (await PrivatePostgres.StartAsync(folder, durable: false)).DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
