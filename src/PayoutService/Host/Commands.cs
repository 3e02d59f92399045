using PayoutService.Development;
using PayoutService.Pockyt;
using PayoutService.Storage;

namespace PayoutService.Host;

/// <summary>The commands of the program: serve (the default), migrate, maintain, health.</summary>
internal static class Commands
{
    /// <summary>Serves until it is stopped.</summary>
    public static async Task<int> ServeAsync(string[] args)
    {
        PrivatePostgres? cluster = null;
        try
        {
            // Only Development starts a database of its own, and only when it is told of no other.
            await using var app = Program.Build(args, builder =>
                cluster = StartPrivateAsync(builder).GetAwaiter().GetResult());
            if (app.Environment.IsDevelopment())
            {
                await MigrateAsync(app.Services);
            }

            var pockyt = app.Services.GetRequiredService<PockytOptions>();
            app.Logger.LogInformation(
                "Payouts go to {environment}: {pockytHost}, for {merchants}.",
                pockyt.Environment,
                pockyt.BaseUrl!.Authority,
                string.Join(", ", pockyt.Merchants.Keys.Order()));
            await app.RunAsync();
            return 0;
        }
        catch (Exception refused) when (refused is SettingsException or UnknownSchemaException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
        finally
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }
        }
    }

    /// <summary>Brings the database's schema up to date.</summary>
    public static Task<int> MigrateAsync(string[] args) => AsOwnerAsync(async () =>
    {
        await using var app = Program.Build(args[1..]);
        await MigrateAsync(app.Services);
        Console.WriteLine("The database is up to date.");
    });

    /// <summary>Removes what is older than it has to be kept and gives its room back, in one go. Workers do it in small
    /// steps.</summary>
    public static Task<int> MaintainAsync(string[] args) => AsOwnerAsync(async () =>
    {
        await using var app = Program.Build(args[1..], builder => builder.Configuration["ConnectionStrings:Payouts"] =
            builder.Configuration.GetConnectionString("Owner") ?? builder.Configuration.GetConnectionString("Payouts"));
        await foreach (var (table, removed) in app.Services.GetRequiredService<Maintenance>().RunAsync())
        {
            Console.WriteLine($"{table}: {removed:N0} removed.");
        }
    });

    private static async Task<int> AsOwnerAsync(Func<Task> act)
    {
        try
        {
            await act();
            return 0;
        }
        catch (Exception busy) when (Migrating.IsBusy(busy))
        {
            await Console.Error.WriteLineAsync(
                "A long transaction uses a table that has to change. End it, or wait for its end, and run the verb "
                + "again: what was applied stays, and nothing is half applied.");
            return 1;
        }
        catch (Exception away) when (PostgresFailures.IsUnavailable(away) || PostgresFailures.RefusesUs(away))
        {
            await Console.Error.WriteLineAsync(
                $"The database cannot be used: {away.GetBaseException().Message} Check that it runs and that "
                + "ConnectionStrings:Owner (without one, ConnectionStrings:Payouts) names it, then run the verb again: "
                + "nothing is half done.");
            return 1;
        }
        catch (Exception refused) when (refused is SettingsException or UnknownSchemaException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    /// <summary>Asks a running service on this machine whether it is ready: exit code 0 or 1. For container health
    /// checks, because runtime images carry no curl.</summary>
    public static async Task<int> HealthAsync(string[] args)
    {
        var port = args.ElementAtOrDefault(1)
            ?? Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS")?.Split(';')[0]
            ?? "5080";
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            return 1;
        }
    }

    private static async Task MigrateAsync(IServiceProvider services)
    {
        var databases = services.GetRequiredService<ConnectionStrings>();
        await using var owner = StorageSetup.OpenOwner(databases.Owner);
        await Migrating.RunAsync(
            owner, ServiceRole.Of(databases), services.GetRequiredService<TimeProvider>());
    }

    private static async Task<PrivatePostgres?> StartPrivateAsync(WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment()
            || builder.Configuration.GetConnectionString("Payouts") is { Length: > 0 })
        {
            return null;
        }

        var folder = builder.Configuration["PAYOUTS_STATE"] ?? Path.Combine(OwnFolder(), "payout-service");
        var cluster = await StartKnownAsync(Path.Combine(folder, "postgres"));
        builder.Configuration["ConnectionStrings:Owner"] = cluster.ConnectionString("payouts");
        builder.Configuration["ConnectionStrings:Payouts"] = cluster.ConnectionString("payouts", "payout_service");
        return cluster;
    }

    /// <summary>Starts the cluster that an earlier run made. One with a schema of another version is moved aside, and a
    /// new one is made: nothing is deleted.</summary>
    private static async Task<PrivatePostgres> StartKnownAsync(string folder)
    {
        var cluster = await StartAsync();
        await using var owner = StorageSetup.Open(cluster.ConnectionString("payouts"));
        if (!await Migrating.IsUnknownAsync(owner))
        {
            return cluster;
        }

        await cluster.DisposeAsync();
        var aside = $"{folder}-{TimeProvider.System.GetUtcNow():yyyyMMddHHmmss}";
        Directory.Move(folder, aside);
        Console.WriteLine(
            $"The database in {folder} was made by another version of this service. It is now in {aside}, and a new "
            + "one was made in its place.");
        return await StartAsync();

        async Task<PrivatePostgres> StartAsync()
        {
            var started = await PrivatePostgres.StartAsync(folder, durable: true);
            await started.CreateDatabaseAsync("payouts");
            return started;
        }
    }

    /// <summary>A folder where nobody else can put a folder or a link first. PostgreSQL's user, to which root hands its
    /// cluster, cannot look into root's home.</summary>
    private static string OwnFolder() => Environment.IsPrivilegedProcess
        ? "/var/lib"
        : Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
}
