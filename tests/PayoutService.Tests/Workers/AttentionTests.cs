using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.Storage.Payees;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Workers;

/// <summary>Silence calls a human: what lasts too long says so, whoever answers or does not.</summary>
[Trait("Run", "Long")]
public sealed class AttentionTests : IAsyncLifetime
{
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(1);

    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Twelve_hours_of_silence_raise_attention_for_whatever_is_open()
    {
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 100_000 });
        var processing = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var succeeded = await stage.PayAsync("501.04");
        await stage.DispatchAsync();
        await TellAsync(succeeded, new Report(ReportKind.Settled, Source.Notice));
        await stage.Wire.ShutAsync();
        var queued = await stage.PayAsync("502.00");
        var later = await stage.PayAsync("503.00", stage.Clock.GetUtcNow().AddDays(2));

        await PassAsync(TimeSpan.FromHours(12), tick: TimeSpan.FromMinutes(6));

        Assert.Equal(Attention.Slow, (await stage.PayoutAsync(queued)).Attention);
        Assert.Equal(Attention.Slow, (await stage.PayoutAsync(succeeded)).Attention);
        Assert.Null((await stage.PayoutAsync(processing)).Attention);
        Assert.Null((await stage.PayoutAsync(later)).Attention);
        var raised = (await stage.EventsAsync(succeeded))[^1];
        Assert.Equal((EventKind.Raised, "slow"), (raised.Kind, raised.Detail["attention"]));

        var ready = await ServiceFixture.Answer(await stage.Api.GetAsync("/health/ready"));
        Assert.Contains("Pockyt does not answer since", ready.ToString(), StringComparison.Ordinal);
        stage.Wire.Open();
        await stage.RunAsync(TimeSpan.FromHours(1));
        Assert.Equal((1, null), (stage.Book.PayoutsOf(queued).Count, (await stage.PayoutAsync(queued)).Attention));
    }

    [Fact]
    public async Task What_never_leaves_us_is_counted_and_leaves_three_lines_not_two_a_minute()
    {
        await stage.Wire.ShutAsync();
        var invoiceId = await stage.PayAsync("500.00");

        await PassAsync(TimeSpan.FromHours(2));
        var waiting = await stage.PayoutAsync(invoiceId);
        var told = await ExplainAsync(waiting);
        var silent = await stage.EventsAsync(invoiceId);
        stage.Wire.Open();
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.True(waiting.NotSentCount > 20, $"{waiting.NotSentCount}");
        Assert.Equal(
            [EventKind.Accepted, EventKind.Claimed, EventKind.Reported, EventKind.Raised],
            silent.Select(line => line.Kind));
        Assert.StartsWith("It was claimed, nothing left us", told.GetProperty("why").GetString(), Ordinal);
        Assert.Contains($"{waiting.NotSentCount} times", told.GetProperty("why").GetString(), Ordinal);
        var sent = await stage.PayoutAsync(invoiceId);
        var events = await stage.EventsAsync(invoiceId);
        Assert.Equal((MoneyMoved.Yes, 0, null), (sent.MoneyMoved, sent.NotSentCount, sent.Attention));
        Assert.All(events.Zip(events.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.Equal(sent.Version, events.Count);
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    [Fact]
    public async Task A_merchant_that_left_the_settings_is_named_and_its_payouts_call_for_a_human()
    {
        using var other = stage.Client("other-key");
        var (_, accountId) = await stage.RegisterAsync(other);
        var invoiceId = stage.NewKey();
        await other.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, invoiceId, "500.04"));
        await using (var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync())
        {
            await db.Database.ExecuteSqlRawAsync("""
                UPDATE payees SET merchant = 'gone' WHERE merchant = 'other';
                UPDATE accounts SET merchant = 'gone' WHERE merchant = 'other';
                UPDATE payouts SET merchant = 'gone' WHERE merchant = 'other';
                """);
        }

        await PassAsync(TimeSpan.FromHours(2));

        Assert.Equal(Attention.Slow, (await stage.PayoutAsync(invoiceId)).Attention);
        var ready = await ServiceFixture.Answer(await stage.Api.GetAsync("/health/ready"));
        Assert.Contains("gone has open payouts and is not in the settings", ready.ToString(), Ordinal);
    }

    [Fact]
    public async Task A_payout_that_is_held_for_over_a_day_is_slow_and_is_sent_all_the_same()
    {
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 100 });
        var invoiceId = await stage.PayAsync("500.00");

        await stage.RunAsync(TimeSpan.FromHours(23));
        var early = (await stage.PayoutAsync(invoiceId)).Attention;
        await stage.RunAsync(TimeSpan.FromHours(3));
        var late = await stage.PayoutAsync(invoiceId);
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 1000 });
        await stage.RunAsync(TimeSpan.FromHours(3));

        Assert.Null(early);
        Assert.Equal((PayoutStatus.Held, Attention.Slow), (late.Status, late.Attention));
        Assert.Equal(MoneyMoved.Yes, (await stage.PayoutAsync(invoiceId)).MoneyMoved);
    }

    [Fact]
    public async Task Processing_is_slow_after_five_days_and_what_is_confirmed_never_is()
    {
        var processing = await stage.PayAsync("500.04");
        var confirmed = await stage.PayAsync("500.00");
        await stage.RunAsync(TimeSpan.FromHours(1));

        await stage.RunAsync(TimeSpan.FromDays(4));
        var early = (await stage.PayoutAsync(processing)).Attention;
        await stage.AdvanceAsync(TimeSpan.FromDays(2));
        await stage.ReconcileAsync();

        Assert.Null(early);
        Assert.Equal(Attention.Slow, (await stage.PayoutAsync(processing)).Attention);
        Assert.Null((await stage.PayoutAsync(confirmed)).Attention);
    }

    [Fact]
    public async Task A_refund_and_a_registration_that_nobody_answers_call_for_a_human()
    {
        var reference = await stage.ReceiveAsync();
        await HangUpAsync("refund");
        await HangUpAsync("register");
        var refund = stage.NewKey("refund");
        await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund(refund, reference));
        var payee = stage.NewKey("payee");
        await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee(payee));
        await stage.Wire.ShutAsync();
        if ((await stage.RefundAsync(refund)) is null)
        {
            Assert.Fail("The refund was not kept.");
        }

        await stage.AdvanceAsync(TimeSpan.FromMinutes(61));
        await stage.ReconcileRefundsAsync();
        await stage.LookAsync();

        Assert.Equal(RefundAttention.Slow, (await stage.RefundAsync(refund))!.Attention);
        Assert.Equal(PayeeAttention.Slow, (await stage.PayeeAsync(payee)).Attention);
        stage.Wire.Open();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(5));
        await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee(payee));
        Assert.Null((await stage.PayeeAsync(payee)).Attention);
    }

    [Fact]
    public async Task Removing_an_account_cancels_what_was_not_sent_to_it_and_links_it()
    {
        var sent = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var queued = await stage.PayAsync("501.00");
        var later = await stage.PayAsync("502.00", stage.Clock.GetUtcNow().AddDays(2));
        var address = $"/v1/payees/{stage.PayeeId}/accounts/{stage.AccountId}";

        var removed = await ServiceFixture.Answer(await stage.Api.DeleteAsync(address));
        var again = await ServiceFixture.Answer(await stage.Api.DeleteAsync(address));

        var links = removed.GetProperty("canceledPayouts").EnumerateArray().Select(link => link.GetString()).ToList();
        Assert.Equal([await LinkAsync(queued), await LinkAsync(later)], links);
        Assert.Empty(again.GetProperty("canceledPayouts").EnumerateArray());
        foreach (var invoiceId in (string[])[queued, later])
        {
            var last = (await stage.EventsAsync(invoiceId))[^1];
            Assert.Equal(("dev", EventKind.Canceled, "The account was removed."),
                (last.Actor.Name, last.Kind, last.Detail["reason"]));
        }

        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync(sent)).Status);
    }

    [Fact]
    public async Task What_was_accepted_while_its_account_was_removed_is_canceled_when_it_is_looked_at()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var invoiceId = await stage.PayAsync("500.00");
        await db.Accounts.ExecuteUpdateAsync(row => row.SetProperty(one => one.Status, AccountStatus.Removed));

        await stage.DispatchAsync();
        var held = await stage.PayoutAsync(invoiceId);
        await stage.RunAsync(TimeSpan.FromMinutes(5));

        Assert.Equal((PayoutStatus.Held, Attention.Stuck), (held.Status, held.Attention));
        Assert.Equal(PayoutStatus.Canceled, (await stage.PayoutAsync(invoiceId)).Status);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Fact]
    public async Task A_payee_that_is_declined_calls_a_human_at_once_and_no_longer_once_it_is_active()
    {
        var later = await stage.PayAsync("500.00", stage.Clock.GetUtcNow().AddDays(1));
        var now = await stage.PayAsync("501.00");
        await stage.AdvanceAsync(TimeSpan.FromMinutes(16));
        await SetPayeeAsync("DECLINED");

        await stage.DispatchAsync();
        var stuck = ((await stage.PayoutAsync(later)).Attention, (await stage.PayoutAsync(now)).Attention);
        var told = await ExplainAsync(await stage.PayoutAsync(now));
        await SetPayeeAsync("Activated");
        await stage.AdvanceAsync(TimeSpan.FromMinutes(2));
        await stage.ReconcileAsync();
        var atOnce = (await stage.PayoutAsync(now)).Status;
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal(PayoutStatus.Queued, atOnce);
        Assert.Equal((Attention.Stuck, Attention.Stuck), stuck);
        Assert.Equal("stuck", told.GetProperty("cause").GetString());
        Assert.Null((await stage.PayoutAsync(later)).Attention);
        Assert.Equal(MoneyMoved.Yes, (await stage.PayoutAsync(now)).MoneyMoved);
        Assert.Equal(EventKind.Cleared, (await stage.EventsAsync(later))[^1].Kind);
    }

    [Fact]
    public async Task An_account_that_is_gone_at_Pockyt_calls_a_human_at_once()
    {
        var later = await stage.PayAsync("500.00", stage.Clock.GetUtcNow().AddDays(1));
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var account = await db.Accounts.AsNoTracking().SingleAsync();
        await stage.Get<PayeeStore>().ImportAsync(
            account.PayeeId, new ProviderAccounts([], stage.Clock.GetUtcNow()), Actor.ApiKey("test"));

        Assert.Equal(Attention.Stuck, (await stage.PayoutAsync(later)).Attention);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>Time passes, and everybody looks every ten minutes.</summary>
    private async Task PassAsync(TimeSpan time, TimeSpan? tick = null)
    {
        for (var end = stage.Clock.GetUtcNow() + time; stage.Clock.GetUtcNow() < end;)
        {
            await stage.DispatchAsync();
            await stage.ReconcileAsync();
            await stage.AdvanceAsync(tick ?? Tick);
        }
    }

    private async Task TellAsync(string invoiceId, Report report) =>
        await stage.Reports.RecordAsync(await stage.PayoutAsync(invoiceId), report, CancellationToken.None);

    private async Task<System.Text.Json.JsonElement> ExplainAsync(Payout payout) =>
        (await ServiceFixture.Answer(await stage.Api.GetAsync(Link(payout)))).GetProperty("explain");

    private static string Link(Payout payout) =>
        $"/v1/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}";

    private async Task<string> LinkAsync(string invoiceId) => Link(await stage.PayoutAsync(invoiceId));

    private Task HangUpAsync(string call) => stage.Control.PostAsJsonAsync(
        "/simulator/faults", new { call, times = 0, answer = new { kind = "close" } });

    private async Task SetPayeeAsync(string status)
    {
        var payee = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payees/{stage.PayeeId}"));
        var customerNo = payee.GetProperty("provider").GetProperty("customerNo").GetString();
        var answer = await stage.Control.PostAsJsonAsync($"/simulator/payees/{customerNo}", new { status });
        answer.EnsureSuccessStatusCode();
    }
}
