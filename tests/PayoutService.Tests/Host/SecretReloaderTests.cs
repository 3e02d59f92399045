using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using PayoutService.Tests.Support;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Host;

/// <summary>A process that is running reads the secrets file again when it changes.</summary>
[Trait("Run", "Long")]
public sealed class SecretReloaderTests
{
    /// <summary>The portal's Refresh makes a new token and deletes the old one at once, so there is no time in which
    /// both are good.</summary>
    [Fact]
    public async Task A_refresh_in_Pockyts_portal_under_load_fails_nothing_and_pays_nothing_twice()
    {
        const string Published = "17cfc0170ef1c017b4a929d233d6e65e";
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        using var pockyt = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };
        using var file = new SecretsFileOfTest();
        await file.WriteTokensAsync("main", Published);
        using var service = await ServiceProcess.StartAsync(
            await TestDatabase.CreateAsync(), simulator.Urls.First(), $"--SecretsFile={file.Path}");
        var account = await service.RegisterAsync();
        using var enough = new CancellationTokenSource();
        var answers = new ConcurrentDictionary<string, HttpStatusCode>();
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (var number = 0; !enough.IsCancellationRequested; number++)
            {
                var invoiceId = $"load-{caller}-{number}";
                var answer = await service.Api.PostAsJsonAsync(
                    "/v1/payouts", Example.Payout(account, invoiceId, "1.00"));
                answers[invoiceId] = answer.StatusCode;
                await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System);
            }
        })).ToArray();

        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        await service.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "A new token" });
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        await pockyt.PostAsJsonAsync("/simulator/merchants/202333/token", new { token = "another-token" });
        await file.WriteTokensAsync("main", "another-token", Published);
        await service.WhenLoggedAsync("Reloaded secrets of main: 2 tokens, 1 notice secrets.");
        var balance = await service.Api.GetAsync("/v1/balances?currency=USD");
        var resumed = await service.Api.PostAsync("/v1/sending/resume", null);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        await enough.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (balance.StatusCode, resumed.StatusCode));
        Assert.True(answers.Count > 100, $"{answers.Count} payouts");
        Assert.All(answers.Values, answer => Assert.Equal(HttpStatusCode.Created, answer));
        foreach (var invoiceId in answers.Keys)
        {
            await service.WhenAsync(invoiceId, payout => payout.GetProperty("moneyMoved").GetString() is "yes");
        }

        var book = (Ledger)simulator.Services.GetService(typeof(Ledger))!;
        Assert.Equal(answers.Count, book.PayoutCount);
        Assert.All(answers.Keys, invoiceId => Assert.Single(book.PayoutsOf(invoiceId)));
    }

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
        await service.WhenLoggedAsync("Reloaded secrets of main: 2 tokens, 1 notice secrets.");
        await pockyt.PostAsJsonAsync("/simulator/merchants/202333/token", new { token = "another-token" });
        var second = await service.PayAsync("2.00");
        await service.WhenAsync(second, payout => payout.GetProperty("status").GetString() is "succeeded");

        Assert.DoesNotContain(
            service.Log,
            line => line.Contains("another-token", StringComparison.Ordinal)
                || line.Contains(Published, StringComparison.Ordinal));
    }
}
