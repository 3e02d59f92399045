using System.Net;
using System.Net.Http.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>Scopes that open more or less than the calls which name them.</summary>
public sealed class ScopesTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_key_that_reads_payouts_sees_the_ids_of_payees_and_not_their_names()
    {
        var reader = stage.Client("reader-key");
        var invoiceId = await stage.PayAsync();

        var payees = await reader.GetAsync("/v1/payees");
        var payouts = await ServiceFixture.Answer(await reader.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));

        Assert.Equal(HttpStatusCode.Forbidden, payees.StatusCode);
        Assert.Equal(stage.PayeeId, payouts.GetProperty("data")[0].GetProperty("payeeId").GetString());
    }

    [Fact]
    public async Task An_operator_cancels_and_refreshes_payouts_and_makes_none()
    {
        var ops = stage.Client("ops-key");
        var payout = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "ops-1")));
        var link = $"/v1/payouts/{payout.GetProperty("id").GetString()}";

        var refreshed = await ops.PostAsync($"{link}/refresh", null);
        var canceled = await ops.PostAsync($"{link}/cancel", null);
        var made = await ops.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "ops-2"));

        Assert.Equal(HttpStatusCode.Accepted, refreshed.StatusCode);
        Assert.Equal("canceled", (await ServiceFixture.Answer(canceled)).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, made.StatusCode);
    }

    [Fact]
    public async Task A_watcher_sees_pauses_and_notes_and_cannot_pause()
    {
        var watcher = stage.Client("watch-key");
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Bank holiday" });

        var sending = await ServiceFixture.Answer(await watcher.GetAsync("/v1/sending"));
        var seen = await ServiceFixture.Answer(await watcher.GetAsync("/health/ready"));
        var unseen = await ServiceFixture.Answer(await stage.Client(null).GetAsync("/health/ready"));
        var resumed = await watcher.PostAsync("/v1/sending/resume", null);

        Assert.True(sending.GetProperty("paused").GetBoolean());
        Assert.Contains("Bank holiday", seen.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.False(unseen.TryGetProperty("notes", out _) || unseen.TryGetProperty("problems", out _));
        Assert.Equal(HttpStatusCode.Forbidden, resumed.StatusCode);
    }
}
