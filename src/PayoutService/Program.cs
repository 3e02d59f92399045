using Microsoft.Extensions.DependencyInjection.Extensions;
using PayoutService.Api;
using PayoutService.Api.Accounts;
using PayoutService.Api.Batches;
using PayoutService.Api.Events;
using PayoutService.Api.Http;
using PayoutService.Api.OpenApi;
using PayoutService.Api.Payees;
using PayoutService.Api.Payors;
using PayoutService.Api.Payouts;
using PayoutService.Api.Refunds;
using PayoutService.Api.Reports;
using PayoutService.Api.Sending;
using PayoutService.Api.Webhooks;
using PayoutService.Controls;
using PayoutService.Events;
using PayoutService.Host;
using PayoutService.Ops;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Notices;
using PayoutService.Storage;
using PayoutService.Workers;

namespace PayoutService;

/// <summary>The table of contents: settings, services, endpoints, workers.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        ["health", ..] => await Commands.HealthAsync(args),
        ["migrate", ..] => await Commands.MigrateAsync(args),
        ["maintain", ..] => await Commands.MaintainAsync(args),
        _ => await Commands.ServeAsync(args),
    };

    /// <summary>The service, ready to run.</summary>
    /// <exception cref="SettingsException">A setting is missing or unsafe; the message names it.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? change = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        SecretsFile.Add(builder.Configuration);
        change?.Invoke(builder);
        var settings = Settings.Read(builder.Configuration, builder.Environment);
        Logging.Add(builder);
        TelemetrySetup.Add(builder, settings.Telemetry);
        builder.WebHost.ConfigureKestrel(RequestRules.Limit);
        settings.Network.Add(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings.Payouts).AddSingleton(settings.Payees).AddSingleton(settings.Events);

        StorageSetup.Add(builder.Services, settings.Databases, settings.FingerprintKey);
        PockytSetup.Add(builder.Services, settings.Pockyt);
        builder.Services.AddHostedService<SecretReloader>();
        WorkersSetup.Add(builder.Services, settings.RunsWorkers, settings.Pockyt.Timeout);
        EventsSetup.Add(builder.Services, settings.RunsWorkers);
        ControlsSetup.Add(builder.Services, settings.Controls.HoldRules(), settings.RunsWorkers);
        OpsSetup.Add(builder.Services, settings.FingerprintKey, settings.Pockyt.Environment);
        ApiSetup.Add(
            builder.Services,
            settings.ApiKeys,
            settings.Limits,
            settings.FingerprintKey,
            settings.Pockyt.Environment);

        var app = builder.Build();
        TelemetrySetup.Use(app, settings.Telemetry);
        Logging.UseRequestLine(app);
        settings.Network.Use(app);
        ApiSetup.Use(app, settings.Limits);
        app.MapHealth();
        if (settings.RunsApi)
        {
            if (settings.ShowsSwagger)
            {
                SwaggerSetup.Use(app, settings.Pockyt.Environment);
            }

            app.MapMe();
            app.MapProblemPages();
            app.MapPayees();
            app.MapAccounts();
            app.MapRequirements();
            app.MapPayouts();
            app.MapPayAgain();
            app.MapPayoutBatches();
            app.MapBatches();
            app.MapHolds();
            app.MapSending();
            app.MapRefunds();
            app.MapReports();
            app.MapEvents();
            app.MapWebhooks();
            app.MapRecoveries();
            app.MapPayors();
            app.MapHistory();
            app.MapNotices();
            app.MapOps();
        }

        return app;
    }
}
