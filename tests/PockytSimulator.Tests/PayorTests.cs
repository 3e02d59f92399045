using System.Net;
using System.Text.Json.Nodes;
using PockytSimulator.Payees;

namespace PockytSimulator.Tests;

/// <summary>Payors, in whose name a merchant of record pays.</summary>
public sealed class PayorTests : IAsyncLifetime
{
    private readonly StateFolder state = new();
    private Provider provider = null!;

    public async Task InitializeAsync() => provider = await Provider.StartAsync(state.File);

    public async Task DisposeAsync()
    {
        await provider.DisposeAsync();
        state.Dispose();
    }

    [Fact]
    public async Task A_payor_is_registered_and_its_documents_are_uploaded_in_two_ways()
    {
        var registered = await RegisterAsync();
        var payorNo = (string)registered["result"]!["payorNo"]!;
        var upload = $"/v1/payor/upload/{payorNo}";

        var multipart = await provider.Merchant.UploadAsync(
            upload, new() { ["documentType"] = "W9" }, ("w9.pdf", new byte[2 * 1024 * 1024]));
        var json = await provider.Merchant.CallAsync(
            upload, new() { ["file"] = Convert.ToBase64String(new byte[7]), ["fileName"] = "id.png" });

        Assert.Matches("^P[0-9]{8}$", payorNo);
        Assert.Equal("SUBMITTED", (string?)registered["result"]!["status"]);
        Assert.Equal(("000100", "000100"), (CodeOf(multipart), CodeOf(json)));
        Assert.Equal(payorNo, Merchant.MemberOf(json, "result", "payorNo"));
        var known = await KnownAsync(provider);
        Assert.Equal("Lovelace Ltd", (string?)known["members"]!["businessName"]);
        Assert.Equal(
            [("w9.pdf", 2097152L), ("id.png", 7L)],
            known["documents"]!.AsArray().Select(d => ((string)d!["name"]!, (long)d["bytes"]!)));

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.True(JsonNode.DeepEquals(known, await KnownAsync(second)));
    }

    [Fact]
    public async Task An_upload_that_is_not_right_is_refused()
    {
        var payorNo = (string)(await RegisterAsync())["result"]!["payorNo"]!;
        var upload = $"/v1/payor/upload/{payorNo}";
        using var stranger = provider.As("202333", "301854", "wrong");
        using var otherStore = provider.As("202333", "1", "17cfc0170ef1c017b4a929d233d6e65e");

        Assert.Equal("000020", CodeOf(await provider.Merchant.UploadAsync(upload, [], file: null)));
        Assert.Equal("000020", CodeOf(await provider.Merchant.CallAsync(upload, [])));
        Assert.Equal("000021", CodeOf(await provider.Merchant.UploadAsync("/v1/payor/upload/P1", [], ("a", [1]))));
        Assert.Equal("000022", CodeOf(
            await provider.Merchant.UploadAsync(upload, new() { ["payorNo"] = "P1" }, ("a", [1]))));
        Assert.Equal("000023", CodeOf(await provider.Merchant.CallAsync(upload, new() { ["file"] = "not base64" })));
        Assert.Equal("000000", CodeOf(await stranger.UploadAsync(upload, [], ("a", [1]))));
        Assert.Equal("000030", CodeOf(await otherStore.UploadAsync(upload, [], ("a", [1]))));
        Assert.Empty((await KnownAsync(provider))["documents"]!.AsArray());
    }

    [Fact]
    public async Task What_registering_demands_is_a_setting()
    {
        await using var other = await Provider.StartAsync(
            stateFile: null, ("MandatoryPayorFields:0", "businessName"), ("NewPayorStatus", "SAVED"));

        var refused = await other.Merchant.CallAsync("/v1/payor/register", []);
        var registered = await other.Merchant.CallAsync("/v1/payor/register", new() { ["businessName"] = "L" });

        Assert.Equal("000020", CodeOf(refused));
        Assert.Equal("SAVED", Merchant.MemberOf(registered, "result", "status"));
    }

    [Theory]
    [InlineData("SAVED", "000030")]
    [InlineData("SUBMITTED", "000030")]
    [InlineData("DECLINED", "000030")]
    [InlineData("APPROVED", "000100")]
    [InlineData("EFFECTIVE", "000100")]
    public async Task Payees_and_accounts_need_a_payor_that_is_approved(string status, string code)
    {
        var payorNo = await PayorAsync("APPROVED");
        var customerNo = await provider.Merchant.RegisterPayeeAsync(("payorNo", payorNo));
        var token = Merchant.MemberOf(
            await provider.Merchant.AddAccountAsync(customerNo, payorNo), "result", "accountToken");
        await MoveAsync(payorNo, status);

        Assert.Equal(code, CodeOf(await provider.Merchant.TryRegisterAsync(("payorNo", payorNo))));
        Assert.Equal(code, CodeOf(await provider.Merchant.AddAccountAsync(customerNo, payorNo)));
        Assert.Equal(code, CodeOf(await provider.Merchant.PayAsync((customerNo, token), "inv-1", "1.00")));
    }

    [Fact]
    public async Task A_payor_nobody_registered_is_unknown()
    {
        var customerNo = await provider.Merchant.RegisterPayeeAsync();

        Assert.Equal("000021", CodeOf(await provider.Merchant.TryRegisterAsync(("payorNo", "P00000001"))));
        Assert.Equal("000021", CodeOf(await provider.Merchant.AddAccountAsync(customerNo, "P00000001")));
    }

    [Fact]
    public async Task The_link_of_a_payee_to_its_payor_is_for_ever_and_so_is_its_e_mail()
    {
        var payorNo = await PayorAsync("APPROVED");
        var other = await PayorAsync("EFFECTIVE");
        var linked = await provider.Merchant.RegisterPayeeAsync(("payorNo", payorNo));
        var free = await provider.Merchant.RegisterPayeeAsync();

        Assert.Equal("000022", CodeOf(await UpdateAsync(linked, "payorNo", other)));
        Assert.Equal("000022", CodeOf(await UpdateAsync(free, "payorNo", payorNo)));
        Assert.Equal("000022", CodeOf(await UpdateAsync(linked, "email", "new@example.com")));
        Assert.Equal("000100", CodeOf(await UpdateAsync(free, "email", "new@example.com")));
        Assert.Equal("000100", CodeOf(await UpdateAsync(linked, "payorNo", payorNo)));
        Assert.Equal("000100", CodeOf(await UpdateAsync(linked, "email", "payee-1@example.com")));
        Assert.Equal("000100", CodeOf(await UpdateAsync(linked, "city", "Elsewhere")));
        Assert.Equal("000022", CodeOf(await provider.Merchant.AddAccountAsync(linked, other)));
        Assert.Equal("000022", CodeOf(await provider.Merchant.AddAccountAsync(free, payorNo)));
        Assert.Equal("000020", CodeOf(await provider.Merchant.AddAccountAsync(linked)));

        await using var lenient = await Provider.StartAsync(
            state.AsIfKilledNow(), ("RequirePayorNoOnAccounts", "false"));
        Assert.Equal("000100", CodeOf(await lenient.Merchant.AddAccountAsync(linked)));
    }

    [Theory]
    [InlineData("SAVED", "000030")]
    [InlineData("DECLINED", "000030")]
    [InlineData("SUBMITTED", "000100")]
    [InlineData("EFFECTIVE", "000100")]
    public async Task An_account_is_not_deleted_while_its_payor_is_shut(string status, string code)
    {
        var payorNo = await PayorAsync("APPROVED");
        var customerNo = await provider.Merchant.RegisterPayeeAsync(("payorNo", payorNo));
        var token = Merchant.MemberOf(
            await provider.Merchant.AddAccountAsync(customerNo, payorNo), "result", "accountToken");
        await MoveAsync(payorNo, status);

        var answer = await provider.Merchant.CallAsync("/v3/payee/account/delete", new()
        {
            ["customerNo"] = customerNo,
            ["accountToken"] = token,
        });

        Assert.Equal(code, CodeOf(answer));
        Assert.Equal(code == "000100", provider.Payees.FindAccount(token) is null);
    }

    [Fact]
    public async Task A_payor_s_statuses_are_Pockyt_s_and_come_at_their_time_also_after_a_kill()
    {
        var payorNo = await PayorAsync("SUBMITTED");
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => MoveAsync(payorNo, "HAPPY"));
        await provider.Merchant.ControlAsync(
            $"/simulator/payors/{payorNo}", new { status = "APPROVED", afterSeconds = 3600 });

        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.Equal("000030", CodeOf(await second.Merchant.TryRegisterAsync(("payorNo", payorNo))));
        second.Advance(TimeSpan.FromHours(1));
        await StateFolder.UntilAsync(
            () => second.Get<PayorRegistry>().Find(payorNo)!.Status == "APPROVED");
        Assert.Equal("000100", CodeOf(await second.Merchant.TryRegisterAsync(("payorNo", payorNo))));
    }

    [Fact]
    public async Task A_payor_belongs_to_one_merchant_and_its_calls_can_be_struck_by_a_fault()
    {
        await using var shared = await Provider.StartAsync(
            stateFile: null,
            ("Merchants:0:MerchantNo", "2"),
            ("Merchants:0:StoreNo", "3"),
            ("Merchants:0:Token", "other"),
            ("NewPayorStatus", "APPROVED"));
        using var other = shared.As("2", "3", "other");
        var payorNo = Merchant.MemberOf(
            await shared.Merchant.CallAsync("/v1/payor/register", []), "result", "payorNo");

        Assert.Equal("000021", CodeOf(await other.TryRegisterAsync(("payorNo", payorNo))));
        Assert.Equal("000021", CodeOf(await other.UploadAsync($"/v1/payor/upload/{payorNo}", [], ("a", [1]))));

        foreach (var call in new[] { "registerPayor", "uploadPayor" })
        {
            await shared.Merchant.ControlAsync(
                "/simulator/faults", new { call, answer = new { kind = "ret", code = "000080" } });
        }

        Assert.Equal("000080", CodeOf(await shared.Merchant.CallAsync("/v1/payor/register", [])));
        Assert.Equal("000080", CodeOf(
            await shared.Merchant.UploadAsync($"/v1/payor/upload/{payorNo}", [], ("a", [1]))));
    }

    private static string? CodeOf(string answer) => (string?)JsonNode.Parse(answer)!["ret_code"];

    private static async Task<JsonNode> KnownAsync(Provider provider) => JsonNode.Parse(
        await provider.Merchant.ReadAsync("/simulator/payors"))!["payors"]!.AsArray().Single()!;

    private async Task<JsonNode> RegisterAsync() => JsonNode.Parse(await provider.Merchant.CallAsync(
        "/v1/payor/register", new() { ["businessName"] = "Lovelace Ltd", ["email"] = "ltd@example.com" }))!;

    private async Task<string> PayorAsync(string status)
    {
        var payorNo = (string)(await RegisterAsync())["result"]!["payorNo"]!;
        await MoveAsync(payorNo, status);
        return payorNo;
    }

    private Task<string> MoveAsync(string payorNo, string status) =>
        provider.Merchant.ControlAsync($"/simulator/payors/{payorNo}", new { status });

    private Task<string> UpdateAsync(string customerNo, string name, string value) => provider.Merchant.CallAsync(
        "/v3/payee/update", new() { ["customerNo"] = customerNo, [name] = value });
}
