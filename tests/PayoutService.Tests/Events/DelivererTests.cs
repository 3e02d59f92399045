using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Events;
using PayoutService.Storage.Events;
using PayoutService.Tests.Support;
using StandardWebhooks;

namespace PayoutService.Tests.Events;

/// <summary>Events are posted to subscribers at least once, of each object in order, whatever fails.</summary>
[Trait("Run", "Long")]
public sealed class DelivererTests : SubscriberTests
{
    [Fact]
    public async Task A_payouts_life_arrives_in_order_with_signatures_that_the_standards_library_takes()
    {
        var endpoint = await CreateAsync();
        var webhook = new StandardWebhook(endpoint.GetProperty("secret").GetString()!);
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));

        await DeliverAsync();

        Assert.Equal(
            ["payout.accepted", "payout.sent", "payout.processing", "payout.succeeded", "payout.confirmed"],
            Subscriber.Received.Select(one => one.Type));
        Assert.All(Subscriber.Received, one => Assert.Equal(
            (invoiceId, one.Id),
            (one.Object.GetProperty("invoiceId").GetString(), one.Event.GetProperty("id").GetString())));
        Assert.All(Subscriber.Received, one => Verify(webhook, one));
        Assert.ThrowsAny<Exception>(() => Verify(
            webhook, Subscriber.Received[0] with { Body = Subscriber.Received[0].Body.Replace("500.00", "5000.00") }));
    }

    [Fact]
    public async Task Deliveries_are_listed_by_their_status_in_the_words_of_the_answers()
    {
        var link = LinkOf(await CreateAsync());
        await Stage.PayAsync();
        await DeliverAsync();
        Subscriber.Answer = _ => 503;
        await Stage.PayAsync();
        await DeliverAsync();

        foreach (var status in (string[])["pending", "delivered", "exhausted"])
        {
            var page = await ServiceFixture.Answer(await Stage.Api.GetAsync($"{link}/deliveries?status={status}"));
            Assert.All(page.GetProperty("data").EnumerateArray(), one =>
                Assert.Equal(status, one.GetProperty("status").GetString()));
            Assert.Equal(status is "exhausted" ? 0 : 1, page.GetProperty("data").GetArrayLength());
        }

        var wrong = await Stage.Api.GetAsync($"{link}/deliveries?status=Pending");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains(
            "must be one of: pending, delivered, exhausted", await wrong.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_webhook_says_is_what_the_feed_says()
    {
        await CreateAsync();
        await Stage.PayAsync();
        await DeliverAsync();

        var one = Assert.Single(Subscriber.Received);
        Assert.Equal(await (await Stage.Api.GetAsync($"/v1/events/{one.Id}")).Content.ReadAsStringAsync(), one.Body);
    }

    [Fact]
    public async Task A_delivery_that_fails_holds_back_its_own_payout_only_and_all_arrive_in_order()
    {
        await CreateAsync();
        var failing = await Stage.PayAsync();
        var other = await Stage.PayAsync();
        await Stage.DispatchAsync();
        Subscriber.Answer = one => IsOf(one, failing) ? 503 : 200;
        await DeliverAsync();
        Assert.True(VersionsOf(other).Count > 2);
        Assert.Equal([1], VersionsOf(failing));

        // Later events of the one that fails wait too.
        await Stage.RunAsync(TimeSpan.FromMinutes(30));
        await DeliverAsync();
        Subscriber.Answer = _ => 200;
        await Stage.AdvanceAsync(TimeSpan.FromHours(1));
        await DeliverAsync();

        var arrived = VersionsOf(failing);
        Assert.Equal([1, 2, 3, 4, 5], arrived.SkipWhile((_, at) => at < arrived.Count - 5));
        Assert.True(arrived.Count > 5);
        Assert.Equal([1, 2, 3, 4, 5], VersionsOf(other));
        Assert.All(await DeliveriesAsync(), one => Assert.Equal("delivered", one.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task What_a_process_was_sending_when_it_died_is_sent_again_and_nothing_is_skipped()
    {
        await CreateAsync();
        await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var isFirst = true;
        Subscriber.Before = async _ =>
        {
            if (isFirst)
            {
                // Another process takes the endpoint over while this one waits for the answer.
                isFirst = false;
                await TestDatabase.ExecuteAsync(
                    Stage.ConnectionString, "UPDATE webhook_endpoints SET leased_by = gen_random_uuid()");
            }
        };
        await DeliverAsync();
        Assert.Empty(await DeliveriesAsync());

        await Stage.AdvanceAsync(TimeSpan.FromMinutes(5));
        await DeliverAsync();

        var ids = Subscriber.Received.Select(one => one.Id).ToList();
        Assert.Equal(10, ids.Count);
        Assert.Equal(ids[..5], ids[5..]);
        Assert.Equal(5, (await DeliveriesAsync()).Count);
    }

    [Fact]
    public async Task Two_processes_that_deliver_together_send_everything_once()
    {
        await CreateAsync();
        using var other = Stage.Make<Deliverer>();
        foreach (var _ in Enumerable.Range(0, 30))
        {
            await Stage.PayAsync();
        }

        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Task.WhenAll(
            Deliverer.RunOnceAsync(CancellationToken.None), other.RunOnceAsync(CancellationToken.None));
        await Task.WhenAll(Deliverer.WhenIdleAsync(), other.WhenIdleAsync());

        Assert.Equal(30, Subscriber.Received.Count);
        Assert.Equal(30, Subscriber.Received.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_is_disabled_and_gets_what_it_missed_when_it_is_enabled()
    {
        var endpoint = await CreateAsync();
        Subscriber.Answer = _ => 410;
        await Stage.PayAsync();
        await DeliverAsync();
        Assert.Equal("disabled", (await EndpointAsync(endpoint)).GetProperty("status").GetString());
        await Stage.PayAsync();
        await DeliverAsync();
        Assert.Single(Subscriber.Received);
        Assert.True((await EndpointAsync(endpoint)).GetProperty("behind").GetInt64() > 0);

        Subscriber.Answer = _ => 200;
        await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "enabled" });
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await DeliverAsync();

        Assert.Equal(3, Subscriber.Received.Count);
        Assert.Equal(2, Subscriber.Received.Select(one => one.Id).Distinct().Count());
        Assert.Equal(0, (await EndpointAsync(endpoint)).GetProperty("behind").GetInt64());
    }

    [Fact]
    public async Task An_endpoint_that_answers_nothing_for_five_days_is_disabled_and_one_that_answers_again_is_not()
    {
        var endpoint = await CreateAsync();
        Subscriber.Answer = _ => 500;
        await Stage.PayAsync();
        await DeliverAsync();
        Assert.True((await EndpointAsync(endpoint)).TryGetProperty("failingSince", out _));
        for (var days = 0; days < 4; days++)
        {
            await Stage.AdvanceAsync(TimeSpan.FromDays(1.1));
            await DeliverAsync();
            Assert.Equal("enabled", (await EndpointAsync(endpoint)).GetProperty("status").GetString());
        }

        Subscriber.Answer = _ => 200;
        await Stage.AdvanceAsync(TimeSpan.FromDays(2));
        await DeliverAsync();
        Assert.False((await EndpointAsync(endpoint)).TryGetProperty("failingSince", out _));

        Subscriber.Answer = _ => 500;
        await Stage.PayAsync();
        await DeliverAsync();
        await Stage.AdvanceAsync(TimeSpan.FromDays(6));
        await DeliverAsync();
        Assert.Equal("disabled", (await EndpointAsync(endpoint)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_delivery_is_given_up_after_thirty_days_and_the_later_events_of_its_payout_go_on()
    {
        var endpoint = await CreateAsync();
        var invoiceId = await Stage.PayAsync();
        await Stage.DispatchAsync();
        Subscriber.Answer = one => one.Type is "payout.accepted" ? 500 : 200;
        await DeliverAsync();
        for (var days = 0; days < 35; days++)
        {
            await Stage.AdvanceAsync(TimeSpan.FromDays(1.2));

            // Something arrives now and then, so the endpoint is not disabled.
            await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "enabled" });
            await DeliverAsync();
        }

        await DeliverAsync();
        Assert.Contains(await DeliveriesAsync(), one => one.GetProperty("status").GetString() is "exhausted");
        var arrived = VersionsOf(invoiceId).Where(version => version > 1).ToList();
        Assert.True(arrived.Count > 1);
        Assert.Equal(Enumerable.Range(2, arrived.Count), arrived);
    }

    [Fact]
    public async Task The_other_endpoints_are_told_of_one_that_fails_and_recovers_and_it_is_not()
    {
        await using var other = await Subscriber.StartAsync();
        var endpoint = await CreateAsync();
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = other.Url });
        Subscriber.Answer = _ => 500;
        await Stage.PayAsync();
        await DeliverAsync();
        Subscriber.Answer = _ => 200;
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await DeliverAsync();
        await DeliverAsync();

        var told = other.Received.Where(one => one.Type.StartsWith("endpoint.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["endpoint.failing", "endpoint.recovered"], told.Select(one => one.Type));
        Assert.All(told, one => Assert.Equal(
            endpoint.GetProperty("id").GetString(), one.Object.GetProperty("id").GetString()));
        Assert.DoesNotContain(
            Subscriber.Received, one => one.Type.StartsWith("endpoint.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_delivery_is_sent_again_when_its_owner_asks_and_by_nobody_else()
    {
        await CreateAsync();
        await Stage.PayAsync();
        await DeliverAsync();
        var link = $"/v1/deliveries/{Assert.Single(await DeliveriesAsync()).GetProperty("id").GetString()}/resend";
        using var stranger = Stage.Client("other-key");

        var refused = await stranger.PostAsync(link, null);
        var taken = await Stage.Api.PostAsync(link, null);
        await DeliverAsync();

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Accepted), (refused.StatusCode, taken.StatusCode));
        Assert.Equal(2, Subscriber.Received.Count);
        Assert.Equal(Subscriber.Received[0].Id, Subscriber.Received[1].Id);
        Assert.Equal(2, Assert.Single(await DeliveriesAsync()).GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task Both_secrets_sign_for_a_day_after_a_rotation()
    {
        var endpoint = await CreateAsync();
        var before = new StandardWebhook(endpoint.GetProperty("secret").GetString()!);
        var rotated = await ServiceFixture.Answer(
            await Stage.Api.PostAsync($"{LinkOf(endpoint)}/rotate-secret", null));
        var after = new StandardWebhook(rotated.GetProperty("secret").GetString()!);
        await Stage.PayAsync();
        await DeliverAsync();
        Verify(before, Subscriber.Received[0]);
        Verify(after, Subscriber.Received[0]);

        await Stage.AdvanceAsync(TimeSpan.FromDays(1.01));
        await Stage.PayAsync();
        await DeliverAsync();

        Assert.Single(Subscriber.Received[1].Signature.Split(' '));
        Assert.Equal(2, Subscriber.Received[0].Signature.Split(' ').Length);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await CreateAsync();
        Subscriber.Answer = _ => 302;
        await Stage.PayAsync();
        await DeliverAsync();

        var attempt = Assert.Single(await DeliveriesAsync()).GetProperty("lastAttempt");
        Assert.Equal(302, attempt.GetProperty("statusCode").GetInt32());
        Assert.Contains("redirects are not followed", $"{attempt.GetProperty("error")}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_when_it_is_called_is_not_called()
    {
        var url = Subscriber.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await CreateAsync(url);
        Stage.Get<EventRules>().AllowedNetworks = [];
        await Stage.PayAsync();
        await DeliverAsync();

        Assert.Empty(Subscriber.Received);
        var error = Assert.Single(await DeliveriesAsync()).GetProperty("lastAttempt").GetProperty("error").GetString();
        Assert.Contains("private or reserved", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_says_what_the_endpoint_answered()
    {
        var endpoint = await CreateAsync();
        var good = await ServiceFixture.Answer(await Stage.Api.PostAsync($"{LinkOf(endpoint)}/test", null));
        Subscriber.Answer = _ => 503;
        var bad = await ServiceFixture.Answer(await Stage.Api.PostAsync($"{LinkOf(endpoint)}/test", null));

        Assert.Equal(
            (true, 204), (good.GetProperty("delivered").GetBoolean(), good.GetProperty("statusCode").GetInt32()));
        Assert.Equal(
            (false, 503), (bad.GetProperty("delivered").GetBoolean(), bad.GetProperty("statusCode").GetInt32()));
        Assert.Equal("endpoint.test", Subscriber.Received[0].Type);
        Verify(new StandardWebhook(endpoint.GetProperty("secret").GetString()!), Subscriber.Received[0]);
    }

    [Fact]
    public async Task Only_the_types_that_an_endpoint_wants_are_sent_and_the_rest_is_passed_over()
    {
        await Stage.Api.PostAsJsonAsync(
            "/v1/webhook-endpoints", new { url = Subscriber.Url, eventTypes = new[] { "payout.confirmed" } });
        await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));
        await DeliverAsync();

        Assert.Equal("payout.confirmed", Assert.Single(Subscriber.Received).Type);
        var endpoints = await ServiceFixture.Answer(await Stage.Api.GetAsync("/v1/webhook-endpoints"));
        Assert.Equal(0, endpoints.GetProperty("data")[0].GetProperty("behind").GetInt64());
    }

    [Fact]
    public async Task What_an_endpoint_does_not_want_is_passed_over_when_it_comes_last_too()
    {
        var answer = await Stage.Api.PostAsJsonAsync(
            "/v1/webhook-endpoints", new { url = Subscriber.Url, eventTypes = new[] { "payout.accepted" } });
        var endpoint = await ServiceFixture.Answer(answer);
        await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromHours(1));
        await DeliverAsync();

        Assert.Equal("payout.accepted", Assert.Single(Subscriber.Received).Type);
        Assert.Equal(0, (await EndpointAsync(endpoint)).GetProperty("behind").GetInt64());
    }

    [Fact]
    public async Task An_endpoint_that_is_disabled_while_it_is_worked_gets_nothing_more()
    {
        var endpoint = await CreateAsync();
        await Stage.PayAsync();
        Subscriber.Before = async _ =>
        {
            Subscriber.Before = _ => Task.CompletedTask;
            await Stage.Api.PatchAsJsonAsync(LinkOf(endpoint), new { status = "disabled" });
            await Stage.PayAsync();
            await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        };
        await DeliverAsync();

        Assert.Single(Subscriber.Received);
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_tried_with_a_few_new_events_and_the_rest_waits_in_the_feed()
    {
        await CreateAsync();
        Subscriber.Answer = _ => 500;
        await Stage.PayAsync();

        // The second passes over the event that says that this endpoint fails.
        await DeliverAsync();
        await DeliverAsync();
        for (var more = 0; more < 10; more++)
        {
            await Stage.PayAsync();
        }

        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var leased = Assert.Single(
            await Stage.Get<DeliveryStore>().LeaseAsync(Guid.Empty, Stage.Clock.GetUtcNow()));
        var (send, heldBack, cursor) = await Stage.Get<DeliveryStore>().NextAsync(leased, Stage.Clock.GetUtcNow());

        Assert.Equal((4, 0, leased.Cursor + 4), (send.Count, heldBack.Count, cursor));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_holds_up_no_other_at_the_same_host()
    {
        await CreateAsync($"{Subscriber.Url}?hangs");
        await CreateAsync();
        foreach (var _ in Enumerable.Range(0, 20))
        {
            await Stage.PayAsync();
        }

        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        using var hangs = new SemaphoreSlim(0);
        Subscriber.Before = one => one.Query is "?hangs" ? hangs.WaitAsync() : Task.CompletedTask;
        await Deliverer.RunOnceAsync(CancellationToken.None);
        for (var waited = 0; waited < 200 && Subscriber.Received.Count(one => one.Query is "") < 20; waited++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Equal(20, Subscriber.Received.Count(one => one.Query is ""));
        Assert.DoesNotContain(Subscriber.Received, one => one.Query is "?hangs");

        Subscriber.Before = _ => Task.CompletedTask;
        hangs.Release(20);
        await Deliverer.WhenIdleAsync();
        Assert.Equal(40, Subscriber.Received.Count);
    }

    [Fact]
    public async Task A_process_that_stops_waits_for_no_endpoint_that_hangs_and_the_event_is_sent_again()
    {
        await CreateAsync();
        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        using var hangs = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        Subscriber.Before = async _ =>
        {
            await stop.CancelAsync();
            await hangs.WaitAsync();
        };

        await Deliverer.RunOnceAsync(stop.Token);
        await Deliverer.WhenIdleAsync().WaitAsync(TimeSpan.FromSeconds(10));
        hangs.Release();
        Subscriber.Before = _ => Task.CompletedTask;
        await DeliverAsync();

        Assert.Equal(2, Subscriber.Received.Count);
        Assert.Equal("delivered", Assert.Single(await DeliveriesAsync()).GetProperty("status").GetString());
    }

    /// <summary>As a subscriber does: one of the signatures must fit the body, and the library knows one at a time.
    /// </summary>
    private static void Verify(StandardWebhook webhook, Received one)
    {
        var failures = one.Signature.Split(' ').Select(signature => Record.Exception(() => webhook.Verify(
            one.Body,
            new HeaderDictionary
            {
                ["webhook-id"] = one.Id,
                ["webhook-timestamp"] = one.Timestamp,
                ["webhook-signature"] = signature,
            }))).ToList();

        Assert.Contains(null, failures);
    }
}
