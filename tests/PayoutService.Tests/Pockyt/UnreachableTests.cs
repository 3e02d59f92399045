using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Pockyt;

/// <summary>When no byte of a request can have left us, a payout simply waits, and nothing is sent twice.</summary>
public sealed class UnreachableTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.With("Pockyt:BreakDuration", "00:00:05").InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Payouts_wait_while_nobody_listens_the_breaker_opens_and_all_are_sent_once_after_it()
    {
        var invoices = new List<string>();
        for (var made = 0; made < 12; made++)
        {
            invoices.Add(await stage.PayAsync());
        }

        await stage.Wire.ShutAsync();
        await stage.DispatchAsync();
        var room = stage.Get<IPayoutGateway>().FreeSlots;
        var waiting = await Task.WhenAll(invoices.Select(stage.PayoutAsync));
        stage.Wire.Open();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(6));
        await stage.RunAsync(TimeSpan.FromMinutes(10));

        Assert.Equal(0, room);
        Assert.All(waiting, payout => Assert.Equal(PayoutStatus.Queued, payout.Status));
        Assert.All(invoices, invoiceId => Assert.Single(stage.Book.ArrivalsOf(invoiceId)));
        Assert.All(
            await Task.WhenAll(invoices.Select(stage.PayoutAsync)),
            payout => Assert.Equal(PayoutStatus.Succeeded, payout.Status));
    }

    [Fact]
    public async Task A_refund_of_which_no_byte_left_us_leaves_nothing_and_the_same_call_works_later()
    {
        var request = Example.Refund("unreachable", await stage.ReceiveAsync());
        await stage.Wire.ShutAsync();

        var away = await stage.Api.PostAsJsonAsync("/v1/refunds", request);
        var row = await stage.RefundAsync("unreachable");
        stage.Wire.Open();
        var back = await stage.Api.PostAsJsonAsync("/v1/refunds", request);

        var problem = await ServiceFixture.Answer(away);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Equal("provider-unreachable", problem.GetProperty("code").GetString());
        Assert.Null(row);
        Assert.Equal(HttpStatusCode.Created, back.StatusCode);
        Assert.Single(stage.Transactions.Arrivals);
    }
}
