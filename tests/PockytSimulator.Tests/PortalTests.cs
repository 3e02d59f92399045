using System.Text.Json.Nodes;

namespace PockytSimulator.Tests;

/// <summary>Payees who set up their account themselves.</summary>
public sealed class PortalTests : IDisposable
{
    private readonly StateFolder state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task A_payee_adds_an_account_in_the_portal_and_the_merchant_finds_it_by_listing()
    {
        await using var provider = await Provider.StartAsync(state.File);
        await provider.Merchant.ControlAsync("/simulator/settings", new { newPayeeStatus = "Pending" });
        var customerNo = await provider.Merchant.RegisterPayeeAsync();
        Assert.Empty(await ListAsync(provider, customerNo));

        await AddAsync(
            provider,
            customerNo,
            new { accountType = "PAYPAL", country = "US", currency = "USD", number = "ada@example.com" });
        var listed = (await ListAsync(provider, customerNo)).Single()!.AsObject();
        var to = (customerNo, (string)listed["accountToken"]!);
        var early = await provider.Merchant.PayAsync(to, "inv-1", "1.00");
        await provider.Merchant.ControlAsync($"/simulator/payees/{customerNo}", new { status = "Activated" });
        var paid = await provider.Merchant.PayAsync(to, "inv-1", "1.00");

        Assert.True(listed.ContainsKey("accountTag"));
        Assert.Null(listed["accountTag"]);
        Assert.Equal(
            ("PAYPAL", "US", "USD", "****.com", "activated"),
            ((string?)listed["accountType"], (string?)listed["country"], (string?)listed["currency"],
                (string?)listed["cardNumber"], (string?)listed["status"]));
        Assert.Contains("000030", early, StringComparison.Ordinal);
        Assert.Contains("000100", paid, StringComparison.Ordinal);
        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.Single(await ListAsync(second, customerNo));
    }

    [Fact]
    public async Task The_portal_can_end_with_the_account_and_the_payee_in_any_status()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(stateFile: null, ("NewPayeeStatus", "Pending"));
        var customerNo = await provider.Merchant.RegisterPayeeAsync();

        var added = JsonNode.Parse(await AddAsync(
            provider,
            customerNo,
            new
            {
                accountType = "BANK_ACCOUNT",
                country = "US",
                currency = "USD",
                status = "PENDING",
                payeeStatus = "Activated",
                ipnUrl = receiver.Url,
            }))!;
        await provider.Merchant.ControlAsync(
            $"/simulator/accounts/{added["accountToken"]}", new { status = "ACTIVATED" });

        Assert.Equal("PENDING", (string?)added["status"]);
        Assert.Equal("Activated", provider.Payees.Find(customerNo)!.Status);
        Assert.Equal("ACTIVATED", receiver.Members(0)["accountStatus"]);
    }

    private static Task<string> AddAsync(Provider provider, string customerNo, object account) =>
        provider.Merchant.ControlAsync($"/simulator/payees/{customerNo}/portal", account);

    private static async Task<JsonArray> ListAsync(Provider provider, string customerNo)
    {
        var answer = await provider.Merchant.CallAsync(
            "/v3/payee/payout-accounts", new() { ["customerNo"] = customerNo });
        return JsonNode.Parse(answer)!["accounts"]!.AsArray();
    }
}
