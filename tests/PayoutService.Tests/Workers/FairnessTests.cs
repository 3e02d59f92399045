using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PockytSimulator.Control;

namespace PayoutService.Tests.Workers;

/// <summary>What one merchant has to pay does not keep another waiting.</summary>
public sealed class FairnessTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new ServiceFixture().With("Payouts:AtOnce", "2");
    private string otherAccountId = "";

    public async Task InitializeAsync()
    {
        await stage.InitializeAsync();
        (_, otherAccountId) = await stage.RegisterAsync(stage.Client("other-key"));
    }

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_claim_takes_the_first_of_each_merchant_before_the_second_of_any()
    {
        for (var at = 0; at < 40; at++)
        {
            await stage.PayAsync();
        }

        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await PayOtherAsync("urgent");

        var claimed = await stage.Claims.ClaimDueAsync([new("main", 20), new("other", 20)], 10, Batch());

        Assert.Equal(10, claimed.Count);
        Assert.Equal("urgent", Assert.Single(claimed, payout => payout.Merchant == "other").InvoiceId);
    }

    [Fact]
    public async Task A_question_of_each_merchant_comes_before_the_second_of_any()
    {
        for (var at = 0; at < 40; at++)
        {
            await stage.PayAsync("500.04");
        }

        await stage.DispatchAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await PayOtherAsync("asked", "500.04");
        await stage.DispatchAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        var asked = await stage.Claims.ClaimInquiriesAsync(
            [new("main", 20), new("other", 20)], 10);

        Assert.Equal(10, asked.Count);
        Assert.Single(asked, payout => payout.InvoiceId == "asked");
    }

    [Fact]
    public async Task A_claim_takes_no_more_of_a_merchant_than_there_is_room_for()
    {
        for (var at = 0; at < 5; at++)
        {
            await stage.PayAsync();
        }

        var claimed = await stage.Claims.ClaimDueAsync([new("main", 3), new("other", 20)], 100, Batch());

        Assert.Equal(3, claimed.Count);
    }

    [Fact]
    public async Task A_merchant_whose_calls_all_hang_holds_up_no_other()
    {
        stage.Faults.Add(new FaultScript("pay", Times: 2, ExecuteDelayMs: 1_500));
        for (var at = 0; at < 4; at++)
        {
            await stage.PayAsync();
        }

        await stage.Dispatcher.RunOnceAsync(CancellationToken.None);
        while (stage.Faults.List().Any(fault => fault.Fired < 2))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        await PayOtherAsync("urgent");
        var pass = stage.Dispatcher.RunOnceAsync(CancellationToken.None);
        while (!pass.IsCompleted)
        {
            // Only ours: by Pockyt's clock the calls would have hung for long enough.
            ((TestClock)stage.Clock).Advance(stage.Rules.PollInterval);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        var urgent = await stage.WhenAsync("urgent", payout => payout.Status is not PayoutStatus.Queued
            and not PayoutStatus.Submitting);
        Assert.NotEqual(PayoutStatus.Submitting, urgent.Status);
        Assert.Equal(2, await CountAsync(PayoutStatus.Submitting));
        await stage.DispatchAsync();
        Assert.Equal(0, await CountAsync(PayoutStatus.Queued));
    }

    private Guid Batch() => Guid.CreateVersion7(stage.Clock.GetUtcNow());

    private async Task PayOtherAsync(string invoiceId, string amount = "500.00") =>
        (await stage.Client("other-key").PostAsJsonAsync(
            "/v1/payouts", Example.Payout(otherAccountId, invoiceId, amount))).EnsureSuccessStatusCode();

    private async Task<int> CountAsync(PayoutStatus status)
    {
        var page = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?status={Word(status)}"));
        return page.GetProperty("data").GetArrayLength();
    }

    private static string Word(PayoutStatus status) => status.ToString().ToLowerInvariant();
}
