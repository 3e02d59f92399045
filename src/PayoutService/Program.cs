using Microsoft.Extensions.DependencyInjection.Extensions;
using PayoutService.Api;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Storage;
using PayoutService.Workers;

namespace PayoutService;

/// <summary>The table of contents: settings, services, endpoints, workers.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        ["health", ..] => await Verbs.HealthAsync(args),
        ["migrate", ..] => await Verbs.MigrateAsync(args),
        _ => await Verbs.ServeAsync(args),
    };

    /// <summary>The service, ready to run.</summary>
    /// <exception cref="SettingsException">A setting is missing or unsafe; the message names it.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? change = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        change?.Invoke(builder);
        var settings = Settings.Read(builder.Configuration, builder.Environment);
        Logging.Add(builder);
        builder.WebHost.ConfigureKestrel(RequestRules.Limit);

        var services = builder.Services;
        services.AddSingleton(settings.Payouts).AddSingleton(settings.Pockyt);
        services.AddSingleton(new ApiKeyTable(settings.ApiKeys));
        services.AddSingleton(new Fingerprints(settings.FingerprintKey))
            .AddSingleton(new Cursors(settings.FingerprintKey));
        services.TryAddSingleton(TimeProvider.System);

        StorageSetup.Add(services, settings.ConnectionString);
        services.AddSingleton<PockytClient>().AddSingleton<NoticeAddress>();
        services.AddSingleton<IPayoutGateway, PockytPayouts>().AddSingleton<IPayeeGateway, PockytPayees>();

        services.ConfigureHttpJsonOptions(options => Json.Configure(options.SerializerOptions));
        services.AddValidation();
        RequestRules.Add(services);
        ApiKeys.Add(services);
        SwaggerSetup.Add(services);

        services.AddSingleton<Sender>();
        if (settings.RunsWorkers)
        {
            services.AddHostedService<Dispatcher>().AddHostedService<Reconciler>();
        }

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        Logging.Use(app);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/v1"), api => api.Use(RequestRules.Check));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        if (settings.RunsApi)
        {
            SwaggerSetup.Use(app);
            app.MapPayees();
            app.MapAccounts();
            app.MapPayouts();
            app.MapNotices();
        }

        return app;
    }
}
