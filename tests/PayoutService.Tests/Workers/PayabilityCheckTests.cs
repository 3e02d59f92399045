using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Workers;

/// <summary>Payouts that must wait, and what lets them go on by themselves.</summary>
[Trait("Run", "Long")]
public sealed class PayabilityCheckTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_balance_that_is_too_low_holds_the_payout_and_all_behind_it_and_a_top_up_sends_them_in_order()
    {
        await SetBalanceAsync(100);
        var invoices = new List<string> { await stage.PayAsync("500.00") };
        await stage.DispatchAsync();
        invoices.Add(await stage.PayAsync("50.00"));
        invoices.Add(await stage.PayAsync("60.00"));

        await stage.RunAsync(TimeSpan.FromHours(1));
        var waiting = await Task.WhenAll(invoices.Select(stage.PayoutAsync));
        await SetBalanceAsync(1000);
        await stage.RunAsync(TimeSpan.FromHours(3));

        Assert.Equal((PayoutStatus.Held, HoldReason.Balance), (waiting[0].Status, waiting[0].HoldReason));
        Assert.All(waiting[1..], payout => Assert.Equal(PayoutStatus.Queued, payout.Status));
        Assert.Equal(invoices[0], stage.Book.Payouts[0].InvoiceId);
        Assert.Equal(3, stage.Book.Payouts.Count);
        Assert.All(
            await Task.WhenAll(invoices.Select(stage.PayoutAsync)),
            payout => Assert.Equal(PayoutStatus.Succeeded, payout.Status));
    }

    [Fact]
    public async Task A_balance_is_asked_for_before_a_held_payout_is_sent_again()
    {
        await SetBalanceAsync(100);
        var invoiceId = await stage.PayAsync("500.00");

        await stage.RunAsync(TimeSpan.FromDays(1));

        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
        Assert.NotNull((await stage.PayoutAsync(invoiceId)).DueAt);
    }

    [Fact]
    public async Task Denied_access_pauses_the_merchant_says_so_and_resuming_sends_everything_once()
    {
        var denied = await stage.PayAsync();
        await DenyAsync(denied);

        await stage.DispatchAsync();
        var behind = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        var held = await stage.PayoutAsync(denied);
        var ready = await ServiceFixture.Answer(await stage.Api.GetAsync("/health/ready"));
        var resumed = await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.Equal(
            (PayoutStatus.Held, HoldReason.Access, Attention.Access), (held.Status, held.HoldReason, held.Attention));
        Assert.StartsWith("Sending of main is paused by pockyt since", ready.GetProperty("notes")[0].GetString());
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Single(stage.Book.PayoutsOf(denied));
        Assert.Single(stage.Book.ArrivalsOf(behind));
        Assert.Equal(PayoutStatus.Succeeded, await StatusAsync(denied));
        Assert.Null((await stage.PayoutAsync(denied)).Attention);
    }

    [Fact]
    public async Task Sending_stops_and_goes_on_by_hand_with_a_reason_and_the_right_scope()
    {
        using var reader = stage.Client("reader-key");

        var refused = await reader.PostAsJsonAsync("/v1/sending/pause", new { reason = "Let me" });
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Moving the balance" });
        var invoiceId = await stage.PayAsync();
        await stage.DispatchAsync();
        var paused = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/sending"));
        var before = stage.Book.ArrivalsOf(invoiceId).Count;
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.DispatchAsync();

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.True(paused.GetProperty("paused").GetBoolean());
        Assert.Equal("Moving the balance", paused.GetProperty("reason").GetString());
        Assert.Equal("dev", paused.GetProperty("actor").GetString());
        Assert.Equal((0, 1), (before, stage.Book.ArrivalsOf(invoiceId).Count));
    }

    [Fact]
    public async Task One_merchants_pause_does_not_stop_another()
    {
        using var other = stage.Client("other-key");
        var (_, accountId) = await stage.RegisterAsync(other);
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Ours only" });
        await other.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, "others", "500.04"));

        await stage.DispatchAsync();

        Assert.Single(stage.Book.ArrivalsOf("others"));
    }

    [Theory]
    [InlineData("PENDING")]
    [InlineData("DECLINED")]
    public async Task A_payee_that_is_no_longer_active_holds_the_payout_until_it_is_again(string word)
    {
        var invoiceId = await stage.PayAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(16));
        await SetPayeeAsync(word);

        await stage.RunAsync(TimeSpan.FromHours(2));
        var held = await stage.PayoutAsync(invoiceId);
        var arrivals = stage.Book.ArrivalsOf(invoiceId).Count;
        await SetPayeeAsync("Activated");
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal((PayoutStatus.Held, HoldReason.PayeeStatus, 0), (held.Status, held.HoldReason, arrivals));
        Assert.Equal(PayoutStatus.Succeeded, await StatusAsync(invoiceId));
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    [Fact]
    public async Task A_payee_is_not_read_again_while_what_is_known_of_it_is_fresh()
    {
        var invoiceId = await stage.PayAsync();
        await SetPayeeAsync("PENDING");
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "retrieve", times = 0, answer = new { kind = "http", status = 500, body = "" } });

        await stage.DispatchAsync();

        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    [Fact]
    public async Task A_payout_that_waits_for_its_payee_for_over_thirty_days_is_canceled_with_the_reason()
    {
        var invoiceId = await stage.PayAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(16));
        await SetPayeeAsync("PENDING");

        await stage.RunAsync(TimeSpan.FromDays(1));
        Assert.Equal(PayoutStatus.Held, await StatusAsync(invoiceId));
        await stage.AdvanceAsync(TimeSpan.FromDays(28.5));
        await stage.RunAsync(TimeSpan.FromHours(2));
        Assert.Equal(PayoutStatus.Held, await StatusAsync(invoiceId));
        await stage.RunAsync(TimeSpan.FromDays(1));

        var last = (await stage.EventsAsync(invoiceId))[^1];
        Assert.Equal(PayoutStatus.Canceled, await StatusAsync(invoiceId));
        Assert.Equal((Actor.Reconciler, EventKind.Canceled), (last.Actor, last.Kind));
        Assert.Contains("did not become active", last.Detail["reason"], StringComparison.Ordinal);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData("USD", 499000, "499000.00")]
    [InlineData("JPY", 1234, "1234")]
    public async Task Balances_are_shown_with_the_currencys_decimals(string currency, int balance, string amount)
    {
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency, amount = balance });

        var answer = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/balances?currency={currency}"));

        var shown = Assert.Single(answer.GetProperty("data").EnumerateArray());
        Assert.Equal(amount, shown.GetProperty("amount").GetString());
    }

    private async Task<PayoutStatus> StatusAsync(string invoiceId) => (await stage.PayoutAsync(invoiceId)).Status;

    private Task SetBalanceAsync(int amount) =>
        stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount });

    private Task DenyAsync(string invoiceId) => stage.Control.PostAsJsonAsync(
        "/simulator/faults",
        new
        {
            call = "pay",
            invoiceId,
            execute = false,
            answer = new { kind = "ret", code = "000030", message = "denied" },
        });

    private async Task SetPayeeAsync(string status)
    {
        var payee = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payees/{stage.PayeeId}"));
        var customerNo = payee.GetProperty("provider").GetProperty("customerNo").GetString();
        var answer = await stage.Control.PostAsJsonAsync($"/simulator/payees/{customerNo}", new { status });
        answer.EnsureSuccessStatusCode();
    }
}
