using PayoutService.Events;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Ops;

/// <summary>Tests with an operator of the merchant main who is logged in.</summary>
public abstract class OpsTests : IAsyncLifetime
{
    private protected const StringComparison Ordinal = StringComparison.Ordinal;

    private protected ServiceFixture Stage { get; } = OpsStage.Make();

    private protected Operator Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Stage.InitializeAsync();
        Browser = await OpsStage.LogInAsync(Stage, "ops-key");
    }

    public async Task DisposeAsync()
    {
        Browser.Dispose();
        await Stage.DisposeAsync();
    }

    private protected async Task<string> PageOfAsync(string invoiceId) =>
        $"/ops/payouts/{PublicId.Of(PublicId.Payout, (await Stage.PayoutAsync(invoiceId)).Id)}";

    private protected async Task DeliverAsync(Deliverer deliverer)
    {
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await deliverer.RunOnceAsync(CancellationToken.None);
        await deliverer.WhenIdleAsync();
    }
}
