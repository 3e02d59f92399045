using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Workers;
using PockytSimulator;

namespace PayoutService.Tests.Workers;

/// <summary>When a send begins, and when it does not.</summary>
public sealed class SenderTests(Stage stage) : IClassFixture<Stage>
{
    [Fact]
    public async Task When_a_send_arrives_its_claim_is_committed()
    {
        var invoiceId = await stage.PayAsync();
        stage.Faults.Add(new FaultScript("pay", invoiceId, ExecuteDelayMs: 300));

        var sending = stage.DispatchAsync();
        while (stage.Faults.List().All(fault => fault.Fired == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        var onTheWire = await stage.PayoutAsync(invoiceId);
        await sending;
        Assert.Equal((PayoutStatus.Submitting, 2), (onTheWire.Status, onTheWire.Claim));
    }

    [Fact]
    public async Task A_send_whose_lease_has_too_little_left_is_not_begun()
    {
        var invoiceId = await stage.PayAsync();
        var claimed = Assert.Single(await stage.Store.ClaimDueAsync([new("main", 1)], 1, Guid.Empty));
        var tooLongAgo = stage.Clock.GetTimestamp() - (stage.Rules.Lease - PayoutRules.Margin).Ticks;

        await stage.Get<Sender>().SendAsync(claimed, tooLongAgo);

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
        Assert.Equal(PayoutStatus.Queued, payout.Status);
        Assert.Empty(payout.OpenSends);
    }
}
