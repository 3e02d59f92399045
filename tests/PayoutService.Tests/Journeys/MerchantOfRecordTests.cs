using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>Paying in somebody else's name: from a payor that nobody knows to a payout that is paid.</summary>
public sealed class MerchantOfRecordTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_payor_is_registered_and_approved_and_its_payee_is_paid()
    {
        var payorNo = await RegisterPayorAsync();
        var upload = await stage.Api.PostAsync(
            $"/v1/payors/{payorNo}/documents", Example.Form([("w9.pdf", [1, 2, 3])], ("documentType", "W9")));
        await ApproveAsync(payorNo);
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", Payee(payorNo)));
        var account = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(
            $"/v1/payees/{Text(payee, "id")}/accounts", Example.Account("main")));
        var invoiceId = stage.NewKey("mor");

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(Text(account, "id"), invoiceId));
        await stage.RunAsync(TimeSpan.FromMinutes(10));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (upload.StatusCode, answer.StatusCode));
        Assert.Equal((payorNo, payorNo), (Text(payee, "payorNo"), Text(account, "payorNo")));
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, null), (payout.Status, payout.Attention));
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    [Fact]
    public async Task A_payee_under_a_payor_that_is_not_approved_is_refused_and_its_key_stays_free()
    {
        var payorNo = await RegisterPayorAsync();
        var request = Payee(payorNo);

        var early = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        await ApproveAsync(payorNo);
        var late = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created), (early.StatusCode, late.StatusCode));
        Assert.Equal("provider-refused", Text(await ServiceFixture.Answer(early), "code"));
    }

    [Fact]
    public async Task A_payees_payor_is_part_of_its_request_and_can_never_be_changed()
    {
        var payorNo = await RegisterPayorAsync();
        await ApproveAsync(payorNo);
        var request = Payee(payorNo);
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", request));

        var changed = await stage.Api.PatchAsJsonAsync($"/v1/payees/{Text(payee, "id")}", new { payorNo = "P2" });
        request["payorNo"] = "P2";
        var differs = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Conflict), (changed.StatusCode, differs.StatusCode));
        Assert.Equal("unknown-member", Text(await ServiceFixture.Answer(changed), "code"));
        Assert.Equal(
            ["payorNo"],
            (await ServiceFixture.Answer(differs)).GetProperty("fields").EnumerateArray().Select(
                field => field.GetString()));
    }

    [Fact]
    public async Task An_account_that_the_payee_set_up_without_us_has_its_payor_too()
    {
        var payorNo = await RegisterPayorAsync();
        await ApproveAsync(payorNo);
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", Payee(payorNo)));
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "createAccount", answer = new { kind = "http", status = 502, body = "Bad gateway" } });
        await stage.Api.PostAsJsonAsync($"/v1/payees/{Text(payee, "id")}/accounts", Example.Account("lost"));
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            $"SET session_replication_role = replica; DELETE FROM accounts WHERE payor_no = '{payorNo}'");

        var synced = await ServiceFixture.Answer(
            await stage.Api.PostAsync($"/v1/payees/{Text(payee, "id")}/accounts/sync", null));

        var account = Assert.Single(synced.GetProperty("data").EnumerateArray());
        Assert.Equal(payorNo, Text(account, "payorNo"));
    }

    private static string Text(JsonElement resource, string name) => resource.GetProperty(name).GetString()!;

    private Dictionary<string, object?> Payee(string payorNo)
    {
        var request = Example.Payee(stage.NewKey("mor-payee"));
        request["payorNo"] = payorNo;
        return request;
    }

    private async Task<string> RegisterPayorAsync()
    {
        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", Example.Payor(stage.NewKey("payor")));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return Text(await ServiceFixture.Answer(answer), "payorNo");
    }

    private async Task ApproveAsync(string payorNo)
    {
        var answer = await stage.Control.PostAsJsonAsync($"/simulator/payors/{payorNo}", new { status = "APPROVED" });
        answer.EnsureSuccessStatusCode();
    }
}
