using Microsoft.AspNetCore.Routing;
using Microsoft.Playwright;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests.Ops;

/// <summary>The documentation shows every page. PAYOUTS_WRITE_SCREENSHOTS photographs them anew, and writes them in
/// both themes and three widths to artifacts/screenshots, for whoever changes the style.</summary>
public sealed class ScreenshotTests(Chromium chromium) : BrowserTests(chromium)
{
    private const int MostBytes = 200_000;

    private static readonly string Images = Path.Combine(Repository.Root, "docs", "img");

    /// <summary>What browsers fetch beside pages.</summary>
    private static readonly string[] Files = ["opsStyle", "opsScript", "opsLive"];

    [Fact]
    public async Task Every_page_has_a_picture_of_less_than_200_KB_in_the_documentation()
    {
        await using var scene = new Scene(Stage);
        await scene.PlantAsync();
        if (Environment.GetEnvironmentVariable("PAYOUTS_WRITE_SCREENSHOTS") is { Length: > 0 })
        {
            await WriteAsync(scene);
        }

        var pages = Stage.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(one => one.RoutePattern.RawText?.StartsWith("/ops", StringComparison.Ordinal) is true
                && one.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") is true)
            .Select(one => one.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName)
            .Where(name => !name.EndsWith("Csv", StringComparison.Ordinal)).Except(Files);
        Assert.Equal(pages.Order(), scene.Places.Select(place => place.Endpoint).Distinct().Order());
        Assert.Equal(
            scene.Places.Select(place => $"{place.Name}.png").Order(StringComparer.Ordinal),
            Directory.GetFiles(Images).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(Images), file => Assert.InRange(new FileInfo(file).Length, 1, MostBytes));
    }

    private async Task WriteAsync(Scene scene)
    {
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var width in (int[])[360, 1024, 1920])
            {
                var folder = Path.Combine(Repository.Root, "artifacts", "screenshots", $"{scheme}-{width}");
                await WriteAsync(scene, folder, scheme, width);
            }
        }

        await WriteAsync(scene, Images, ColorScheme.Light, 1280);
    }

    private async Task WriteAsync(Scene scene, string folder, ColorScheme scheme, int width)
    {
        var page = await LogInAsync(scripts: true, Scene.Key, options =>
        {
            options.ColorScheme = scheme;
            options.ViewportSize = new() { Width = width, Height = 800 };
        });
        await scene.WalkAsync(page, place => page.ScreenshotAsync(
            new() { Path = Path.Combine(folder, $"{place.Name}.png"), FullPage = folder != Images }));
    }
}
