using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using PayoutService.Events;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Tests.Proofs.Schedules;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.Tests.Proofs.Deliveries;

/// <summary>A process that makes the feeds and delivers, with its own way to PostgreSQL, on which it can die.</summary>
internal sealed class DeliveryProcess : IAsyncDisposable
{
    private readonly PostgresProxy database;
    private readonly ServiceProvider services;
    private readonly FeedWriter feedWriter;
    private readonly Deliverer deliverer;

    public DeliveryProcess(ServiceFixture stage)
    {
        database = new PostgresProxy(stage.ConnectionString, Crash);
        var parts = new ServiceCollection().AddLogging()
            .AddSingleton(stage.Get<ConnectionStrings>())
            .AddSingleton(_ => StorageSetup.Open(database.ConnectionString))
            .AddDbContextFactory<PayoutDb>((provider, options) =>
                options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()))
            .AddSingleton<WakeUps>()
            .AddSingleton(stage.Get<IHostApplicationLifetime>())
            .AddSingleton(stage.Rules)
            .AddSingleton(stage.Get<EventRules>())
            .AddSingleton(stage.Clock)
            .AddSingleton(stage.Get<DatabaseClock>())
            .AddSingleton(stage.Get<WebhookSender>())
            .AddSingleton<DeliveryPace>();
        StorageSetup.AddStores(parts);
        services = parts.BuildServiceProvider();
        feedWriter = ActivatorUtilities.CreateInstance<FeedWriter>(services);
        deliverer = ActivatorUtilities.CreateInstance<Deliverer>(services);
    }

    public CrashPoint Crash { get; } = new();

    /// <summary>Makes the feeds and delivers, once.</summary>
    /// <returns>Whether it lives.</returns>
    public async Task<bool> PassAsync()
    {
        try
        {
            await feedWriter.RunOnceAsync(CancellationToken.None);
            await deliverer.RunOnceAsync(CancellationToken.None);
            await deliverer.WhenIdleAsync();
        }
        catch (Exception) when (Crash.IsDead)
        {
            // Its connections are cut.
        }

        return !Crash.IsDead;
    }

    public async ValueTask DisposeAsync()
    {
        feedWriter.Dispose();
        deliverer.Dispose();
        await services.DisposeAsync();
        await database.DisposeAsync();
    }
}
