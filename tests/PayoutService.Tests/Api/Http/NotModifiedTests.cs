using System.Net;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>Who has the current version of an object is told so in few bytes, and every answer names its request.
/// </summary>
public sealed class NotModifiedTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Who_has_the_current_version_gets_304_without_a_body_and_who_has_another_gets_it_whole()
    {
        var invoiceId = await stage.PayAsync();
        var found = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));
        var payout = $"/v1/payouts/{found.GetProperty("data")[0].GetProperty("id").GetString()}";
        foreach (var path in new[] { payout, $"/v1/payees/{stage.PayeeId}" })
        {
            var first = await stage.Api.GetAsync(path);
            var tag = $"{first.Headers.ETag}";
            var same = await GetAsync(path, $"\"0\", {tag}");
            var weak = await GetAsync(path, $"W/{tag}");
            var other = await GetAsync(path, "\"999\"");

            Assert.Equal(
                (HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK),
                (first.StatusCode, same.StatusCode, weak.StatusCode, other.StatusCode));
            Assert.Equal((tag, ""), ($"{same.Headers.ETag}", await same.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task A_payout_that_moved_is_shown_to_who_has_its_version_before()
    {
        var invoiceId = await stage.PayAsync();
        var found = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));
        var path = $"/v1/payouts/{found.GetProperty("data")[0].GetProperty("id").GetString()}";
        var before = $"{(await stage.Api.GetAsync(path)).Headers.ETag}";
        await stage.DispatchAsync();

        var after = await GetAsync(path, before);

        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(before, $"{after.Headers.ETag}");
    }

    [Theory]
    [InlineData("/v1/me")]
    [InlineData("/v1/payouts/po_unknown")]
    [InlineData("/v1/nothing")]
    [InlineData("/health/live")]
    public async Task Every_answer_names_its_request_as_its_problem_does(string path)
    {
        var answer = await stage.Api.GetAsync(path);
        var id = Assert.Single(answer.Headers.GetValues("X-Request-Id"));

        Assert.Matches("^[0-9a-f]{32}$", id);
        if (!answer.IsSuccessStatusCode)
        {
            Assert.Equal(id, (await ServiceFixture.Answer(answer)).GetProperty("traceId").GetString());
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string ifNoneMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await stage.Api.SendAsync(request);
    }
}
