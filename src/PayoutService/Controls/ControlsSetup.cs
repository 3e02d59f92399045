using PayoutService.Payouts;

namespace PayoutService.Controls;

/// <summary>The rules, and the worker that asks for screenings where this process runs workers.</summary>
internal static class ControlsSetup
{
    public static void Add(IServiceCollection services, HoldRules rules, bool run)
    {
        services.AddSingleton(rules).AddSingleton<IHoldRules>(rules).AddSingleton<ScreeningClient>();
        if (run)
        {
            services.AddHostedService<Screener>();
        }
    }
}
