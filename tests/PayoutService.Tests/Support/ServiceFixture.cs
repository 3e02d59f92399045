using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Workers;
using PockytSimulator;
using PockytSimulator.Control;
using PockytSimulator.Payees;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;
using StoredNotice = PayoutService.Storage.Payouts.Notice;

namespace PayoutService.Tests.Support;

/// <summary>
/// The service and Pockyt's simulator, both real, on ports of their own, over a fresh database. The workers run only
/// when the test says so, by a clock that the test moves.
/// </summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    /// <summary>What EF compiled of queries. It would compile them anew for each service, as each has a database of its
    /// own: most of what a short test costs.</summary>
    private static readonly MemoryCache Queries = new(new MemoryCacheOptions());

    private readonly TestClock clock = new();
    private readonly HashSet<string> settings = [];
    private readonly Dictionary<string, string> simulated = new() { ["NoticeDelay"] = "00:00:00" };
    private TcpProxy? wire;
    private WebApplication? service;
    private WebApplication? simulator;
    private int made;

    /// <summary>The API, as the Development key.</summary>
    public HttpClient Api { get; private set; } = new();

    /// <summary>The simulator's own endpoints.</summary>
    public HttpClient Control { get; private set; } = new();

    /// <summary>A fresh database, unless the test brings one.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>An account of an active payee.</summary>
    public string AccountId { get; private set; } = "";

    public string PayeeId { get; private set; } = "";

    internal TimeProvider Clock => clock;

    /// <summary>The way to Pockyt, which can be shut.</summary>
    internal TcpProxy Wire => wire!;

    internal Ledger Book => OfPockyt<Ledger>();

    internal Transactions Transactions => OfPockyt<Transactions>();

    internal PayorRegistry PayorsAtPockyt => OfPockyt<PayorRegistry>();

    internal Faults Faults => OfPockyt<Faults>();

    internal PayoutStore Store => Get<PayoutStore>();

    internal PayoutClaims Claims => Get<PayoutClaims>();

    internal PayoutCreations Creations => Get<PayoutCreations>();

    internal PayoutReports Reports => Get<PayoutReports>();

    internal SendingStore Sending => Get<SendingStore>();

    internal RestoreDetector Restores => Get<RestoreDetector>();

    internal PockytOptions Pockyt => Get<PockytOptions>();

    internal PayoutRules Rules => Get<PayoutRules>();

    internal Dispatcher Dispatcher { get; private set; } = null!;

    internal Reconciler Reconciler { get; private set; } = null!;

    internal RestoreWatch Watch { get; private set; } = null!;

    internal PayeeReconciler PayeeReconciler { get; private set; } = null!;

    internal RefundReconciler RefundReconciler { get; private set; } = null!;

    internal FeedWriter FeedWriter { get; private set; } = null!;

    internal T Get<T>()
        where T : notnull => service!.Services.GetRequiredService<T>();

    /// <summary>Another of a worker, as another process has one.</summary>
    internal T Make<T>() => ActivatorUtilities.CreateInstance<T>(service!.Services);

    /// <summary>A part of the simulator.</summary>
    internal T OfPockyt<T>()
        where T : notnull => simulator!.Services.GetRequiredService<T>();

    /// <summary>A setting of the service that differs from the test's defaults;
    /// to be called before anything starts.</summary>
    public ServiceFixture With(string setting, string value)
    {
        settings.Add($"{setting}={value}");
        return this;
    }

    /// <summary>A setting of the simulator; to be called before anything starts.</summary>
    public ServiceFixture WithPockyt(string setting, string value)
    {
        simulated[setting] = value;
        return this;
    }

    public async Task InitializeAsync()
    {
        simulator = Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            foreach (var (setting, value) in simulated)
            {
                builder.Configuration[$"Simulator:{setting}"] = value;
            }
        });
        await simulator.StartAsync();
        Control = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };

        if (ConnectionString.Length == 0)
        {
            ConnectionString = await TestDatabase.CreateAsync();
        }
        else
        {
            await using var owner = NpgsqlDataSource.Create(ConnectionString);
            await Migrating.RunAsync(owner, role: null, TimeProvider.System);
        }

        wire = new TcpProxy(new Uri(simulator.Urls.First()).Port);
        await StartServiceAsync();

        // Used before, so that whatever a test claims first is not held up by the first look at the database.
        await Restores.DetectAsync(["main", "other"]);
        (PayeeId, AccountId) = await RegisterAsync();
    }

    private async Task StartServiceAsync()
    {
        service = Start($"http://127.0.0.1:{wire!.Port}");
        await service.StartAsync();
        Pockyt.PublicUrl = new Uri(service.Urls.First());
        Api = Client("dev-key");
        Dispatcher = ActivatorUtilities.CreateInstance<Dispatcher>(service.Services);
        Watch = ActivatorUtilities.CreateInstance<RestoreWatch>(service.Services);
        Reconciler = ActivatorUtilities.CreateInstance<Reconciler>(service.Services);
        PayeeReconciler = ActivatorUtilities.CreateInstance<PayeeReconciler>(service.Services);
        RefundReconciler = ActivatorUtilities.CreateInstance<RefundReconciler>(service.Services);
        FeedWriter = ActivatorUtilities.CreateInstance<FeedWriter>(service.Services);
    }

    /// <summary>The database as the owner of its tables sees it.</summary>
    internal async Task<PayoutDb> OwnerDbAsync()
    {
        var owner = await TestDatabase.AsOwnerAsync(ConnectionString);
        return new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(owner).Options);
    }

    /// <summary>A database that is as the service's is now. PostgreSQL copies none that is in use, and the service
    /// writes down its calls to Pockyt at any time.</summary>
    public async Task<string> BackUpAsync()
    {
        for (var tries = 1; ; tries++)
        {
            Get<NpgsqlDataSource>().Clear();
            try
            {
                return await TestDatabase.CopyAsync(ConnectionString);
            }
            catch (PostgresException inUse) when (inUse.SqlState is PostgresErrorCodes.ObjectInUse && tries < 50)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    /// <summary>Waits until PostgreSQL has counted what was read: what a connection read is added up when it ends, at
    /// the latest. The one that listens reads nothing.</summary>
    internal async Task WhenCountedAsync()
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(await TestDatabase.AsOwnerAsync(ConnectionString)) { Pooling = false });
        await using var open = source.CreateCommand("""
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_type = 'client backend' AND query NOT LIKE 'LISTEN%'
            """);
        for (var tries = 0; ; tries++)
        {
            Get<NpgsqlDataSource>().Clear();
            if (await open.ExecuteScalarAsync() is 0L)
            {
                return;
            }

            Assert.True(tries < 500, "A connection of the service does not end.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>The number of rows of payouts that were read so far, by an index or not.</summary>
    internal async Task<long> RowsReadAsync()
    {
        await WhenCountedAsync();
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(ConnectionString));
        await using var count = source.CreateCommand(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'payouts'");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>The service stops, and starts again on another database, or with other settings.</summary>
    public async Task RestartAsync()
    {
        await StopServiceAsync();
        await StartServiceAsync();
    }

    public async Task DisposeAsync()
    {
        await StopServiceAsync();
        Control.Dispose();
        await wire!.DisposeAsync();
        await simulator!.DisposeAsync();
    }

    private async Task StopServiceAsync()
    {
        Dispatcher.Dispose();
        Reconciler.Dispose();
        Watch.Dispose();
        PayeeReconciler.Dispose();
        RefundReconciler.Dispose();
        FeedWriter.Dispose();
        Api.Dispose();
        await service!.DisposeAsync();
    }

    /// <summary>The API as another caller; without a key when it is null.</summary>
    public HttpClient Client(string? key)
    {
        // A refusal of a large body is awaited before it is sent, however busy the machine is.
        var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        var client = new HttpClient(handler) { BaseAddress = new Uri(service!.Urls.First()) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>A key that nobody has used yet.</summary>
    public string NewKey(string prefix = "key") =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref made)}");

    /// <summary>Registers a payee and adds a bank account.</summary>
    public async Task<(string PayeeId, string AccountId)> RegisterAsync(HttpClient? caller = null)
    {
        caller ??= Api;
        var payee = await RepeatAsync(caller, "/v1/payees", Example.Payee(NewKey("payee")));
        var account = await RepeatAsync(caller, $"/v1/payees/{payee}/accounts", Example.Account(NewKey("account")));
        return (payee, account);
    }

    /// <summary>Repeats a call until it is answered, as callers are told to: on a busy machine the time-out of Pockyt
    /// (202) or the caller's patience (503), short in tests, may end first.</summary>
    internal static async Task<string> RepeatAsync(HttpClient caller, string path, Dictionary<string, object?> request)
    {
        HttpResponseMessage answer;
        var tries = 0;
        do
        {
            // A refusal comes at once: without a pause all tries would be over before anything can change.
            await Task.Delay(TimeSpan.FromMilliseconds(tries * 20), TimeProvider.System);
            answer = await caller.PostAsJsonAsync(path, request);
        }
        while (answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable && ++tries < 20);

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}, {tries} times repeated: {(int)answer.StatusCode} {text}");
        return (await Answer(answer)).GetProperty("id").GetString()!;
    }

    /// <summary>Has the service read its settings again, as a file that changed makes it do.</summary>
    internal void Reload() => ((IConfigurationRoot)Get<IConfiguration>()).Reload();

    /// <summary>Asks for a payout over the API and answers its invoice id.</summary>
    public async Task<string> PayAsync(string amount = "500.00", DateTimeOffset? executeAt = null)
    {
        var invoiceId = NewKey("inv");
        var request = Example.Payout(AccountId, invoiceId, amount);
        if (executeAt is not null)
        {
            request["executeAt"] = executeAt;
        }

        await RepeatAsync(Api, "/v1/payouts", request);
        return invoiceId;
    }

    /// <summary>Sends what is due, and waits until it is answered and written down.</summary>
    public async Task DispatchAsync()
    {
        await Watch.RunOnceAsync(CancellationToken.None);
        while (await Dispatcher.RunOnceAsync(CancellationToken.None))
        {
        }

        await Dispatcher.WhenIdleAsync();
    }

    /// <summary>Asks about what is due, and waits until it is answered and written down.</summary>
    public async Task ReconcileAsync()
    {
        while (await Reconciler.RunOnceAsync(CancellationToken.None))
        {
        }

        await Reconciler.WhenIdleAsync();
    }

    /// <summary>Looks at the payees that are due, and waits until it is written down.</summary>
    public async Task LookAsync()
    {
        while (await PayeeReconciler.RunOnceAsync(CancellationToken.None))
        {
        }

        await PayeeReconciler.WhenIdleAsync();
    }

    /// <summary>Ends leases of refunds and asks about those that are due, and waits until it is written down.</summary>
    public async Task ReconcileRefundsAsync()
    {
        while (await RefundReconciler.RunOnceAsync(CancellationToken.None))
        {
        }

        await RefundReconciler.WhenIdleAsync();
    }

    /// <summary>Somebody pays the merchant; answers the payment's reference.</summary>
    public async Task<string> ReceiveAsync(string amount = "100.00", string currency = "USD")
    {
        var reference = NewKey("order");
        var answer = await Control.PostAsJsonAsync("/simulator/transactions", new { reference, amount, currency });
        answer.EnsureSuccessStatusCode();
        return reference;
    }

    /// <summary>Moves the service's clock and the simulator's.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        clock.Advance(time);
        var answer = await Control.PostAsJsonAsync("/simulator/clock", new { advanceSeconds = time.TotalSeconds });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Moves the clock from one due time to the next, working each time,
    /// until nothing is due for so long.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = clock.GetUtcNow() + time;
        while (true)
        {
            await WorkAsync();
            var next = await NextDueAsync();
            if (next is null || next > end)
            {
                break;
            }

            await AdvanceAsync(next.Value - clock.GetUtcNow());

            // What is due at Pockyt too comes first, so that a payout's life is always the same.
            await WhenPockytIsIdleAsync();
        }
    }

    /// <summary>Works until nothing changes any more at this moment.</summary>
    private async Task WorkAsync()
    {
        string? before;
        var after = await StateAsync();
        do
        {
            before = after;
            await DispatchAsync();
            await ReconcileAsync();
            await WhenPockytIsIdleAsync();
            after = await StateAsync();
        }
        while (after != before);
    }

    /// <summary>What is due at Pockyt happens in its own time; a clock that runs ahead of it would skip it.</summary>
    internal async Task WhenPockytIsIdleAsync()
    {
        var agenda = OfPockyt<Scheduler>();
        for (var tries = 0; !agenda.IsIdle && tries < 500; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    private async Task<string> StateAsync()
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var rows = await db.Payouts.OrderBy(row => row.Id).Select(row => new { row.Version, row.DueAt }).ToListAsync();
        return string.Join(' ', rows);
    }

    internal async Task<Payout> PayoutAsync(string invoiceId)
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.AsNoTracking().SingleAsync(row => row.InvoiceId == invoiceId);
    }

    /// <summary>The refund of this reference; null when there is none.</summary>
    internal async Task<Refund?> RefundAsync(string refundReference)
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Refunds.AsNoTracking().SingleOrDefaultAsync(row => row.RefundReference == refundReference);
    }

    /// <summary>The payor of this key; null when there is none.</summary>
    internal async Task<PayoutService.Payors.Payor?> PayorAsync(string payorCode)
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payors.AsNoTracking().SingleOrDefaultAsync(row => row.PayorCode == payorCode);
    }

    internal async Task<PayoutService.Payees.Payee> PayeeAsync(string customerCode)
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payees.AsNoTracking().SingleAsync(row => row.CustomerCode == customerCode);
    }

    internal async Task<List<PayoutService.Payees.Account>> AccountsAsync(string customerCode)
    {
        var payee = await PayeeAsync(customerCode);
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Accounts.AsNoTracking()
            .Where(row => row.PayeeId == payee.Id).OrderBy(row => row.Id).ToListAsync();
    }

    internal async Task<List<PayoutEvent>> EventsAsync(string invoiceId)
    {
        var payout = await PayoutAsync(invoiceId);
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.PayoutEvents.AsNoTracking()
            .Where(row => row.PayoutId == payout.Id).OrderBy(row => row.Version).ToListAsync();
    }

    internal async Task<List<StoredNotice>> NoticesAsync(string invoiceId)
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Notices.AsNoTracking().Where(row => row.InvoiceId == invoiceId).ToListAsync();
    }

    /// <summary>Waits, in real time, until a payout is as the test expects; notices arrive when they arrive.</summary>
    internal async Task<Payout> WhenAsync(string invoiceId, Func<Payout, bool> condition)
    {
        for (var tries = 0; ; tries++)
        {
            var payout = await PayoutAsync(invoiceId);
            if (condition(payout) || tries > 200)
            {
                return payout;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public static async Task<JsonElement> Answer(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    private WebApplication Start(string pockyt)
    {
        string[] arguments =
        [
            "--urls=http://127.0.0.1:0",
            "--environment=Development",
            $"--ConnectionStrings:Payouts={ConnectionString}",
            $"--Pockyt:BaseUrl={pockyt}",
            "--Pockyt:Timeout=00:00:02",
            "--Payouts:MaxClockSkew=1000.00:00:00",
            "--Roles=api",
            "--Payouts:BeatInterval=1.00:00:00",
            "--Serilog:MinimumLevel:Default=Fatal",
            "--Serilog:MinimumLevel:Override:Microsoft=Fatal",
            "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Fatal",
            .. Example.OtherMerchant,
            .. settings.Select(setting => $"--{setting}"),
        ];
        return Program.Build(arguments, builder => builder.Services.AddSingleton<TimeProvider>(clock)
            .ConfigureDbContext<PayoutDb>(options => options.UseMemoryCache(Queries)));
    }

    private async Task<DateTimeOffset?> NextDueAsync()
    {
        await using var db = await Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var now = clock.GetUtcNow();
        return await db.Payouts.Where(row => row.DueAt > now).MinAsync(row => row.DueAt);
    }
}
