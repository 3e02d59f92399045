using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payees;
using PayoutService.Storage.Payors;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Refunds;
using PayoutService.Storage.Reports;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage;

/// <summary>Connections to the database.</summary>
/// <param name="Service">As the service.</param>
/// <param name="Owner">As the role that owns its tables.</param>
/// <param name="BehindPooler">The service connects through a pooler such as PgBouncer, which may give each transaction
/// another session, and refuses start-up options.</param>
internal sealed record ConnectionStrings(string Service, string Owner, bool BehindPooler = false);

/// <summary>The one source of connections, and what stands on it.</summary>
internal static class StorageSetup
{
    /// <summary>More connections than this only queue in the database instead of here.</summary>
    private const int DefaultPoolSize = 40;

    /// <summary>The seconds that getting a connection may take. Npgsql waits as long once more when a statement took
    /// too long: it asks the server to cancel it, and a server that hangs does not answer that either.</summary>
    private const int DefaultTimeout = 1;

    /// <summary>The same for commands.</summary>
    private const int OwnerTimeout = 15;

    /// <summary>The seconds that a statement may take, a commit and its replication among them. Callers do not wait so
    /// long (<see cref="Patience"/>).</summary>
    private const int DefaultCommandTimeout = 10;

    public static void Add(IServiceCollection services, ConnectionStrings databases, byte[] fingerprintKey)
    {
        services.AddSingleton(databases).AddSingleton(
            _ => Open(databases.Service, databases.BehindPooler));
        services.AddPooledDbContextFactory<PayoutDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())
                .AddInterceptors(
                    new ReplicationGuard(), new Searches.TimeLimit(), new PreparedStatements(!databases.BehindPooler))
                .ConfigureWarnings(LogOnce));

        // The context that a request reads with.
        services.AddScoped(provider =>
        {
            var db = provider.GetRequiredService<IDbContextFactory<PayoutDb>>().CreateDbContext();
            db.Database.SetCommandTimeout(Patience.ReadingSeconds(provider.GetRequiredService<PayoutRules>()));
            return db;
        });
        services.AddSingleton<DatabaseClock>().AddSingleton<Searches>();
        services.AddSingleton<Witness>().AddSingleton<Readiness>().AddSingleton<Maintenance>();
        services.AddHostedService<WakeUpRelay>();
        AddStores(services);
        services.AddSingleton(provider => new Fingerprints(
            fingerprintKey,
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<PayoutRules>()));
    }

    /// <summary>Adds the stores: each writes its own tables.</summary>
    public static void AddStores(IServiceCollection services) => services
        .AddSingleton<PayoutStore>().AddSingleton<PayoutCreations>().AddSingleton<PayoutClaims>()
        .AddSingleton<PayoutReports>().AddSingleton<SendingStore>().AddSingleton<RestoreDetector>()
        .AddSingleton<PayeeStore>().AddSingleton<RefundStore>().AddSingleton<PayorStore>()
        .AddSingleton<FeedStore>().AddSingleton<FeedReader>().AddSingleton<WakeUps>()
        .AddSingleton<EndpointStore>().AddSingleton<DeliveryStore>().AddSingleton<RecoveryStore>()
        .AddSingleton<OperatorLog>().AddSingleton<CallLog>().AddSingleton<CallStore>().AddSingleton<VolumeStore>()
        .AddSingleton<ApprovalStore>().AddSingleton<ScreeningStore>().AddSingleton<BatchStore>();

    /// <summary>Callers log these failures; EF would log each once more.</summary>
    private static void LogOnce(WarningsConfigurationBuilder warnings) => warnings.Ignore(
        RelationalEventId.ConnectionError,
        RelationalEventId.TransactionError,
        CoreEventId.QueryIterationFailed,
        CoreEventId.SaveChangesFailed);

    /// <summary>Problems of a connection string: sentences that name the setting.</summary>
    public static IEnumerable<string> Problems(ConnectionStrings databases, bool development) =>
        Problems("ConnectionStrings:Payouts", databases.Service, development).Concat(
            databases.Owner == databases.Service
                ? [] : Problems("ConnectionStrings:Owner", databases.Owner, development));

    private static IEnumerable<string> Problems(string name, string connectionString, bool development)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Host?.Contains(',', StringComparison.Ordinal) is true
            && settings.TargetSessionAttributes?.ToLowerInvariant() is not ("primary" or "read-write"))
        {
            yield return $"{name} names several hosts: add Target Session Attributes=primary, or the "
                + "first one that answers is used, though it may be a standby.";
        }

        if (!development && settings.IncludeErrorDetail)
        {
            yield return $"{name} says Include Error Detail, which logs values of rows.";
        }

        if (!development && settings.SslMode is SslMode.Disable && !IsOnThisMachine(settings.Host))
        {
            yield return $"{name} says SSL Mode=Disable to another machine: names, e-mails and the "
                + "password would travel in clear.";
        }
    }

    private static bool IsOnThisMachine(string? host) => host is null or "localhost" || host.StartsWith('/')
        || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>Connects as the role that owns the tables, for commands: a person can wait, where a caller cannot.
    /// </summary>
    public static NpgsqlDataSource OpenOwner(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (!settings.ShouldSerialize("Timeout"))
        {
            settings.Timeout = OwnerTimeout;
        }

        return Open(settings.ConnectionString);
    }

    public static NpgsqlDataSource Open(string connectionString, bool behindPooler = false)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "payout-service" };
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = DefaultPoolSize;
        }

        if (!settings.ShouldSerialize("Timeout"))
        {
            settings.Timeout = DefaultTimeout;
        }

        if (!settings.ShouldSerialize("Command Timeout"))
        {
            settings.CommandTimeout = DefaultCommandTimeout;
        }

        // Else Npgsql asks PostgreSQL to cancel what took too long and goes on reading: a canceled wait for the
        // synchronous standby is answered with success. With -1 the connection is broken, and the commit in doubt.
        if (!settings.ShouldSerialize("Cancellation Timeout"))
        {
            settings.CancellationTimeout = -1;
        }

        // Else Npgsql opens a connection that broke while it was opened once more, and hands it out half disposed: what
        // is an outage would look like a fault of ours (npgsql/npgsql#6506).
        if (!settings.ShouldSerialize("GSS Encryption Mode"))
        {
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        // No connection keeps anything from one use to the next, and DISCARD ALL would throw away the plans by which
        // PostgreSQL checks foreign keys.
        settings.NoResetOnClose = true;

        // A pooler refuses them: there the role has these settings (ServiceRole).
        if (!behindPooler)
        {
            // Rows are found by their keys, many at once. By PostgreSQL's own estimate, made for disks that turn,
            // reading a whole table would often be cheaper.
            const string Seeking = "-c random_page_cost=1.1";

            // A statement with arrays is expected to find far more rows than it does, and PostgreSQL would compile it
            // each time it runs: that took a third of the processors of a machine that sends.
            const string NeverCompiling = "-c jit=off";

            // A commit that was answered must survive a crash, whatever the server's default is.
            settings.Options = $"{Seeking} {NeverCompiling} {settings.Options} -c synchronous_commit=on";
        }

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "payouts" };

        // Workers look for work all the time: what belongs to no trace does not begin one.
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandFilter(_ => Activity.Current is not null)
            .ConfigureBatchFilter(_ => Activity.Current is not null)
            .EnablePhysicalOpenTracing(false));
        return builder.Build();
    }
}
