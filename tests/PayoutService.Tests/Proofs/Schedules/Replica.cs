using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using PayoutService.Controls;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Storage;
using PayoutService.Storage.Sending;
using PayoutService.Workers;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>
/// One replica of the service with its own way to PostgreSQL, its own way to Pockyt and its own clock. When it dies,
/// its connections are cut and its workers, with all they had in memory, are never looked at again; the replica that
/// starts in its place begins with nothing.
/// </summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication host;
    private ServiceProvider? life;

    private Replica(
        string name, PostgresProxy database, PockytProxy pockyt, PockytProxy? screening, ReplicaClock clock)
    {
        Name = name;
        Database = database;
        Pockyt = pockyt;
        Screening = screening;
        Clock = clock;
        host = Program.Build(
            [
                "--urls=http://127.0.0.1:0",
                "--environment=Development",

                // A caller's patience is measured by a real clock, and a message may be held for long.
                "--Payouts:CallerPatience=01:00:00",
                "--hostBuilder:reloadConfigOnChange=false",
                $"--ConnectionStrings:Payouts={database.ConnectionString}",
                $"--Pockyt:BaseUrl=http://127.0.0.1:{pockyt.Port}",
                "--Pockyt:PublicUrl=http://payouts.example",

                // One at a time, so that what a replica does is a sequence and the schedule can say where it breaks.
                "--Payouts:AtOnce=1",

                // Large payouts wait for a second person; no other rule is on.
                "--Controls:Enabled=true",
                "--Controls:NewAccountWithin=0",
                "--Controls:OwnChangeWithin=0",
                "--Controls:DuplicateWithin=0",
                "--Controls:FirstPayoutAbove=",
                "--Controls:FirstPayoutTimes=0",
                "--Controls:VelocityCount=0",
                "--Controls:SharedBy=0",
                "--Controls:ApprovalAbove:0=75000.00 USD",
                "--Controls:ApprovalAbove:1=75000.00 EUR",
                "--Controls:SecondApprovalAbove=",
                $"--Controls:ScreeningUrl={(screening is null ? "" : $"http://127.0.0.1:{screening.Port}/screen")}",
                "--Controls:ScreeningSecret=whsec_c2NyZWVuaW5nIG9mIGEgc2NoZWR1bGU=",
                "--Roles=api",
                "--Payouts:BeatInterval=1.00:00:00",
                "--Serilog:MinimumLevel:Default=Fatal",
                "--Serilog:MinimumLevel:Override:Microsoft=Fatal",
                "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Fatal",
            ],
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);

                // Workers run when the schedule says so: nobody is woken, and no message about that is in the trace.
                builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WakeUpRelay>(
                    provider => new WakeUpRelay(
                        NpgsqlDataSource.Create("Host=127.0.0.1;Port=1"),
                        new WakeUps(),
                        clock,
                        provider.GetRequiredService<ILogger<WakeUpRelay>>())));
            });
        Api = new HttpClient(new ReadingAlong(this));
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "dev-key");
    }

    public string Name { get; }

    public PostgresProxy Database { get; }

    public PockytProxy Pockyt { get; }

    /// <summary>Its way to the screening; null: there is none.</summary>
    public PockytProxy? Screening { get; }

    public ReplicaClock Clock { get; }

    /// <summary>The API, as the Development key.</summary>
    public HttpClient Api { get; }

    /// <summary>Told of every call of the API as it is received; what it gives back is told of the answer's body.
    /// </summary>
    public Func<Action<string>> OnReceive { get; set; } = () => _ => { };

    public bool IsAlive { get; private set; }

    /// <summary>Counts the processes that ran in this place.</summary>
    public int Lives { get; private set; }

    public Dispatcher Dispatcher { get; private set; } = null!;

    public Reconciler Reconciler { get; private set; } = null!;

    public RefundReconciler Refunds { get; private set; } = null!;

    public Screener Screener { get; private set; } = null!;

    public RestoreWatch Watch { get; private set; } = null!;

    /// <summary>It has looked at its database once since it started; before that it serves nobody.</summary>
    public bool IsReady { get; set; }

    private Witness Witness => host.Services.GetRequiredService<Witness>();

    private PockytMerchant Merchant => host.Services.GetRequiredService<PockytOptions>().Merchants["main"];

    public static async Task<Replica> CreateAsync(
        string name,
        string connectionString,
        int pockyt,
        int? screening,
        ReplicaClock clock,
        MessageInterceptor turnstile)
    {
        var replica = new Replica(
            name, new PostgresProxy(connectionString, turnstile), new PockytProxy(pockyt, turnstile),
            screening is { } port ? new PockytProxy(port, turnstile) : null, clock);
        await replica.host.StartAsync();

        // The first connection of a pool asks PostgreSQL for its types; a schedule begins after that.
        await using (await replica.host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
        {
        }

        replica.Api.BaseAddress = new Uri(replica.host.Urls.First());
        return replica;
    }

    /// <summary>A new process in this replica's place.</summary>
    public void Start(bool resendAfterNotSeen, string restoreMarker)
    {
        Merchant.ResendAfterNotSeen = resendAfterNotSeen;
        host.Services.GetRequiredService<PayoutRules>().RestoreMarker = restoreMarker;
        Witness.Forget();
        IsReady = false;
        var services = new ServiceCollection().AddLogging()
            .AddSingleton(host.Services.GetRequiredService<IDbContextFactory<PayoutDb>>())
            .AddSingleton(host.Services.GetRequiredService<IHostApplicationLifetime>())
            .AddSingleton(host.Services.GetRequiredService<PayoutRules>())
            .AddSingleton(host.Services.GetRequiredService<IHoldRules>())
            .AddSingleton(host.Services.GetRequiredService<HoldRules>())
            .AddSingleton(host.Services.GetRequiredService<ScreeningClient>())
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton(host.Services.GetRequiredService<ConnectionStrings>())
            .AddSingleton(host.Services.GetRequiredService<DatabaseClock>())
            .AddSingleton(Witness);
        StorageSetup.AddStores(services);
        var options = host.Services.GetRequiredService<PockytOptions>();
        PockytSetup.Add(services, options);
        WorkersSetup.Add(services, run: false, options.Timeout);
        life = services.BuildServiceProvider();
        Dispatcher = ActivatorUtilities.CreateInstance<Dispatcher>(life);
        Reconciler = ActivatorUtilities.CreateInstance<Reconciler>(life);
        Refunds = ActivatorUtilities.CreateInstance<RefundReconciler>(life);
        Watch = ActivatorUtilities.CreateInstance<RestoreWatch>(life);
        Screener = ActivatorUtilities.CreateInstance<Screener>(life);
        Database.IsAway = false;
        Pockyt.Open();
        Screening?.Open();
        IsAlive = true;
        Lives++;
    }

    /// <summary>The end of the process, at once: nothing that it had begun gets any further.</summary>
    public async Task KillAsync()
    {
        IsAlive = false;
        Database.IsAway = true;
        Database.CutAll();
        await Pockyt.ShutAsync();
        if (Screening is not null)
        {
            await Screening.ShutAsync();
        }

        ForgetConnections();
    }

    /// <summary>What waits in the pool is closed; what is in use ends with its use.</summary>
    public void ForgetConnections() => host.Services.GetRequiredService<NpgsqlDataSource>().Clear();

    /// <summary>Lets go of a process that does nothing any more.</summary>
    public async Task BuryAsync()
    {
        IsAlive = false;
        if (life is not null)
        {
            Dispatcher.Dispose();
            Reconciler.Dispose();
            Refunds.Dispose();
            Watch.Dispose();
            Screener.Dispose();
            await life.DisposeAsync();
            life = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await host.DisposeAsync();
        await BuryAsync();
        await Database.DisposeAsync();
        await Pockyt.DisposeAsync();
        if (Screening is not null)
        {
            await Screening.DisposeAsync();
        }
    }

    /// <summary>Reads every answer that gets out of this replica before its process dies.</summary>
    private sealed class ReadingAlong(Replica replica) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var lives = replica.Lives;
            var heard = replica.OnReceive();
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (body.Length > 0 && replica.IsAlive && replica.Lives == lives)
            {
                heard(body);
            }

            return answer;
        }
    }
}
