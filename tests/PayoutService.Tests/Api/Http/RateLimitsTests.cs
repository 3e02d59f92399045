using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>Who asks for too much is refused, and nobody else.</summary>
public sealed class RateLimitsTests : IAsyncLifetime
{
    private ServiceFixture stage = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task After_400_wrong_keys_from_one_address_a_right_one_is_served()
    {
        await stage.InitializeAsync();
        using var guesser = stage.Client("wrong-key");

        var answers = new List<HttpResponseMessage>();
        for (var guess = 0; guess < 400; guess++)
        {
            answers.Add(await guesser.GetAsync("/v1/payouts"));
        }

        var right = await stage.Api.GetAsync("/v1/payouts");

        // Once a minute there are 60 more.
        Assert.InRange(answers.Count(answer => answer.StatusCode is HttpStatusCode.Unauthorized), 60, 120);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        var refused = answers[^1];
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("\"failures\";q=60;w=60", refused.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("rate-limited", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task After_many_bad_signatures_from_one_address_a_genuine_notification_is_applied()
    {
        stage = stage.WithPockyt("NoticeDelay", "00:01:00");
        await stage.InitializeAsync();
        var invoiceId = await stage.PayAsync();
        await stage.DispatchAsync();
        var address = new Uri(stage.Get<NoticeAddress>().OfPayout("main", invoiceId));
        var answers = new ConcurrentDictionary<HttpStatusCode, int>();
        var forgeries = Proof.Size(full: 10_000, usual: 1_000);
        await Parallel.ForEachAsync(Enumerable.Range(0, forgeries), async (number, cancel) =>
        {
            var forged = new { invoiceId, status = "success", verifySign = $"{number:x32}" };
            using var answer = await stage.Api.PostAsJsonAsync(address, forged, cancel);
            answers.AddOrUpdate(answer.StatusCode, 1, (_, times) => times + 1);
        });

        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await stage.WhenPockytIsIdleAsync();

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, Source.Notice), (payout.Status, payout.StatusSource));

        // Once a minute there are 60 more.
        Assert.InRange(answers[HttpStatusCode.Unauthorized], 60, 300);
        Assert.Equal(forgeries, answers.Values.Sum());
    }

    [Fact]
    public async Task A_key_that_calls_too_often_is_refused_and_says_what_is_left_and_another_is_not()
    {
        stage = stage.With("Limits:CallsPerKey", "20");
        await stage.InitializeAsync();
        using var reader = stage.Client("reader-key");

        var first = await reader.GetAsync("/v1/payouts");
        for (var call = 1; call < 20; call++)
        {
            await reader.GetAsync("/v1/payouts");
        }

        var last = await reader.GetAsync("/v1/payouts");
        var other = await stage.Client("watch-key").GetAsync("/v1/sending");

        Assert.Equal("\"key\";r=19", first.Headers.GetValues("RateLimit").Single());
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (last.StatusCode, other.StatusCode));
        Assert.StartsWith("\"key\";r=0;t=", last.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_merchants_calls_to_pockyt_are_bounded_and_its_payouts_and_others_are_not()
    {
        stage = stage.With("Limits:PockytCallsPerMerchant", "10");
        await stage.InitializeAsync();

        var answers = new List<HttpStatusCode>();
        for (var call = 0; call < 12; call++)
        {
            answers.Add((await stage.Api.GetAsync("/v1/balances?currency=USD")).StatusCode);
        }

        var payout = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "limit-1"));
        var other = await stage.Client("other-key").GetAsync("/v1/balances?currency=USD");

        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (payout.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task More_payouts_than_the_service_takes_at_once_get_503_right_away_and_may_be_repeated()
    {
        stage = stage.With("Limits:PayoutsAtOnce", "1");
        await stage.InitializeAsync();
        await using var locked = await TestDatabase.LockPayoutsAsync(stage.ConnectionString);

        // One of the two waits for the table, whichever comes first. A third is refused before its key is looked up.
        Task<HttpResponseMessage>[] both =
        [
            stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "at-once-0")),
            stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "at-once-1")),
        ];
        var first = await Task.WhenAny(both);
        var stranger = await stage.Client("no-such-key").PostAsJsonAsync(
            "/v1/payouts", Example.Payout(stage.AccountId, "at-once-3"));
        await locked.DisposeAsync();
        var refused = await first;
        await Task.WhenAll(both);
        var repeated = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "at-once-2"));

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("overloaded", problem.GetProperty("code").GetString());
        Assert.Equal("/problems/overloaded", problem.GetProperty("type").GetString());
        Assert.Equal(503, problem.GetProperty("status").GetInt32());
        Assert.Equal(
            Assert.Single(refused.Headers.GetValues("X-Request-Id")), problem.GetProperty("traceId").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, stranger.StatusCode);
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("127.0.0.1", 2)]
    [InlineData("127.0.0.0/8", 2)]
    public async Task Only_a_trusted_proxy_says_who_the_caller_is(string trusted, int sources)
    {
        stage = stage.With("TrustedProxies:0", trusted.Length == 0 ? "192.0.2.1" : trusted)
            .With("Limits:FailuresPerSource", "1");
        await stage.InitializeAsync();

        var answers = new List<HttpStatusCode>();
        foreach (var source in new[] { "198.51.100.1", "198.51.100.2" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/payouts");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-key");
            request.Headers.Add("X-Forwarded-For", source);
            answers.Add((await stage.Client(null).SendAsync(request)).StatusCode);
        }

        Assert.Equal(sources, answers.Count(answer => answer is HttpStatusCode.Unauthorized));
    }
}
