using System.Net.Http.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>A process that is running reads the secrets file again when it changes.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task A_changed_file_is_taken_over_or_refused_without_a_restart_and_no_value_is_logged()
    {
        const string Published = "17cfc0170ef1c017b4a929d233d6e65e";
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
        {
            builder.Configuration["urls"] = "http://127.0.0.1:0";
            builder.Configuration["Simulator:NoticeDelay"] = "00:00:00";
        });
        await simulator.StartAsync();
        using var pockyt = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };
        using var file = new SecretsFileOfTest();
        await file.WriteTokensAsync("main", Published);
        using var service = await ServiceProcess.StartAsync(
            await TestDatabase.CreateAsync(), simulator.Urls.First(), $"--SecretsFile={file.Path}");

        await file.WriteAsync("{ broken");
        await service.WhenLoggedAsync("SecretsFile names a file that is empty, gone, or not JSON.");
        var first = await service.PayAsync("1.00");
        await service.WhenAsync(first, payout => payout.GetProperty("status").GetString() is "succeeded");
        await file.WriteTokensAsync("main", "another-token", Published);
        await service.WhenLoggedAsync("The merchant main was given other tokens or notice secrets: now 2 and 1.");
        await pockyt.PostAsJsonAsync("/simulator/merchants/202333/token", new { token = "another-token" });
        var second = await service.PayAsync("2.00");
        await service.WhenAsync(second, payout => payout.GetProperty("status").GetString() is "succeeded");

        Assert.DoesNotContain(
            service.Log,
            line => line.Contains("another-token", StringComparison.Ordinal)
                || line.Contains(Published, StringComparison.Ordinal));
    }
}
