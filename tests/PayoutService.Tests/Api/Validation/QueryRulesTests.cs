using System.Net;
using System.Net.Http.Json;
using System.Text;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Validation;

/// <summary>What an address or a body asks for that is not to be had is refused by its name, and not ignored.</summary>
public sealed class QueryRulesTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("C11", "/v1/payouts?invoice_id=inv-1", "invoice_id")]
    [InlineData("C11", "/v1/payouts?moneyMoved=unknown", "moneyMoved")]
    [InlineData("C11", "/v1/payees?sort=amount", "sort")]
    [InlineData("C11", "/v1/sending?x=1", "x")]
    [InlineData("R-77", "/v1/payouts?amount[]=1", "amount[]")]
    [InlineData("R-77", "/v1/payouts?status=queued&status=held", "status")]
    [InlineData("F19", "/v1/payouts?limit=1&limit=2", "limit")]
    [InlineData("G3", "/v1/payouts?limit=abc", "limit")]
    [InlineData("G3", "/v1/payouts?limit=1e9", "limit")]
    [InlineData("G3", "/v1/payouts?limit=0", "limit")]
    [InlineData("C13", "/v1/payouts?createdFrom=yesterday", "createdFrom")]
    [InlineData("C13", "/v1/payouts?createdFrom=01/12/2026", "createdFrom")]
    [InlineData("C13", "/v1/payouts?createdTo=10:00", "createdTo")]
    [InlineData("C13", "/v1/payouts?createdTo=2026-01-01T00:00:00", "createdTo")]
    [InlineData("C13", "/v1/payouts?payeeId=1", "payeeId")]
    [InlineData("C21", "/v1/payouts?attention=nope", "attention")]
    [InlineData("G4", "/v1/balances?currency=-1", "currency")]
    [InlineData("G4", "/v1/account-requirements?country=US&accountType=BANK_ACCOUNT", "currency")]
    [InlineData("F6", "/v1/account-requirements?country=US%26a&currency=USD&accountType=BANK_ACCOUNT", "country")]
    [InlineData("F6", "/v1/account-requirements?country=US&currency=USD&accountType=X%0d%0a", "accountType")]
    [InlineData("F6", "/v1/account-requirements?country=US&currency=-1&accountType=CRYPTO", "currency")]
    public async Task A_parameter_that_is_wrong_or_unknown_is_named(string id, string address, string name)
    {
        var refused = await stage.Api.GetAsync(address);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty(name, out _), id);
    }

    [Theory]
    [InlineData("C5", "/v1/payouts?createdFrom=2026-01-01t00:00:00z&createdTo=2027-01-01T00:00:00.123456789%2B01:00")]
    [InlineData("C21", "/v1/payouts?attention=access&limit=200")]
    public async Task Parameters_in_any_right_spelling_are_taken(string id, string address)
    {
        var answer = await stage.Api.GetAsync(address);

        Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{id}: {await answer.Content.ReadAsStringAsync()}");
    }

    [Theory]
    [InlineData("C22", "application/json; charset=utf8")]
    [InlineData("C22", "application/json;")]
    [InlineData("C22", "application/json;charset=utf-8;")]
    [InlineData("G1", "application/json; charset=\"utf-8\"")]
    public async Task A_content_type_that_means_utf_8_json_is_taken(string id, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sending/resume");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}"));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await stage.Api.SendAsync(request);

        Assert.True(answer.StatusCode is HttpStatusCode.OK, id);
    }

    [Theory]
    [InlineData("F17", "a\"b")]
    [InlineData("F17", "a\tb")]
    [InlineData("F17", "a\u007fb")]
    [InlineData("F17", "a,b")]
    public async Task An_idempotency_key_is_one_word_of_visible_ascii(string id, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/payouts");
        request.Content = JsonContent.Create(Example.Payout(stage.AccountId, "case-F17"));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);

        var refused = await stage.Api.SendAsync(request);

        Assert.True(refused.StatusCode is HttpStatusCode.BadRequest, id);
    }

    [Fact]
    public async Task A_time_that_is_past_and_an_account_that_is_not_there_are_named()
    {
        var past = Example.Payout(stage.AccountId, "case-C6");
        past["executeAt"] = "2020-01-01T00:00:00Z";
        var nobody = Example.Payout("acc_01jh9m3k8r6x0t2v4w6y8z0a1b", "case-O10");

        var late = await stage.Api.PostAsJsonAsync("/v1/payouts", past);
        var unknown = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payouts", nobody));

        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Equal("account-not-found", unknown.GetProperty("code").GetString());
        Assert.True(unknown.GetProperty("errors").TryGetProperty("accountId", out _));
    }

    [Fact]
    public async Task A_replacement_that_pays_more_is_refused()
    {
        var first = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "case-C19")));
        var id = first.GetProperty("id").GetString();
        await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        var more = Example.Payout(stage.AccountId, "case-C19-more", "999.00");
        more["replaces"] = id;
        var less = Example.Payout(stage.AccountId, "case-C19-less", "499.00");
        less["replaces"] = id;

        var refused = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payouts", more));
        var taken = await stage.Api.PostAsJsonAsync("/v1/payouts", less);

        Assert.Equal("replacement-differs", refused.GetProperty("code").GetString());
        Assert.Equal("amount", refused.GetProperty("fields")[0].GetString());
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task A_replacement_to_another_payee_or_in_another_currency_is_refused_by_what_differs()
    {
        var first = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "case-C19-first")));
        var id = first.GetProperty("id").GetString();
        await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        var other = await ServiceFixture.RepeatAsync(stage.Api, "/v1/payees", Example.Payee("case-C19"));
        var account =
            await ServiceFixture.RepeatAsync(stage.Api, $"/v1/payees/{other}/accounts", Example.Account("main-bank"));
        var toOther = Example.Payout(account, "case-C19-other");
        toOther["replaces"] = id;

        var refused = await stage.Api.PostAsJsonAsync("/v1/payouts", toOther);

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("replacement-differs", problem.GetProperty("code").GetString());
        Assert.Contains(
            problem.GetProperty("fields").EnumerateArray(), field => field.GetString() is "payeeId" or "payee");
    }

    [Fact]
    public async Task Balances_without_a_currency_are_those_of_every_currency_that_an_account_takes()
    {
        var account = Example.Account("in-euro");
        (account["country"], account["currency"]) = ("DE", "EUR");
        account["details"] = new Dictionary<string, string>
        {
            ["iban"] = "DE89370400440532013000",
            ["bankAccountName"] = "Ada",
            ["bankAccountPurpose"] = "CHECKING",
        };
        await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", account);

        var all = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/balances"));

        Assert.Equal(
            ["EUR", "USD"],
            all.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("currency").GetString()!).Order());
    }

    [Fact]
    public async Task A_removed_account_is_not_added_again_under_its_tag()
    {
        var accounts = $"/v1/payees/{stage.PayeeId}/accounts";
        var account =
            await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(accounts, Example.Account("case-B11")));
        await stage.Api.DeleteAsync($"{accounts}/{account.GetProperty("id").GetString()}");

        var again = await stage.Api.PostAsJsonAsync(accounts, Example.Account("case-B11"));

        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("account-removed", (await ServiceFixture.Answer(again)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_key_that_is_wrong_is_told_so()
    {
        var wrong = await ServiceFixture.Answer(await stage.Client("wrong-key").GetAsync("/v1/payouts"));
        var none = await ServiceFixture.Answer(await stage.Client(null).GetAsync("/v1/payouts"));

        Assert.Equal("The API key is not known.", wrong.GetProperty("title").GetString());
        Assert.Equal("An API key is needed.", none.GetProperty("title").GetString());
    }
}
