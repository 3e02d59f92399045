using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Storage.Events;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Events;

/// <summary>An endpoint is sent what it missed, and nothing that it has.</summary>
public sealed class RecoveryTests : SubscriberTests
{
    private static readonly string[] Life =
        ["payout.accepted", "payout.sent", "payout.processing", "payout.succeeded", "payout.confirmed"];

    [Fact]
    public async Task An_endpoint_that_is_made_later_is_sent_what_happened_before_in_order()
    {
        var began = Stage.Clock.GetUtcNow();
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var endpoint = await CreateAsync();

        var recovery = await ServiceFixture.Answer(await RecoverAsync(endpoint, began));
        await DeliverAsync();

        var arrived = Subscriber.Received.Where(one => one.Type.StartsWith("payout.", StringComparison.Ordinal));
        Assert.Equal(Life, arrived.Where(one => IsOf(one, invoiceId)).Select(one => one.Type));
        recovery = await RecoveryAsync(endpoint, recovery);
        Assert.Equal("finished", recovery.GetProperty("status").GetString());
        Assert.Equal(Subscriber.Received.Count, recovery.GetProperty("scheduled").GetInt32());
        Assert.Equal(recovery.GetProperty("events").GetInt64(), recovery.GetProperty("checked").GetInt64());
    }

    [Fact]
    public async Task What_was_delivered_is_not_sent_again_and_what_was_given_up_is_tried_as_if_it_were_new()
    {
        var began = Stage.Clock.GetUtcNow();
        var endpoint = await CreateAsync();
        var delivered = await Stage.PayAsync();
        await DeliverAsync();
        Subscriber.Answer = _ => 500;
        var missed = await Stage.PayAsync();
        await GiveUpAsync(endpoint);
        var before = Subscriber.Received.Count;

        await RecoverAsync(endpoint, began);
        await DeliverAsync();
        var delivery = (await DeliveriesAsync())[0];
        Assert.Equal("pending", delivery.GetProperty("status").GetString());
        Assert.InRange(
            delivery.GetProperty("nextAttemptAt").GetDateTimeOffset() - Stage.Clock.GetUtcNow(),
            TimeSpan.FromSeconds(4),
            TimeSpan.FromSeconds(6));

        Subscriber.Answer = _ => 200;
        await Stage.AdvanceAsync(TimeSpan.FromSeconds(10));
        await DeliverAsync();
        Assert.All(Subscriber.Received.Skip(before), one => Assert.True(IsOf(one, missed)));
        Assert.Equal([1], VersionsOf(delivered));
        Assert.Equal("delivered", (await DeliveriesAsync())[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Only_events_from_since_to_before_until_are_sent()
    {
        await Stage.PayAsync();
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(10));
        var since = Stage.Clock.GetUtcNow();
        var wanted = await Stage.PayAsync();
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(10));
        var until = Stage.Clock.GetUtcNow();
        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var endpoint = await CreateAsync();

        await RecoverAsync(endpoint, since, until);
        await DeliverAsync();

        var sent = Subscriber.Received.Where(one => one.Type is "payout.accepted");
        Assert.Equal(wanted, Assert.Single(sent).Object.GetProperty("invoiceId").GetString());
    }

    [Fact]
    public async Task A_recovered_event_that_fails_holds_back_the_later_ones_of_its_payout()
    {
        var began = Stage.Clock.GetUtcNow();
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var endpoint = await CreateAsync();
        var fails = 2;
        Subscriber.Answer = one => one.Type is "payout.sent" && fails-- > 0 ? 503 : 200;

        await RecoverAsync(endpoint, began);
        await DeliverAsync();
        Assert.Equal([1, 2], VersionsOf(invoiceId));
        await Stage.AdvanceAsync(TimeSpan.FromSeconds(10));
        await DeliverAsync();
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(10));
        await DeliverAsync();

        Assert.Equal([1, 2, 2, 2, 3, 4, 5], VersionsOf(invoiceId));
    }

    [Fact]
    public async Task A_process_that_lost_its_lease_schedules_nothing()
    {
        var began = Stage.Clock.GetUtcNow();
        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var endpoint = await CreateAsync();
        await RecoverAsync(endpoint, began);
        var leased = Assert.Single(
            await Stage.Get<DeliveryStore>().LeaseAsync(Guid.Empty, Stage.Clock.GetUtcNow()));
        await TestDatabase.ExecuteAsync(
            Stage.ConnectionString, "UPDATE webhook_endpoints SET leased_by = gen_random_uuid()");

        var goesOn = await Stage.Get<RecoveryStore>()
            .StepAsync(leased, TimeSpan.FromMinutes(1), Stage.Clock.GetUtcNow());

        Assert.False(goesOn);
        Assert.Empty(await DeliveriesAsync());
    }

    [Fact]
    public async Task A_recovery_that_cannot_begin_is_refused_with_the_reason()
    {
        var endpoint = await CreateAsync();
        var now = Stage.Clock.GetUtcNow();
        var first = await RecoverAsync(endpoint, now - TimeSpan.FromHours(1));
        using var stranger = Stage.Client("other-key");

        var second = await RecoverAsync(endpoint, now - TimeSpan.FromHours(2));
        var theirs = await stranger.PostAsJsonAsync($"{LinkOf(endpoint)}/recover", new { since = now });
        var future = await RecoverAsync(endpoint, now + TimeSpan.FromHours(1));
        var backwards = await RecoverAsync(endpoint, now, now - TimeSpan.FromHours(1));
        await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "disabled" });
        var disabled = await RecoverAsync(endpoint, now - TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal((409, "recovery-running"), await CodeAsync(second));
        Assert.Equal((404, "not-found"), await CodeAsync(theirs));
        Assert.Equal((400, "validation-failed"), await CodeAsync(future));
        Assert.Equal((400, "validation-failed"), await CodeAsync(backwards));
        Assert.Equal((409, "endpoint-disabled"), await CodeAsync(disabled));
    }

    [Fact]
    public async Task Deliveries_of_events_that_are_kept_no_more_are_removed()
    {
        await CreateAsync();
        await Stage.PayAsync();
        await DeliverAsync();
        Assert.Single(await DeliveriesAsync());

        await Stage.AdvanceAsync(TimeSpan.FromDays(91));
        await DeliverAsync();

        Assert.Empty(await DeliveriesAsync());
    }

    private static async Task<(int Status, string? Code)> CodeAsync(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, (await ServiceFixture.Answer(answer)).GetProperty("code").GetString());

    private Task<HttpResponseMessage> RecoverAsync(
        JsonElement endpoint, DateTimeOffset since, DateTimeOffset? until = null) =>
        Stage.Api.PostAsJsonAsync($"{LinkOf(endpoint)}/recover", new { since, until });

    private async Task<JsonElement> RecoveryAsync(JsonElement endpoint, JsonElement recovery) =>
        await ServiceFixture.Answer(await Stage.Api.GetAsync(
            $"{LinkOf(endpoint)}/recoveries/{recovery.GetProperty("id").GetString()}"));

    /// <summary>Lets all attempts of a month fail, with the endpoint enabled.</summary>
    private async Task GiveUpAsync(JsonElement endpoint)
    {
        for (var days = 0; days < 35; days++)
        {
            await DeliverAsync();
            await Stage.AdvanceAsync(TimeSpan.FromDays(1.2));
            await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "enabled" });
        }

        await DeliverAsync();
        Assert.Equal("exhausted", (await DeliveriesAsync())[0].GetProperty("status").GetString());
        await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "enabled" });
    }
}
