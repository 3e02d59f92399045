using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>What stands in the log, and what must never stand there.</summary>
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

        var lines = service.Log.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Contains(
            lines,
            line => line.TryGetProperty("invoiceId", out var named) && named.GetString() == invoiceId);
        Assert.Contains(lines, line => line.TryGetProperty("payoutId", out _));
        Assert.Contains(lines, line => line.GetProperty("message").GetString()
            == $"Payouts go to simulator: {new Uri(simulator.Urls.First()).Authority}, for main.");
        Assert.Contains(
            lines,
            line => line.TryGetProperty("traceId", out var trace) && trace.GetString()!.Length == 32);
        Assert.Contains(lines, line => line.GetProperty("message").GetString()!.Contains(
            "/webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability}", StringComparison.Ordinal));
        var all = string.Join('\n', service.Log);
        string[] secrets =
            ["17cfc0170ef1c017b4a929d233d6e65e", "verifySign", "dev-key", "7861053298", "Hometown", "capability/"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }
}
