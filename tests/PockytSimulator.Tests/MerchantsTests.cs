using System.Text.Json.Nodes;
using PockytSimulator.Calls;

namespace PockytSimulator.Tests;

/// <summary>Several merchants at one provider, and tokens that change.</summary>
public sealed class MerchantsTests : IDisposable
{
    private const string FirstToken = "17cfc0170ef1c017b4a929d233d6e65e";

    private static readonly (string, string)[] Second =
    [
        ("Merchants:0:MerchantNo", "200043"),
        ("Merchants:0:StoreNo", "300014"),
        ("Merchants:0:Token", "second"),
        ("Merchants:0:OldToken", "second-before"),
    ];

    private readonly StateFolder state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Payees_belong_to_one_merchant()
    {
        await using var provider = await Provider.StartAsync(stateFile: null, Second);
        using var second = provider.As("200043", "300014", "second");
        var payee = await provider.Merchant.RegisterAsync();

        foreach (var (path, members) in new (string, Dictionary<string, string>)[]
        {
            ("payee/retrieve", new() { ["customerNo"] = payee.CustomerNo }),
            ("payee/retrieve", new() { ["customerCode"] = "payee-1" }),
            ("payee/update", new() { ["customerNo"] = payee.CustomerNo, ["city"] = "Elsewhere" }),
            ("payee/payout-accounts", new() { ["customerNo"] = payee.CustomerNo }),
            ("payee/account/delete",
                new() { ["customerNo"] = payee.CustomerNo, ["accountToken"] = payee.AccountToken }),
        })
        {
            Assert.Equal("000021", CodeOf(await second.CallAsync($"/v3/{path}", new(members))));
        }

        Assert.Equal("000021", CodeOf(await second.PayAsync(payee, "inv-1", "1.00")));

        // The same customerCode and e-mail, another person.
        var own = await second.RegisterAsync();
        var mixed = (own.CustomerNo, payee.AccountToken);
        Assert.Equal("000021", CodeOf(await second.PayAsync(mixed, "inv-1", "1.00")));
        Assert.Equal(["payee-1", "payee-1"], provider.Payees.All.Select(one => one["customerCode"]));
    }

    [Fact]
    public async Task Books_and_balances_belong_to_one_merchant_also_after_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(state.File, Second);
        using var second = provider.As("200043", "300014", "second");
        var theirs = await second.RegisterAsync();
        var ours = await provider.Merchant.RegisterAsync();
        await provider.Merchant.ControlAsync(
            "/simulator/balance", new { currency = "USD", amount = 10.00m, merchantNo = "200043" });

        var first = await provider.Merchant.PayAsync(ours, "inv-1", "300.00", "key-1");
        var same = await second.PayAsync(theirs, "inv-1", "4.00", "key-1", receiver.Url);
        var refused = await second.PayAsync(theirs, "inv-2", "7.00");
        await StateFolder.UntilAsync(() => receiver.Notices.Count == 1);

        Assert.Equal(("000100", "000100", "000040"), (CodeOf(first), CodeOf(same), CodeOf(refused)));
        Assert.Equal(PockytSignature.Of(receiver.Members(0), "second"), receiver.Members(0)["verifySign"]);

        await using var later = await Provider.StartAsync(state.AsIfKilledNow(), Second);
        using var secondLater = later.As("200043", "300014", "second");
        Assert.Equal("300.00", await AskedAsync(later.Merchant));
        Assert.Equal("4.00", await AskedAsync(secondLater));
        Assert.Equal(("9999700.00", "6.00"), (await BalanceAsync(later.Merchant), await BalanceAsync(secondLater)));
        Assert.Equal(same, await secondLater.PayAsync(theirs, "inv-1", "4.00", "key-1"));
        Assert.Equal(2, later.Book.PayoutsOf("inv-1").Count);
        Assert.Equal(4.00m, later.Book.PayoutsOf("inv-1", "200043").Single().Amount);
        var told = JsonNode.Parse(await later.Merchant.ReadAsync("/simulator/book?merchantNo=200043"))!;
        Assert.Single(told["payouts"]!.AsArray());
        Assert.Equal(3, told["arrivals"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("200043", "300014", "second", "000100")]
    [InlineData("200043", "300014", "second-before", "000100")]
    [InlineData("200043", "300014", FirstToken, "000000")]
    [InlineData("200043", "301854", "second", "000030")]
    [InlineData("202333", "300014", FirstToken, "000030")]
    [InlineData("202333", "301854", "second", "000000")]
    [InlineData("999999", "300014", FirstToken, "000030")]
    [InlineData("999999", "300014", "second", "000000")]
    public async Task Only_merchant_store_and_token_together_have_rights(
        string no, string storeNo, string token, string code)
    {
        await using var provider = await Provider.StartAsync(stateFile: null, Second);
        using var caller = provider.As(no, storeNo, token);

        var answer = await caller.CallAsync("/v3/payouts/balance", new() { ["currency"] = "USD" });

        Assert.Equal(code, CodeOf(answer));
    }

    [Fact]
    public async Task A_token_is_changed_and_the_old_one_goes_on_for_a_while_also_after_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(state.File);
        using var changed = provider.As("202333", "301854", "new");
        Assert.Equal("000000", await CodeOfBalanceAsync(changed));

        await provider.Merchant.ControlAsync(
            "/simulator/merchants/202333/token", new { token = "new", keepOldForSeconds = 3600 });
        Assert.Equal("000100", await CodeOfBalanceAsync(changed));
        Assert.Equal("000100", await CodeOfBalanceAsync(provider.Merchant));
        await provider.Merchant.PayAsync(
            await provider.Merchant.RegisterAsync(), "inv-1", "1.00", ipnUrl: receiver.Url);
        await StateFolder.UntilAsync(() => receiver.Notices.Count == 1);
        Assert.Equal(PockytSignature.Of(receiver.Members(0), "new"), receiver.Members(0)["verifySign"]);

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        using var changedLater = second.As("202333", "301854", "new");
        Assert.Equal("000100", await CodeOfBalanceAsync(changedLater));
        Assert.Equal("000100", await CodeOfBalanceAsync(second.Merchant));
        second.Advance(TimeSpan.FromHours(1));
        Assert.Equal("000100", await CodeOfBalanceAsync(changedLater));
        Assert.Equal("000000", await CodeOfBalanceAsync(second.Merchant));
    }

    [Fact]
    public async Task A_token_that_is_changed_at_once_is_wrong_at_once()
    {
        await using var provider = await Provider.StartAsync(stateFile: null, Second);

        await provider.Merchant.ControlAsync("/simulator/merchants/202333/token", new { token = "new" });

        Assert.Equal("000000", await CodeOfBalanceAsync(provider.Merchant));
        using var second = provider.As("200043", "300014", "second");
        Assert.Equal("000100", await CodeOfBalanceAsync(second));
        Assert.DoesNotContain(
            "second", await provider.Merchant.ReadAsync("/simulator/merchants"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merchant_without_a_token_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Provider.StartAsync(stateFile: null, ("Merchants:0:MerchantNo", "1"), ("Merchants:0:StoreNo", "2")));

        Assert.Equal("Simulator:Merchants:0 needs MerchantNo, StoreNo and Token.", failure.Message);
    }

    private static string? CodeOf(string answer) => (string?)JsonNode.Parse(answer)!["ret_code"];

    private static async Task<string?> CodeOfBalanceAsync(Merchant merchant) =>
        CodeOf(await merchant.CallAsync("/v3/payouts/balance", new() { ["currency"] = "USD" }));

    private static async Task<string> AskedAsync(Merchant merchant) => Merchant.MemberOf(
        await merchant.CallAsync("/v3/payouts/inquiry", new() { ["invoiceId"] = "inv-1" }), "result", "amount");

    private static async Task<string> BalanceAsync(Merchant merchant)
    {
        var answer = await merchant.CallAsync("/v3/payouts/balance", new() { ["currency"] = "USD" });
        return JsonNode.Parse(answer)!["balance"]![0]!["amount"]!.ToJsonString();
    }
}
