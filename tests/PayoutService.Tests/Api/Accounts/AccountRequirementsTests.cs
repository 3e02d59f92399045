using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PayoutService.Tests.Support;
using PockytSimulator.Control;

namespace PayoutService.Tests.Api.Accounts;

/// <summary>What Pockyt says an account needs, when it says more, less or nothing.</summary>
public sealed class AccountRequirementsTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Theory]
    [InlineData(true, HttpStatusCode.Created)]
    [InlineData(false, HttpStatusCode.Created)]
    public async Task The_entry_that_was_asked_for_counts_and_none_is_as_if_Pockyt_did_not_say(
        bool isListed, HttpStatusCode expected)
    {
        var wire = Entry("BANK_ACCOUNT", "EUR", "BUSINESS", "swift");
        var own = Entry("BANK_ACCOUNT", "EUR", "INDIVIDUAL", "sortCode");
        var other = Entry("BANK_ACCOUNT", "USD", "INDIVIDUAL", "routing");
        JsonObject[] told = isListed ? [wire, other, own] : [wire, other];
        stage.Faults.Add(new FaultScript("configurations", Times: 0, Answer: new FaultAnswer(
            "replace", Members: new JsonObject { ["results"] = new JsonArray([.. told]) })));
        stage.Faults.Add(new FaultScript("createAccount", Times: 0, Execute: false, Answer: new FaultAnswer(
            "replace", Members: Added())));

        var answer = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", Account("sortCode"));
        var wrong = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", Account("swift"));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(isListed ? HttpStatusCode.BadRequest : HttpStatusCode.Conflict, wrong.StatusCode);
    }

    [Fact]
    public async Task While_Pockyt_does_not_say_right_details_are_passed_on_and_ours_are_not_overwritten()
    {
        stage.Faults.Add(new FaultScript("configurations", Times: 0, Execute: false, Answer: new FaultAnswer(
            "ret", Code: "000080", Message: "supplier system error")));
        var account = Example.Account("unsaid");
        account["country"] = "GB";
        account["currency"] = "GBP";
        account["details"] = new Dictionary<string, string>
        {
            ["iban"] = "GB29NWBK60161331926819",
            ["bankAccountName"] = "Ada Lovelace",
            ["bankAccountPurpose"] = "CHECKING",
        };
        var hostile = Example.Account("hostile");
        hostile["details"] = new Dictionary<string, string>
        {
            ["bankAccountId"] = "7861053298",
            ["branchId"] = "101089292",
            ["bankAccountPurpose"] = "CHECKING",
            ["ipnUrl"] = "https://elsewhere.example",
        };

        var asked = await stage.Api.GetAsync(
            "/v1/account-requirements?country=GB&currency=GBP&accountType=BANK_ACCOUNT");
        var added = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", account);
        var refused = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", hostile);

        Assert.Equal(HttpStatusCode.BadGateway, asked.StatusCode);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal("unknown-member", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_kind_of_account_that_Pockyt_does_not_have_is_said_so()
    {
        var none = await stage.Api.GetAsync(
            "/v1/account-requirements?country=AQ&currency=USD&accountType=BANK_ACCOUNT");

        var problem = await ServiceFixture.Answer(none);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal("Pockyt has no accounts of this kind.", problem.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("PAYPAL")]
    [InlineData("VENMO")]
    public async Task PayPal_and_Venmo_need_the_published_member_when_Pockyt_does_not_say(string type)
    {
        stage.Faults.Add(new FaultScript("configurations", Times: 0, Execute: false, Answer: new FaultAnswer(
            "ret", Code: "000080", Message: "supplier system error")));
        var account = Example.Account("wallet");
        (account["accountType"], account["details"]) = (type, new Dictionary<string, string>());

        var refused = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", account));

        Assert.True(refused.GetProperty("errors").TryGetProperty("details.bankAccountId", out _));
    }

    private static JsonObject Entry(string type, string currency, string profile, string field) => new()
    {
        ["profileType"] = profile,
        ["accountType"] = type,
        ["accountCurrency"] = currency,
        ["fields"] = new JsonArray(new JsonObject { ["name"] = field, ["isRequired"] = true }),
    };

    private static JsonObject Added() => new()
    {
        ["ret_code"] = "000100",
        ["result"] = new JsonObject
        {
            ["accountToken"] = "2010179525825490800099",
            ["accountStatus"] = "ACTIVATED",
        },
    };

    private static Dictionary<string, object?> Account(string detail)
    {
        var account = Example.Account("one-of-several");
        (account["country"], account["currency"]) = ("DE", "EUR");
        account["details"] = new Dictionary<string, string> { [detail] = "123456" };
        return account;
    }
}
