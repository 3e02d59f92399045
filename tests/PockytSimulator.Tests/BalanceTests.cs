using System.Net;
using System.Text.Json.Nodes;
using PockytSimulator.Payouts;

namespace PockytSimulator.Tests;

/// <summary>Money that comes and goes.</summary>
public sealed class BalanceTests : IDisposable
{
    private readonly StateFolder state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task A_change_is_added_to_what_there_is()
    {
        await using var provider = await Provider.StartAsync(stateFile: null);
        var payee = await provider.Merchant.RegisterAsync();

        await ControlAsync(provider, new { currency = "USD", amount = 100.00m });
        var fallen = await ControlAsync(provider, new { currency = "USD", change = -60.50m });
        var refused = await provider.Merchant.PayAsync(payee, "inv-1", "50.00");
        var risen = await ControlAsync(provider, new { currency = "USD", change = 20.00m });
        var accepted = await provider.Merchant.PayAsync(payee, "inv-1", "50.00");

        Assert.Equal("""{"currency":"USD","amount":39.50}""", fallen);
        Assert.Contains("000040", refused, StringComparison.Ordinal);
        Assert.Equal("""{"currency":"USD","amount":59.50}""", risen);
        Assert.Contains("000100", accepted, StringComparison.Ordinal);
        Assert.Equal("9.50", await AskedAsync(provider));
    }

    [Fact]
    public async Task A_top_up_comes_at_its_time_also_after_a_kill_and_only_once()
    {
        await using var first = await Provider.StartAsync(state.File);
        await ControlAsync(first, new { currency = "USD", amount = 1.00m });
        await ControlAsync(first, new { currency = "USD", change = 5000.00m, afterSeconds = 3600 });
        first.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("1.00", await AskedAsync(first));

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.Equal("1.00", await AskedAsync(second));
        second.Advance(TimeSpan.FromMinutes(1));
        await StateFolder.UntilAsync(() => second.Get<Balances>().Of("USD", Provider.MerchantNo) == 5001.00m);

        first.Advance(TimeSpan.FromMinutes(1));
        await StateFolder.UntilAsync(() => first.Get<Balances>().Of("USD", Provider.MerchantNo) == 5001.00m);
        await using var third = await Provider.StartAsync(state.AsIfKilledNow());
        third.Advance(TimeSpan.FromHours(1));
        await ControlAsync(third, new { currency = "USD", change = 1.00m, afterSeconds = 0 });
        await StateFolder.UntilAsync(() => third.Get<Balances>().Of("USD", Provider.MerchantNo) > 5001.00m);
        Assert.Equal("5002.00", await AskedAsync(third));
    }

    [Theory]
    [InlineData("""{"currency":"USD"}""")]
    [InlineData("""{"currency":"USD","amount":1,"change":1}""")]
    [InlineData("""{"currency":"USD","amount":1,"afterSeconds":1}""")]
    public async Task An_order_that_can_be_read_in_two_ways_is_refused(string order)
    {
        await using var provider = await Provider.StartAsync(stateFile: null);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => ControlAsync(provider, JsonNode.Parse(order)!));

        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
    }

    private static Task<string> ControlAsync(Provider provider, object order) =>
        provider.Merchant.ControlAsync("/simulator/balance", order);

    private static async Task<string> AskedAsync(Provider provider)
    {
        var answer = await provider.Merchant.CallAsync("/v3/payouts/balance", new() { ["currency"] = "USD" });
        return JsonNode.Parse(answer)!["balance"]![0]!["amount"]!.ToJsonString();
    }
}
