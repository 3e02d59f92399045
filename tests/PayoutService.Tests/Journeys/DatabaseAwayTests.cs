using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>PostgreSQL stops and comes back.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_database_is_away_calls_get_503_nothing_is_sent_and_the_same_calls_succeed_afterwards()
    {
        var folder = TestDatabase.FolderFor("away");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);
        await cluster.CreateDatabaseAsync("payouts");
        var stage = new Stage { ConnectionString = cluster.ConnectionString("payouts") };
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
        Assert.Equal("unavailable", (await Stage.Answer(refused)).GetProperty("code").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync((string)request["invoiceId"]!)).Status);
        await stage.DisposeAsync();
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
