using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Api.Payouts;

/// <summary>A payout that failed or came back says why, and who acts next.</summary>
public sealed class FailureReasonsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("500.01", "failed", "unknown", "caller", true, "failed")]
    [InlineData("500.02", "returned", "returned", "payee", false, "returned")]
    [InlineData("500.03", "returned", "returned", "payee", false, "returned")]
    public async Task What_Pockyt_gives_no_reason_for_has_its_status_word_and_never_that_of_the_inquiry(
        string amount, string status, string reason, string actBy, bool repeatable, string text)
    {
        var invoiceId = await stage.PayAsync(amount);

        await stage.RunAsync(TimeSpan.FromHours(1));

        var payout = await ShowAsync(invoiceId);
        var failure = payout.GetProperty("failure");
        Assert.Equal(status, payout.GetProperty("status").GetString());
        Assert.Equal((reason, actBy, repeatable), Said(failure));
        Assert.Equal(text, failure.GetProperty("providerText").GetString());
        Assert.False(failure.TryGetProperty("providerCode", out _));
    }

    [Fact]
    public async Task A_refusal_keeps_its_code_and_its_message()
    {
        var invoiceId = await stage.PayAsync();
        await RefuseAsync(stage, invoiceId, "000020", "amount is under the least");

        await stage.RunAsync(TimeSpan.FromHours(2));

        var failure = (await ShowAsync(invoiceId)).GetProperty("failure");
        Assert.Equal(("refused", "caller", false), Said(failure));
        Assert.Equal(("000020", "amount is under the least"),
            (failure.GetProperty("providerCode").GetString(), failure.GetProperty("providerText").GetString()));
    }

    [Theory]
    [InlineData("accounts", "accountInvalid")]
    [InlineData("payees", "payeeNotActive")]
    public async Task What_was_not_active_when_it_failed_is_the_reason_and_stays_it(string table, string reason)
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        await TestDatabase.ExecuteAsync(stage.ConnectionString, $"UPDATE {table} SET status = 'pending'");
        await MoveAsync(stage, invoiceId, "failed");
        await stage.RunAsync(TimeSpan.FromMinutes(10));
        await TestDatabase.ExecuteAsync(stage.ConnectionString, $"UPDATE {table} SET status = 'active'");

        await stage.RunAsync(TimeSpan.FromHours(1));

        var payout = await ShowAsync(invoiceId);
        Assert.Equal((reason, "payee", false), Said(payout.GetProperty("failure")));
        Assert.Equal("inquiry", payout.GetProperty("confirmedBy").GetString());
    }

    [Fact]
    public async Task What_is_paid_or_open_has_no_failure_and_events_name_the_reason()
    {
        var paid = await stage.PayAsync();
        var failed = await stage.PayAsync("500.01");
        var open = await ShowAsync(failed);

        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.False(open.TryGetProperty("failure", out _));
        Assert.False((await ShowAsync(paid)).TryGetProperty("failure", out _));
        var told = (await stage.EventsAsync(failed)).Single(line => line.To is PayoutStatus.Failed
            && line.From is not PayoutStatus.Failed);
        Assert.Equal(FailureReason.Unknown, told.FailureReason);
    }

    [Fact]
    public void Every_reason_has_a_line_in_the_one_table() =>
        Assert.Equal(Enum.GetValues<FailureReason>().Order(), Failure.All.Keys.Order());

    /// <summary>Pockyt refuses the next request for a payout.</summary>
    internal static async Task RefuseAsync(ServiceFixture stage, string invoiceId, string code, string message) =>
        (await stage.Control.PostAsJsonAsync("/simulator/faults", new
        {
            call = "pay",
            invoiceId,
            execute = false,
            answer = new { kind = "ret", code, message },
        })).EnsureSuccessStatusCode();

    /// <summary>A payout takes another status at Pockyt, and a signed notice says so if it is to.</summary>
    internal static async Task MoveAsync(ServiceFixture stage, string invoiceId, string status, bool notify = false) =>
        (await stage.Control.PostAsJsonAsync($"/simulator/payouts/{invoiceId}", new { status, notify }))
            .EnsureSuccessStatusCode();

    private static (string?, string?, bool) Said(JsonElement failure) =>
        (failure.GetProperty("reason").GetString(), failure.GetProperty("actBy").GetString(),
            failure.GetProperty("repeatable").GetBoolean());

    private async Task<JsonElement> ShowAsync(string invoiceId)
    {
        var id = PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);
        return await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts/{id}"));
    }
}
