using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Controls;

/// <summary>A service whose rules are on, at their defaults unless the test says otherwise.</summary>
public sealed class ControlledService : IAsyncLifetime
{
    private int made;

    public ControlledService()
        : this(new ServiceFixture().With("Controls:Enabled", "true"))
    {
    }

    /// <param name="stage">A service that has its rules on, or will have them.</param>
    internal ControlledService(ServiceFixture stage) => Stage = stage;

    public ServiceFixture Stage { get; }

    public Task InitializeAsync() => Stage.InitializeAsync();

    public Task DisposeAsync() => Stage.DisposeAsync();

    /// <summary>An account of a payee of its own, with a number that no other has, added so long ago.</summary>
    internal async Task<string> AccountAsync(TimeSpan age, string? number = null) =>
        (await PayeeAsync(age, number)).Account;

    internal async Task<(string Payee, string Account)> PayeeAsync(TimeSpan age, string? number = null)
    {
        var payee = await ServiceFixture.RepeatAsync(Stage.Api, "/v1/payees", Example.Payee(Stage.NewKey("payee")));
        var account = await AddAsync(payee, number);
        await Stage.AdvanceAsync(age);
        return (payee, account);
    }

    internal async Task<string> AddAsync(string payee, string? number = null)
    {
        var request = Example.Account(Stage.NewKey("account"));
        ((Dictionary<string, string>)request["details"]!)["bankAccountId"] = number
            ?? string.Create(CultureInfo.InvariantCulture, $"88{Interlocked.Increment(ref made):00000000}");
        return await ServiceFixture.RepeatAsync(Stage.Api, $"/v1/payees/{payee}/accounts", request);
    }

    /// <summary>Asks for a payout.</summary>
    internal async Task<HttpResponseMessage> AskAsync(
        string account, string amount, HttpClient? caller = null, string? invoiceId = null) =>
        await (caller ?? Stage.Api).PostAsJsonAsync(
            "/v1/payouts", Example.Payout(account, invoiceId ?? Stage.NewKey("inv"), amount));

    internal async Task<JsonElement> PayAsync(
        string account, string amount, HttpClient? caller = null, string? invoiceId = null)
    {
        using var answer = await AskAsync(account, amount, caller, invoiceId);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await ServiceFixture.Answer(answer);
    }

    /// <summary>What was said about a payout; its version is the one that If-Match names.</summary>
    internal static async Task<(HttpStatusCode Status, JsonElement Body)> DecideAsync(
        string verb, JsonElement payout, HttpClient caller, int? version = null, string reason = "It was the test.")
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1/payouts/{payout.GetProperty("id").GetString()}/{verb}")
        {
            Content = JsonContent.Create(new { reason }),
        };
        var seen = version ?? payout.GetProperty("version").GetInt32();
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{seen}\""));
        using var answer = await caller.SendAsync(request);
        return (answer.StatusCode, await ServiceFixture.Answer(answer));
    }

    internal Task<JsonElement> ShowAsync(JsonElement payout) => ShowAsync(payout.GetProperty("id").GetString()!);

    internal async Task<JsonElement> ShowAsync(string id) =>
        await ServiceFixture.Answer(await Stage.Api.GetAsync($"/v1/payouts/{id}"));

    internal static string[] HoldsOf(JsonElement payout) =>
        payout.TryGetProperty("holds", out var holds)
            ? [.. holds.EnumerateArray().Select(hold => hold.GetProperty("reason").GetString()!)] : [];

    internal static string Text(JsonElement body, string member) => body.GetProperty(member).GetString()!;

    internal async Task<List<PayoutEvent>> EventsAsync(JsonElement payout) =>
        await Stage.EventsAsync(Text(payout, "invoiceId"));
}
