using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Pockyt;

/// <summary>A Pockyt that takes connections and never answers stops the sending as one that cannot be reached does.
/// </summary>
public sealed class SilentTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.With("Pockyt:BreakDuration", "00:00:05")
        .With("Pockyt:Timeout", "00:00:02").InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Five_calls_without_an_answer_open_the_breaker_what_is_queued_waits_and_goes_out_after_it()
    {
        for (var made = 0; made < 5; made++)
        {
            await stage.PayAsync();
        }

        var silence = stage.Wire.CutAsync(Way.There, after: TimeSpan.FromSeconds(6));
        await stage.DispatchAsync();
        var later = await stage.PayAsync();
        await stage.DispatchAsync();

        var gateway = stage.Get<IPayoutGateway>();
        Assert.Equal(0, gateway.FreeSlots);
        Assert.NotNull(gateway.AwaySince);
        Assert.Equal(PayoutStatus.Queued, (await stage.PayoutAsync(later)).Status);

        await silence;
        await stage.AdvanceAsync(TimeSpan.FromSeconds(6));
        await stage.DispatchAsync();

        Assert.Null(gateway.AwaySince);
        Assert.Equal(int.MaxValue, gateway.FreeSlots);
        Assert.Single(stage.Book.ArrivalsOf(later));
    }
}
