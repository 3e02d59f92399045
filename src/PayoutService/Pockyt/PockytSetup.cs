using PayoutService.Payees;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Refunds;

namespace PayoutService.Pockyt;

/// <summary>The adapter's services.</summary>
internal static class PockytSetup
{
    public static void Add(IServiceCollection services, PockytOptions options)
    {
        services.AddSingleton(options).AddSingleton<PockytClient>().AddSingleton<NoticeAddress>();
        services.AddSingleton<Oddities>();
        services.AddSingleton<IPayoutGateway, PockytPayouts>().AddSingleton<IPayeeGateway, PockytPayees>();
        services.AddSingleton<IRefundGateway, PockytRefunds>().AddSingleton<IPayorGateway, PockytPayors>();
    }
}
