using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>What stands in the log, and what must never stand there.</summary>
[Trait("Run", "Long")]
public sealed class LoggingTests
{
    [Fact]
    public async Task A_payouts_life_is_in_the_log_as_json_lines_and_no_secret_is()
    {
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        using var service = await ServiceProcess.StartAsync(await TestDatabase.CreateAsync(), simulator.Urls.First());

        var invoiceId = await service.PayAsync("12.34");
        await service.WhenAsync(invoiceId, payout => payout.GetProperty("moneyMoved").GetString() is "yes");

        var refused = await service.Api.GetAsync("/v1/payouts/po_01m8bkxd68ffbsj9n4kamrrzq4");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var lines = service.Log.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Contains(lines, line => Text(line, "invoiceId") == invoiceId);
        Assert.Contains(lines, line => Text(line, "payoutId").StartsWith("po_", StringComparison.Ordinal));
        Assert.Contains(lines, line => Text(line, "@m")
            == $"Payouts go to simulator: {new Uri(simulator.Urls.First()).Authority}, for main.");
        Assert.Contains(lines, line => Text(line, "@tr").Length == 32);
        Assert.Contains(lines, line => Text(line, "@m").StartsWith(
            "POST /webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability} answered 200 in ",
            StringComparison.Ordinal));
        Assert.Contains(lines, line => Text(line, "route") == "/v1/payouts/" && Text(line, "method") == "POST"
            && Text(line, "payoutId").Length == 29);
        Assert.Contains(lines, line => Text(line, "problem") == "not-found" && Text(line, "key") == "dev"
            && Text(line, "merchant") == "main" && Text(line, "peer").Length > 0
            && Text(line, "payoutId") == "po_01m8bkxd68ffbsj9n4kamrrzq4");
        var all = string.Join('\n', service.Log);
        string[] secrets =
            ["17cfc0170ef1c017b4a929d233d6e65e", "verifySign", "dev-key", "7861053298", "Hometown", "capability/"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));

        static string Text(JsonElement line, string name) =>
            line.TryGetProperty(name, out var value) ? value.GetString()! : "";
    }

    [Fact]
    public async Task What_is_refused_under_overload_has_one_line_for_many()
    {
        var database = await TestDatabase.CreateAsync();
        using var service = await ServiceProcess.StartAsync(
            database, "http://127.0.0.1:1", "--Limits:PayoutsAtOnce=1");
        await using var locked = await TestDatabase.LockPayoutsAsync(database);

        const string Nobody = "ac_01m8bkxd68ffbsj9n4kamrrzq4";
        var calls = Enumerable.Range(0, 6).Select(call => service.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(Nobody, $"line-{call}"))).ToList();
        while (calls.Count(call => call.IsCompleted) < 5)
        {
            await Task.WhenAny(calls.Where(call => !call.IsCompleted));
        }

        await locked.DisposeAsync();
        var answers = (await Task.WhenAll(calls)).Select(answer => (int)answer.StatusCode).Order();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        Assert.Equal([422, 503, 503, 503, 503, 503], answers);
        Assert.Single(service.Log, line => line.Contains("were refused", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Log, line => line.Contains("answered 503", StringComparison.Ordinal));
    }
}
