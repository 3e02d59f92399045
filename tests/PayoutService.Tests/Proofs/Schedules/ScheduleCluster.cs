using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;
using PayoutService.Tests.Support;
using PayoutService.Views;
using PockytSimulator;
using PockytSimulator.Control;
using PockytSimulator.Notices;
using PockytSimulator.Payees;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>Where a payout of a schedule is paid.</summary>
internal sealed record Destination(string Currency, string AccountId);

/// <summary>
/// A database, a Pockyt and two replicas, all real, in a time of their own. Schedules run in it one after the other,
/// each on empty tables; two worlds share nothing, so they may run side by side.
/// </summary>
internal sealed class ScheduleCluster : IAsyncDisposable
{
    /// <summary>The database's clock is the world's: the service compares its own with it before it claims. A sequence
    /// keeps it, because setting one leaves no old rows behind and waits for nobody.</summary>
    private const string OwnClock = """
        CREATE SCHEMA turned;
        CREATE UNLOGGED SEQUENCE turned.clock;
        CREATE FUNCTION turned.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT 'epoch'::timestamptz + last_value * '1 microsecond'::interval FROM turned.clock $$;
        """;

    /// <summary>PostgreSQL names its timeline in the names of its files: a sequence keeps ours, and a failover raises
    /// it. A second schema keeps the rows of the moment to which the database may go back.</summary>
    private const string OwnPast = """
        CREATE UNLOGGED SEQUENCE turned.timeline;
        CREATE FUNCTION turned.pg_walfile_name(lsn pg_lsn) RETURNS text LANGUAGE sql VOLATILE
            AS $$ SELECT lpad(to_hex(last_value), 8, '0') || substr(pg_catalog.pg_walfile_name(lsn), 9)
                FROM turned.timeline $$;
        CREATE SCHEMA backup;
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> '__EFMigrationsHistory' LOOP
                EXECUTE format('CREATE UNLOGGED TABLE backup.%I (LIKE public.%1$I)', name);
            END LOOP;
        END $$;
        CREATE FUNCTION turned.copy(source text, target text) RETURNS void LANGUAGE plpgsql
            SET session_replication_role = replica AS $$
        DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'backup' ORDER BY tablename LOOP
                EXECUTE format('DELETE FROM %I.%I', target, name);
                EXECUTE format('INSERT INTO %I.%I SELECT * FROM %I.%2$I', target, name, source);
            END LOOP;
        END $$;
        INSERT INTO restores (no, at, is_lossy, marker, timeline, reason)
            VALUES (1, '2000-01-01', false, '0', '00000001', 'Used before.');
        GRANT USAGE ON SCHEMA turned TO PUBLIC;
        GRANT SELECT ON ALL SEQUENCES IN SCHEMA turned TO PUBLIC;
        """;

    private const string Empty = """
        SET session_replication_role = replica;
        DELETE FROM payout_events; DELETE FROM notices; DELETE FROM pauses; DELETE FROM approvals;
        DELETE FROM screenings;
        DELETE FROM payouts; DELETE FROM refunds;
        DELETE FROM replicas; DELETE FROM restore_clearances; DELETE FROM restores WHERE no > 1;
        SELECT setval('turned.timeline', 1);
        SET session_replication_role = origin;
        """;

    private readonly WebApplication simulator;
    private readonly NpgsqlDataSource side;
    private readonly DbContextOptions<PayoutDb> model;
    private int runs;

    private ScheduleCluster(
        WebApplication simulator, NpgsqlDataSource side, MessageInterceptor turnstile, VirtualClock time)
    {
        this.simulator = simulator;
        this.side = side;
        Turnstile = turnstile;
        Time = time;
        model = new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(side).Options;
    }

    public MessageInterceptor Turnstile { get; }

    public VirtualClock Time { get; }

    public IReadOnlyList<Replica> Replicas { get; private set; } = [];

    public IReadOnlyList<Destination> Destinations { get; private set; } = [];

    public Ledger Book => simulator.Services.GetRequiredService<Ledger>();

    public Transactions Transactions => simulator.Services.GetRequiredService<Transactions>();

    public Balances Balances => simulator.Services.GetRequiredService<Balances>();

    public Faults Faults => simulator.Services.GetRequiredService<Faults>();

    /// <summary>Whom the replicas ask about payees and accounts; null: nobody.</summary>
    public ScreeningServer? Screening { get; private set; }

    public NoticeFactory Notices => simulator.Services.GetRequiredService<NoticeFactory>();

    public NoticeSender NoticeSender => simulator.Services.GetRequiredService<NoticeSender>();

    public SimulatorSettings Pockyt => simulator.Services.GetRequiredService<SimulatorSettings>();

    /// <param name="screens">Payees and accounts are screened.</param>
    public static async Task<ScheduleCluster> CreateAsync(bool screens = false)
    {
        var turnstile = new MessageInterceptor();
        var time = new VirtualClock(turnstile);
        var simulator = Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(time);
        });
        await simulator.StartAsync();
        var connectionString = await TestDatabase.CreateAsync();
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await TestDatabase.ExecuteAsync(connectionString, OwnClock + OwnPast);
        await TestDatabase.ExecuteAsync(
            connectionString, $"ALTER DATABASE {name} SET search_path = turned, pg_catalog, public");
        var side = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(connectionString));
        var world = new ScheduleCluster(simulator, side, turnstile, time);
        var pockyt = new Uri(simulator.Urls.First()).Port;
        world.Screening = screens ? new ScreeningServer() : null;
        var port = world.Screening?.Port;
        world.Replicas =
        [
            await Replica.CreateAsync("A", connectionString, pockyt, port, ClockOf(1), turnstile),
            await Replica.CreateAsync("B", connectionString, pockyt, port, ClockOf(2), turnstile),
        ];
        await world.TellDatabaseAsync();
        world.Destinations = await world.RegisterAsync();
        return world;

        ReplicaClock ClockOf(int number) => new(time, TimeSpan.FromMilliseconds(number));
    }

    /// <summary>Empty tables, a full balance, and the time at which every schedule begins.</summary>
    /// <returns>What invoice ids of this run begin with: Pockyt's book keeps those of earlier runs.</returns>
    public async Task<string> ResetAsync()
    {
        Turnstile.IsOpen = true;
        Time.Set(VirtualClock.Start);
        Faults.Clear();
        Screening?.Forget();
        Suspend(payee: false, accounts: false);
        await ExecuteAsync(Empty);
        await ExecuteAsync($"""
            UPDATE payees SET checked_at = '{VirtualClock.Start:O}', status = 'active', provider_status = 'Activated';
            UPDATE accounts SET
                checked_at = '{VirtualClock.Start:O}', status = 'active', provider_status = 'ACTIVATED'
            """);
        await TellDatabaseAsync();
        foreach (var destination in Destinations)
        {
            Balances.Set(destination.Currency, Pockyt.StartingBalance, Pockyt.MerchantNo);
        }

        return string.Create(CultureInfo.InvariantCulture, $"r{runs++:D6}-");
    }

    /// <summary>True when Pockyt pays the payee, and to the accounts.</summary>
    public void Suspend(bool payee, bool accounts)
    {
        var payees = simulator.Services.GetRequiredService<PayeeRegistry>();
        foreach (var known in payees.All)
        {
            payees.Move(known, payee ? "Declined" : "Activated", Time.Now);
            foreach (var account in known.Accounts)
            {
                payees.Move(account, accounts ? "INVALID" : "ACTIVATED", owed: null);
            }
        }
    }

    public async Task MoveToAsync(DateTimeOffset to)
    {
        Time.Set(to);
        await TellDatabaseAsync();
    }

    /// <summary>Keeps all rows as they are now.</summary>
    public Task BackUpAsync() => ExecuteAsync("SELECT turned.copy('public', 'backup')");

    /// <summary>All rows are again as they were when they were kept.</summary>
    public Task GoBackAsync() => ExecuteAsync("SELECT turned.copy('backup', 'public')");

    /// <summary>Another server goes on with the rows.</summary>
    public Task TakeOverAsync() => ExecuteAsync("SELECT nextval('turned.timeline')");

    /// <summary>Somebody pays the merchant.</summary>
    public void Receive(string reference) => Transactions.TryAdd(new Payment(
        $"payment-{reference}", reference, 100, "USD", "USD", "success", Pockyt.MerchantNo));

    /// <summary>True when PostgreSQL makes this connection wait for a lock.</summary>
    public async Task<bool> IsBlockedAsync(PostgresLink link) => (bool)(await ScalarAsync(
        $"SELECT cardinality(pg_blocking_pids({link.BackendId})) > 0"))!;

    /// <summary>Has PostgreSQL give up what this connection waits for.</summary>
    public Task CancelAsync(PostgresLink link) => ExecuteAsync($"SELECT pg_cancel_backend({link.BackendId})");

    public async Task<long> SendsAsync(string invoiceId) => (long)(await ScalarAsync(
        $"SELECT coalesce(sum(sends), 0)::bigint FROM payouts WHERE invoice_id = '{invoiceId}'"))!;

    /// <summary>True when a marker was noted, and another after it: with it nothing is sent any more.</summary>
    public async Task<bool> IsOutdatedAsync(string marker) => (bool)(await ScalarAsync($"""
        SELECT coalesce((SELECT marker FROM restores ORDER BY no DESC LIMIT 1), '{marker}') <> '{marker}'
            AND EXISTS (SELECT FROM restores WHERE marker = '{marker}')
        """))!;

    public async Task<bool> IsCanceledAsync(string invoiceId) => (bool)(await ScalarAsync(
        $"SELECT count(*) > 0 FROM payouts WHERE invoice_id = '{invoiceId}' AND status = 'canceled'"))!;

    /// <summary>What the service wrote down as clean answers of the screening.</summary>
    public async Task<List<(string AccountId, string Said)>> CleanAnswersAsync()
    {
        await using var db = new PayoutDb(model);
        var rows = await db.Screenings.AsNoTracking().Where(row => row.Answer == ScreeningAnswer.Clean).ToListAsync();
        return rows.ConvertAll(row => (PublicId.Of(PublicId.Account, row.AccountId), row.Said));
    }

    public async Task<long> NoticesAsync() => (long)(await ScalarAsync("SELECT count(*) FROM notices"))!;

    public async Task<List<Payout>> PayoutsAsync()
    {
        await using var db = new PayoutDb(model);
        return await db.Payouts.AsNoTracking().OrderBy(row => row.InvoiceId).ToListAsync();
    }

    public async Task<List<PayoutEvent>> EventsAsync()
    {
        await using var db = new PayoutDb(model);
        return await db.PayoutEvents.AsNoTracking().OrderBy(row => row.Version).ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        if (Screening is not null)
        {
            await Screening.DisposeAsync();
        }

        await simulator.DisposeAsync();
        await side.DisposeAsync();
    }

    private Task TellDatabaseAsync() => ExecuteAsync(
        $"SELECT setval('turned.clock', {(Time.Now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond})");

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = side.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = side.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<IReadOnlyList<Destination>> RegisterAsync()
    {
        var api = Replicas[0].Api;
        var payee = await ServiceFixture.Answer(await api.PostAsJsonAsync("/v1/payees", Example.Payee("ada")));
        var path = $"/v1/payees/{payee.GetProperty("id").GetString()}/accounts";
        var dollars = Example.Account("dollars");
        var euros = Example.Account("euros");
        euros["country"] = "DE";
        euros["currency"] = "EUR";
        euros["details"] = new Dictionary<string, string>
        {
            ["iban"] = "DE89370400440532013000",
            ["bankAccountName"] = "Ada Lovelace",
            ["bankAccountPurpose"] = "CHECKING",
        };
        return [await AddAsync(dollars), await AddAsync(euros)];

        async Task<Destination> AddAsync(Dictionary<string, object?> account)
        {
            var added = await ServiceFixture.Answer(await api.PostAsJsonAsync(path, account));
            return new Destination((string)account["currency"]!, added.GetProperty("id").GetString()!);
        }
    }
}
