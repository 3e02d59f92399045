using System.Net;
using System.Text.RegularExpressions;
using PayoutService.Api.Http;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>The type of a problem leads to a page that explains it.</summary>
public sealed partial class ProblemPagesTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public void Every_code_has_a_page_and_every_page_has_a_code()
    {
        var folder = Path.Combine(Repository.Root, "src", "PayoutService", "Api", "Http");
        var codes = Code().Matches(File.ReadAllText(Path.Combine(folder, "Problems.cs")))
            .Select(match => match.Groups[1].Value).Distinct();

        Assert.Equal(codes.Order(), ProblemPages.All.Select(page => page.Code).Order());
    }

    [Fact]
    public async Task The_type_of_a_refusal_leads_to_its_page()
    {
        using var stranger = stage.Client("no-key");

        var refusal = await ServiceFixture.Answer(await stranger.GetAsync("/v1/payouts"));
        var page = await stranger.GetAsync(refusal.GetProperty("type").GetString());

        var text = await page.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.Contains("<h1>unauthenticated</h1>", text, StringComparison.Ordinal);
        Assert.Contains("Bearer &lt;key&gt;", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_does_not_exist_has_no_page()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await stage.Api.GetAsync("/problems/none")).StatusCode);
    }

    [Fact]
    public async Task The_document_names_every_code_of_a_problem()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var code = document.GetProperty("components").GetProperty("schemas").GetProperty("Problem")
            .GetProperty("properties").GetProperty("code");

        Assert.Equal(
            ProblemPages.All.Select(page => page.Code),
            code.GetProperty("enum").EnumerateArray().Select(one => one.GetString()));
    }

    [GeneratedRegex(@"""([a-z]+(?:-[a-z]+)+|unauthenticated|forbidden|unavailable|busy|overloaded)""")]
    private static partial Regex Code();
}
