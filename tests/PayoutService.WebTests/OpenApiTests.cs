using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>The OpenAPI document passes a linter, and Swagger UI shows it.</summary>
public sealed class OpenApiTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task The_document_has_no_fault_by_the_rules_that_Redocly_recommends()
    {
        var document = Path.Combine(Tool.Folder, "obj", "openapi.json");
        await File.WriteAllTextAsync(document, await stage.Api.GetStringAsync("/openapi/v1.json"));

        var (code, output) = await Tool.NpmAsync(
            "redocly", "lint", "--format=stylish", "--max-problems=1000", document);

        Assert.True(code == 0 && !output.Contains(" warning ", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Swagger_UI_shows_every_tag_of_the_document()
    {
        var page = await Tool.PageAsync(new Uri(stage.Api.BaseAddress!, "/swagger/index.html"));

        Assert.All(["Payouts", "Payees", "Refunds", "Sending"], tag =>
            Assert.Contains($"data-tag=\"{tag}\"", page, StringComparison.Ordinal));
        Assert.DoesNotContain("Failed to load API definition", page, StringComparison.Ordinal);
    }
}
