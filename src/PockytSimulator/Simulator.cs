using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration.Json;
using PockytSimulator.Calls;
using PockytSimulator.Control;
using PockytSimulator.Notices;
using PockytSimulator.Payees;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator;

/// <summary>
/// Pockyt's payout endpoints and its query and refund of pay-ins, with books of
/// everything it paid and gave back. Nothing in it is static and mutable: tests run
/// many of them in one process.
/// </summary>
internal static class Simulator
{
    public const string DefaultUrl = "http://127.0.0.1:5090";

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(Simulator).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        ForgetSettingsFiles(builder);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        configure?.Invoke(builder);
        UseDefaultUrl(builder);
        AddServices(builder);

        var app = builder.Build();
        if (app.Services.GetRequiredService<SimulatorSettings>().StateFile is not null)
        {
            app.Services.GetRequiredService<JournalReplay>().Run();
        }

        var v3 = app.MapGroup("/v3");
        v3.MapPayeeCalls();
        v3.MapAccountCalls();
        v3.MapPayoutCalls();
        app.MapGroup("/app-data-search/v3").MapRefundCalls();
        app.MapGroup("/v1").MapPayorCalls();
        app.MapWalletCalls(app.Services.GetRequiredService<SimulatorSettings>());
        var control = app.MapGroup("/simulator");
        control.MapBook();
        control.MapTransactions();
        control.MapFaults();
        control.MapNotices();
        control.MapMerchants();
        control.MapPayors();
        control.MapControls();
        return app;
    }

    // In a test run the files beside the program belong to somebody else, and each watched file costs an inotify
    // handle, of which a machine has few. Settings come from the environment, the command line and the caller.
    private static void ForgetSettingsFiles(WebApplicationBuilder builder)
    {
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        foreach (var source in sources.OfType<JsonConfigurationSource>().ToList())
        {
            sources.Remove(source);
        }
    }

    private static void UseDefaultUrl(WebApplicationBuilder builder)
    {
        string[] addresses = ["urls", "http_ports", "https_ports"];
        if (addresses.All(key => string.IsNullOrEmpty(builder.Configuration[key])))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }
    }

    private static void AddServices(WebApplicationBuilder builder)
    {
        var settings = new SimulatorSettings();
        builder.Configuration.GetSection("Simulator").Bind(settings);
        settings.Check();

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // No payout call is near this size.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        // A misspelt member in a test's control call must not be a fault that silently never happens.
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
        });
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton(
            services => new SimulatorClock(
                services.GetService<TimeProvider>() ?? TimeProvider.System, services.GetRequiredService<Journal>()));
        builder.Services.AddSingleton<MerchantRegistry>();
        builder.Services.AddSingleton<Ids>();
        builder.Services.AddSingleton<ConsoleNarrator>();
        builder.Services.AddSingleton<Scheduler>();
        builder.Services.AddSingleton<Balances>();
        builder.Services.AddSingleton<Ledger>();
        builder.Services.AddSingleton<Transactions>();
        builder.Services.AddSingleton<PayeeRegistry>();
        builder.Services.AddSingleton<PayorRegistry>();
        builder.Services.AddSingleton<Faults>();
        builder.Services.AddSingleton<NoticeLog>();
        builder.Services.AddSingleton<NoticeFactory>();
        builder.Services.AddSingleton<NoticeSender>();
        builder.Services.AddSingleton<PayoutLifecycle>();
        builder.Services.AddSingleton<AccountReview>();
        builder.Services.AddSingleton<ScheduledChanges>();
        builder.Services.AddSingleton<JournalReplay>();
        builder.Services.AddSingleton<Answers>();
        builder.Services.AddSingleton<CallPipeline>();
        builder.Services.AddSingleton<PayeeCalls>();
        builder.Services.AddSingleton<PayorCalls>();
        builder.Services.AddSingleton<AccountCalls>();
        builder.Services.AddSingleton<AccountSchemas>();
        builder.Services.AddSingleton<PayoutCalls>();
        builder.Services.AddSingleton<RefundCalls>();
        builder.Services.AddHostedService<SchedulerService>();
    }
}
