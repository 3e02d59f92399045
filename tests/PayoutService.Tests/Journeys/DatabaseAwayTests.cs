using System.Net;
using System.Net.Http.Json;
using PayoutService.Development;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>PostgreSQL stops and comes back.</summary>
[Collection(nameof(Alone))]
[Trait("Run", "Long")]
public sealed class DatabaseAwayTests
{
    private const int Workers = 8;

    /// <summary>Why it failed, and how it was answered.</summary>
    private const int OfTheRequest = 2;

    [Fact]
    public async Task The_log_has_one_line_of_each_worker_when_the_database_goes_and_one_when_it_is_back()
    {
        var folder = TestDatabase.FolderFor("away-log");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        await cluster.CreateDatabaseAsync("payouts");
        using (var service = await ServiceProcess.StartAsync(
            cluster.ConnectionString("payouts"), "http://127.0.0.1:1"))
        {
            await service.WhenLoggedAsync("The database was used for the first time");
            var started = service.Log.Count;

            await cluster.DisposeAsync();
            await service.WhenLoggedAsync("The database is away");
            var refused = await service.Api.GetAsync("/v1/payouts");
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
            var away = service.Log.Skip(started).ToList();
            await PrivatePostgres.StartAsync(folder, durable: false);
            await service.WhenLoggedAsync("The database is back", Workers);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var back = service.Log.Skip(started + away.Count).ToList();

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            var ofWorkers = away.Where(line => line.Contains("The database is away", StringComparison.Ordinal));
            Assert.True(ofWorkers.Count() == Workers, string.Join('\n', away));
            Assert.True(away.Count <= Workers + OfTheRequest, string.Join('\n', away));
            Assert.DoesNotContain(away, line => line.Contains("\"exception\"", StringComparison.Ordinal));
            Assert.True(back.Count == Workers, string.Join('\n', back));
        }

        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task While_the_database_is_away_calls_get_503_nothing_is_sent_and_the_same_calls_succeed_afterwards()
    {
        var folder = TestDatabase.FolderFor("away");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        await cluster.CreateDatabaseAsync("payouts");
        var stage = new ServiceFixture { ConnectionString = cluster.ConnectionString("payouts") };
        await stage.InitializeAsync();
        var request = Example.Payout(stage.AccountId, stage.NewKey(), "500.04");

        await cluster.DisposeAsync();
        var refused = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        var ready = await stage.Api.GetAsync("/health/ready");
        await Assert.ThrowsAnyAsync<Exception>(() => stage.Dispatcher.RunOnceAsync(CancellationToken.None));
        await PrivatePostgres.StartAsync(folder, durable: false);
        var accepted = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await stage.DispatchAsync();

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Created),
            (refused.StatusCode, ready.StatusCode, accepted.StatusCode));
        Assert.Equal("unavailable", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync((string)request["invoiceId"]!)).Status);
        await stage.DisposeAsync();
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task While_the_database_hangs_every_call_gets_503_within_3_s_and_nothing_is_made_twice()
    {
        var folder = TestDatabase.FolderFor("hung");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        await cluster.CreateDatabaseAsync("payouts");
        var stage = new ServiceFixture { ConnectionString = cluster.ConnectionString("payouts") };
        await stage.InitializeAsync();
        var request = Example.Payout(stage.AccountId, stage.NewKey(), "500.04");
        var payout = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey())));
        var link = $"/v1/payouts/{payout.GetProperty("id").GetString()}";
        var invoiceId = payout.GetProperty("invoiceId").GetString()!;
        var address = new Uri(stage.Get<NoticeAddress>().OfPayout("main", invoiceId));
        var calls = new Dictionary<string, Func<Task<HttpResponseMessage>>>
        {
            ["accept"] = () => stage.Api.PostAsJsonAsync("/v1/payouts", request),
            ["search"] = () => stage.Api.GetAsync("/v1/payouts"),
            ["show"] = () => stage.Api.GetAsync(link),
            ["cancel"] = () => stage.Api.PostAsync($"{link}/cancel", null),
            ["refresh"] = () => stage.Api.PostAsync($"{link}/refresh", null),
            ["pause"] = () => stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "It hangs" }),
            ["payee"] = () => stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("hung")),
            ["change"] = () => stage.Api.PatchAsJsonAsync($"/v1/payees/{stage.PayeeId}", new { lastName = "Byron" }),
            ["history"] = () => stage.Api.GetAsync("/v1/sending/events"),
            ["ready"] = () => stage.Api.GetAsync("/health/ready"),
            ["notification"] = () => stage.Api.PostAsJsonAsync(
                address, new { invoiceId, verifySign = new string('0', 32) }),
        };

        // A query is compiled at its first call, which takes a second where many tests run.
        foreach (var path in new[] { "/v1/payouts", link, "/v1/sending/events", "/health/ready" })
        {
            await stage.Api.GetAsync(path);
        }

        await SignalAsync(folder, "STOP");
        var answers = await Task.WhenAll(calls.Select(async call =>
        {
            var began = TimeProvider.System.GetTimestamp();
            using var answer = await call.Value();
            var late = TimeProvider.System.GetElapsedTime(began).TotalSeconds >= 3;
            return (call.Key, (int)answer.StatusCode, late);
        }));
        await SignalAsync(folder, "CONT");
        var repeated = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        Assert.Equal(calls.Keys.Select(name => (name, 503, false)), answers);
        Assert.True(repeated.IsSuccessStatusCode, $"{repeated.StatusCode}");
        await stage.DisposeAsync();
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>To PostgreSQL and all its processes at once.</summary>
    private static async Task SignalAsync(string folder, string signal)
    {
        var server = (await File.ReadAllLinesAsync(Path.Combine(folder, "data", "postmaster.pid")))[0];
        using var kill = System.Diagnostics.Process.Start(
            "sh", ["-c", $"kill -{signal} {server} $(pgrep -P {server})"]);
        await kill.WaitForExitAsync();
    }
}
