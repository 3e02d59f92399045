using PayoutService.Payouts;
using PayoutService.UseCases;

namespace PayoutService.Workers;

/// <summary>The workers, where this process runs them.</summary>
internal static class WorkersSetup
{
    public static void Add(IServiceCollection services, bool run, TimeSpan sendTimeout)
    {
        services.AddSingleton<PayabilityCheck>().AddSingleton<Sender>();
        services.AddScoped<CountBacklog>().AddScoped<ReadState>();
        services.AddHostedService<RestoreWatch>().AddHostedService<CallWriter>().AddHostedService<StateGauges>();
        if (run)
        {
            services.AddHostedService<Dispatcher>().AddHostedService<Reconciler>();
            services.AddHostedService<PayeeReconciler>().AddHostedService<RefundReconciler>();
            services.AddHostedService<FeedWriter>().AddHostedService<BatchWorker>();
        }

        // A clean stop waits for what is on the wire, and for its answer to be written down.
        services.Configure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = sendTimeout + (2 * PayoutRules.Margin);
        });
    }
}
