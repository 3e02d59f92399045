using Microsoft.Playwright;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>The documents pass the linters, and Swagger UI shows the API.</summary>
[Collection(nameof(Chromium))]
public sealed class OpenApiTests(ServiceFixture stage, Chromium chromium) : IClassFixture<ServiceFixture>
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");

    [Fact]
    public async Task The_document_has_no_fault_by_the_rules_that_Redocly_recommends()
    {
        var (code, output) = await Tool.NpmAsync(
            "redocly", "lint", "--format=stylish", "--max-problems=1000", Path.Combine(Docs, "openapi.json"));

        Assert.True(code == 0 && !output.Contains(" warning ", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task The_document_has_no_fault_by_the_rules_of_spectral_and_of_OWASP()
    {
        var (code, output) = await Tool.NpmAsync(
            "spectral", "lint", "--ruleset=spectral.yaml", "--fail-severity=hint", Path.Combine(Docs, "openapi.json"));

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task The_AsyncAPI_document_is_valid_and_has_every_type_of_event()
    {
        var (code, output) = await Tool.RunAsync("node", "asyncapi.mjs", Path.Combine(Docs, "asyncapi.json"));

        Assert.Equal((0, $"{Views.Events.EventCatalogue.All.Count} messages"), (code, output.Trim()));
    }

    [Fact]
    public async Task The_Arazzo_description_has_no_fault()
    {
        var (code, output) = await Tool.NpmAsync("redocly", "lint", Path.Combine(Docs, "arazzo.yaml"));

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Swagger_UI_shows_every_tag_of_the_document()
    {
        await using var window = await chromium.OpenAsync(new() { BaseURL = $"{stage.Api.BaseAddress}" });
        var page = await window.NewPageAsync();

        await page.GotoAsync("/swagger/index.html");

        foreach (var tag in (string[])["Payouts", "Payees", "Refunds", "Sending"])
        {
            await Assertions.Expect(page.Locator($"[data-tag=\"{tag}\"]")).ToBeVisibleAsync();
        }

        await Assertions.Expect(page.Locator("body")).Not.ToContainTextAsync("Failed to load API definition");
    }
}
