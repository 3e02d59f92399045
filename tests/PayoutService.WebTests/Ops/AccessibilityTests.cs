using System.Text.Json;
using Microsoft.Playwright;

namespace PayoutService.WebTests.Ops;

/// <summary>axe-core finds no violation of WCAG 2.2 AA on any page, in any width and theme; and no page scrolls
/// sideways, which WCAG forbids and axe-core does not check.</summary>
public sealed class AccessibilityTests(Chromium chromium) : BrowserTests(chromium)
{
    private static readonly string Axe =
        File.ReadAllText(Path.Combine(Tool.Folder, "node_modules", "axe-core", "axe.min.js"));

    /// <summary>Every rule of these, and none is switched off.</summary>
    private const string Run = """
        async () => {
          document.querySelectorAll("details").forEach(one => { one.open = true; });
          const found = await axe.run(document, {
            runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
          });
          return JSON.stringify({
            ran: [...found.passes, ...found.violations, ...found.inapplicable, ...found.incomplete].map(one => one.id),
            violations: found.violations.map(one =>
              one.id + " at " + one.nodes.map(node => node.target + ": " + node.failureSummary).join("; "))
              .concat(document.documentElement.scrollWidth > innerWidth ? ["it scrolls sideways"] : []),
          });
        }
        """;

    [Fact]
    public async Task No_page_breaks_a_rule_in_any_theme_and_width()
    {
        await using var scene = new Scene(Stage);
        await scene.PlantAsync();
        List<string> broken = [];

        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var width in (int[])[360, 1280])
            {
                var page = await LogInAsync(scripts: true, Scene.Key, options =>
                {
                    options.ColorScheme = scheme;
                    options.ViewportSize = new() { Width = width, Height = 900 };
                });
                await scene.WalkAsync(page, async place =>
                    broken.AddRange(await BrokenAsync(page, $"{place.Name} {scheme} {width}")));
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public async Task No_answer_to_a_form_breaks_a_rule()
    {
        await using var scene = new Scene(Stage);
        await scene.PlantAsync();
        List<string> broken = [];

        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var page = await LogInAsync(scripts: true, Scene.Key, options => options.ColorScheme = scheme);
            await page.GotoAsync(scene.Places.Single(place => place.Name == "pause").Path);
            await page.EvaluateAsync("() => { document.querySelector('form[data-once]').noValidate = true; }");
            await ConfirmAsync(page, "Pause sending", "short");
            broken.AddRange(await BrokenAsync(page, $"no reason {scheme}"));
            await ConfirmAsync(page, "Pause sending", "Moving the balance");
            broken.AddRange(await BrokenAsync(page, $"done {scheme}"));
            await page.GotoAsync(scene.Places.Single(place => place.Name == "ask-all").Path);
            await ConfirmAsync(page, "Ask about 3 payouts", "Pockyt was away this morning");
            broken.AddRange(await BrokenAsync(page, $"asked {scheme}"));
            await page.GotoAsync(scene.Places.Single(place => place.Name == "payee").Path);
            await page.GetByRole(AriaRole.Button, new() { Name = "Show name and e-mail" }).ClickAsync();
            broken.AddRange(await BrokenAsync(page, $"shown {scheme}"));
            await page.GotoAsync("/ops/login");
            await page.GetByLabel("API key").FillAsync("not-a-key");
            await page.GetByRole(AriaRole.Button, new() { Name = "Log in", Exact = true }).ClickAsync();
            broken.AddRange(await BrokenAsync(page, $"wrong key {scheme}"));
        }

        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("watch-key")]
    [InlineData("all-key")]
    public async Task No_page_of_another_role_breaks_a_rule(string key)
    {
        await using var scene = new Scene(Stage);
        await scene.PlantAsync();
        var page = await LogInAsync(scripts: true, key);
        List<string> broken = [];

        await scene.WalkAsync(page, async place => broken.AddRange(await BrokenAsync(page, place.Name)));

        Assert.Empty(broken);
    }

    private static async Task<IEnumerable<string>> BrokenAsync(IPage page, string name)
    {
        await page.EvaluateAsync(Axe);
        using var found = JsonDocument.Parse(await page.EvaluateAsync<string>(Run));
        var ran = found.RootElement.GetProperty("ran").EnumerateArray().Select(one => one.GetString()).ToList();
        Assert.Contains("target-size", ran);
        Assert.Contains("color-contrast", ran);
        return [.. found.RootElement.GetProperty("violations").EnumerateArray().Select(one => $"{name}: {one}")];
    }
}
