using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>HEAD wherever GET is, and whose trace a request continues.</summary>
public sealed class HeadAndTraceTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private const string Theirs = "0af7651916cd43dd8448eb211c80319c";

    [Theory]
    [InlineData("/v1/payouts")]
    [InlineData("/health/live")]
    [InlineData("/openapi/v1.json")]
    public async Task Head_is_answered_like_get_and_without_a_body(string path)
    {
        var got = await stage.Api.GetAsync(path);
        var head = await stage.Api.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_of_what_has_no_get_is_refused_and_a_refusal_has_no_body()
    {
        var refused = await stage.Api.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/payout-batches"));
        var unknown = await stage.Client(null).SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/payouts"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Empty(await unknown.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("dev-key", true)]
    [InlineData("wrong-key", false)]
    [InlineData(null, false)]
    public async Task Only_a_caller_with_a_key_chooses_the_trace_of_its_request(string? key, bool isTaken)
    {
        using var call = new HttpRequestMessage(HttpMethod.Get, "/v1/payouts/po_nothing");
        call.Headers.Add("traceparent", $"00-{Theirs}-b7ad6b7169203331-01");

        var answer = await stage.Client(key).SendAsync(call);

        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        var trace = (string)problem!["traceId"]!;
        Assert.Equal(32, trace.Length);
        Assert.Equal(isTaken, trace == Theirs);
    }
}
