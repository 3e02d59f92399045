using System.Net;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>What a browser is told about answers and about Swagger UI, which is served in Production too.</summary>
public sealed class SecurityHeadersTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("/v1/payees", "dev-key", HttpStatusCode.OK)]
    [InlineData("/v1/payees", null, HttpStatusCode.Unauthorized)]
    [InlineData("/v1/payees?limit=x", "dev-key", HttpStatusCode.BadRequest)]
    [InlineData("/v1/nothing", "dev-key", HttpStatusCode.NotFound)]
    [InlineData("/health/ready", null, HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", null, HttpStatusCode.OK)]
    public async Task An_answer_is_not_kept_guessed_framed_or_given_anything_to_load(
        string path, string? key, HttpStatusCode status)
    {
        using var caller = stage.Client(key);

        using var answer = await caller.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("http", false)]
    public async Task Who_came_by_https_is_told_to_go_on_so(string scheme, bool isTold)
    {
        var behindProxy = new ServiceFixture().With("TrustedProxies:0", "127.0.0.1");
        await behindProxy.InitializeAsync();
        using var call = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
        call.Headers.Add("X-Forwarded-Proto", scheme);
        call.Headers.Add("X-Forwarded-For", "203.0.113.7");

        using var answer = await behindProxy.Api.SendAsync(call);
        await behindProxy.DisposeAsync();

        Assert.Equal(isTold, answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Swagger_UI_runs_its_own_scripts_only_and_keeps_no_key()
    {
        using var anybody = stage.Client(null);

        using var page = await anybody.GetAsync("/swagger/index.html");
        var html = await page.Content.ReadAsStringAsync();
        var script = await anybody.GetStringAsync("/swagger/index.js");

        var policy = Header(page, "Content-Security-Policy");
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"persistAuthorization\":true", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_stands_in_the_titles_and_the_colour()
    {
        using var anybody = stage.Client(null);

        var html = await anybody.GetStringAsync("/swagger/index.html");
        var document = await ServiceFixture.Answer(await anybody.GetAsync("/openapi/v1.json"));

        Assert.Contains("<title>Payout service: simulator</title>", html, StringComparison.Ordinal);
        Assert.Contains("#2e7d32", html, StringComparison.Ordinal);
        Assert.Equal("Payout service: simulator", document.GetProperty("info").GetProperty("title").GetString());
    }

    [Fact]
    public async Task The_root_leads_to_Swagger_UI()
    {
        using var anybody = stage.Client(null);

        using var answer = await anybody.GetAsync("/");

        Assert.Equal("/swagger/index.html", answer.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_setting_turns_Swagger_UI_off()
    {
        await using var silent = new ServiceFixture().With("Swagger", "false");
        await silent.InitializeAsync();

        var answers = await Task.WhenAll(
            ((string[])["/", "/swagger/index.html", "/openapi/v1.json"]).Select(path => silent.Api.GetAsync(path)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
