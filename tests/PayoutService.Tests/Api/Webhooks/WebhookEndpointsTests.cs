using System.Net;
using System.Net.Http.Json;
using PayoutService.Storage.Events;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Webhooks;

/// <summary>Webhook endpoints, as their owners manage them.</summary>
public sealed class WebhookEndpointsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private const string Path = "/v1/webhook-endpoints";

    [Fact]
    public async Task The_same_url_is_the_same_endpoint_and_its_secret_is_shown_once()
    {
        var made = await stage.Api.PostAsJsonAsync(
            Path, new { url = "https://example.com/same", description = "Ours" });
        var again = await stage.Api.PostAsJsonAsync(Path, new { url = "https://example.com/same" });
        var first = await ServiceFixture.Answer(made);
        var second = await ServiceFixture.Answer(again);
        var link = $"{Path}/{first.GetProperty("id").GetString()}";
        var shown = await ServiceFixture.Answer(await stage.Api.GetAsync(link));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.StatusCode, again.StatusCode));
        Assert.Equal(link, made.Headers.Location!.OriginalString);
        Assert.StartsWith("whsec_", first.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.False(second.TryGetProperty("secret", out _));
        Assert.False(shown.TryGetProperty("secret", out _));
        Assert.Equal("Ours", shown.GetProperty("description").GetString());
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("ftp://example.com")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("https://example.com/#part")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("")]
    public async Task An_address_that_nothing_is_posted_to_is_refused(string url)
    {
        var answer = await stage.Api.PostAsJsonAsync(Path, new { url });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await ServiceFixture.Answer(answer)).GetProperty("errors").TryGetProperty("url", out _));
    }

    [Fact]
    public async Task Without_TLS_an_address_is_taken_only_where_the_settings_allow_it()
    {
        var rules = stage.Get<EventRules>();
        rules.AllowHttp = false;
        var refused = await stage.Api.PostAsJsonAsync(Path, new { url = "http://example.com/plain" });
        rules.AllowHttp = true;
        var taken = await stage.Api.PostAsJsonAsync(Path, new { url = "http://example.com/plain" });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (refused.StatusCode, taken.StatusCode));
    }

    [Fact]
    public async Task An_endpoint_is_changed_and_removed_by_its_own_merchant_only()
    {
        var made = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync(Path, new { url = "https://example.com/mine" }));
        var link = $"{Path}/{made.GetProperty("id").GetString()}";
        using var stranger = stage.Client("other-key");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(link)).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await stranger.PatchAsJsonAsync(link, new { status = "disabled" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync(link)).StatusCode);

        var changed = await ServiceFixture.Answer(await stage.Api.PatchAsJsonAsync(
            link, new { status = "disabled", eventTypes = new[] { "payout.confirmed" } }));
        var all = await ServiceFixture.Answer(await stage.Api.PatchAsJsonAsync(
            link, new { eventTypes = Array.Empty<string>() }));

        Assert.Equal("disabled", changed.GetProperty("status").GetString());
        Assert.Equal("payout.confirmed", changed.GetProperty("eventTypes")[0].GetString());
        Assert.False(all.TryGetProperty("eventTypes", out _));
        Assert.Equal(3, all.GetProperty("version").GetInt32());
        Assert.Equal(HttpStatusCode.NoContent, (await stage.Api.DeleteAsync(link)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stage.Api.GetAsync(link)).StatusCode);
    }

    [Fact]
    public async Task A_type_that_is_not_known_is_refused()
    {
        var answer = await stage.Api.PostAsJsonAsync(
            Path, new { url = "https://example.com/types", eventTypes = new[] { "payout.paid" } });

        Assert.True((await ServiceFixture.Answer(answer)).GetProperty("errors").TryGetProperty("eventTypes", out _));
    }

    [Fact]
    public async Task A_merchant_has_at_most_twenty_endpoints_however_many_are_made_at_once()
    {
        using var other = stage.Client("other-key");
        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(
            at => other.PostAsJsonAsync(Path, new { url = $"https://example.com/many/{at}" })));

        Assert.Equal(20, answers.Count(answer => answer.StatusCode is HttpStatusCode.Created));
        var refused = answers.First(answer => answer.StatusCode is HttpStatusCode.UnprocessableEntity);
        Assert.Equal("too-many-endpoints", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
    }
}
