using PayoutService.UseCases;

namespace PayoutService.Events;

/// <summary>Webhooks, and the worker that sends them where this process runs workers.</summary>
internal static class EventsSetup
{
    public static void Add(IServiceCollection services, bool run)
    {
        services.AddSingleton<WebhookSecrets>().AddSingleton<WebhookSender>().AddSingleton<DeliveryPace>();
        services.AddSingleton<IWebhookGateway>(provider => provider.GetRequiredService<WebhookSender>());
        if (run)
        {
            services.AddHostedService<Deliverer>();
        }
    }
}
