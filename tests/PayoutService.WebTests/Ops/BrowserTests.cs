using Microsoft.Playwright;
using PayoutService.Payouts;
using PayoutService.Tests.Ops;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests.Ops;

/// <summary>Tests of the operator pages in a real browser. A script that fails, or anything that the pages' content
/// security policy refuses, fails the test.</summary>
[Collection(nameof(Chromium))]
public abstract class BrowserTests(Chromium chromium) : IAsyncLifetime
{
    private readonly List<IBrowserContext> windows = [];
    private readonly List<string> faults = [];

    /// <summary>No notification comes before the test asks.</summary>
    private protected ServiceFixture Stage { get; } =
        Scene.WithKey(OpsStage.Make()).WithPockyt("NoticeDelay", "01:00:00");

    public Task InitializeAsync() => Stage.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var window in windows)
        {
            await window.DisposeAsync();
        }

        await Stage.DisposeAsync();
        Assert.Empty(faults);
    }

    /// <summary>The login page in a window of its own.</summary>
    private protected async Task<IPage> OpenAsync(bool scripts, Action<BrowserNewContextOptions>? change = null)
    {
        var options = new BrowserNewContextOptions
        {
            BaseURL = OpsStage.AddressOf(Stage).ToString(),
            JavaScriptEnabled = scripts,
        };
        change?.Invoke(options);
        var window = await chromium.OpenAsync(options);
        windows.Add(window);
        window.SetDefaultTimeout(10_000);
        var page = await window.NewPageAsync();
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, line) =>
        {
            // A refusal that a test wants has a status above 399, which the browser notes as well.
            if (line.Type is "error" or "warning" && !line.Text.StartsWith("Failed to load", StringComparison.Ordinal))
            {
                faults.Add(line.Text);
            }
        };
        await page.GotoAsync("/ops/login");
        return page;
    }

    /// <summary>The board of an operator who has logged in.</summary>
    private protected async Task<IPage> LogInAsync(
        bool scripts, string key = "ops-key", Action<BrowserNewContextOptions>? change = null)
    {
        var page = await OpenAsync(scripts, change);
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in", Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("Board · Payouts");
        return page;
    }

    private protected static Task FollowAsync(IPage page, string link) =>
        page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).First.ClickAsync();

    private protected static Task SeeAsync(IPage page, string text) =>
        Assertions.Expect(page.Locator("main")).ToContainTextAsync(text);

    private protected static Task SeeHeadingAsync(IPage page, string heading) =>
        Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(heading);

    /// <summary>Gives a reason on the page that asks, and confirms.</summary>
    private protected static async Task ConfirmAsync(IPage page, string button, string reason)
    {
        await page.GetByLabel("Reason, kept in the history").FillAsync(reason);
        await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
    }

    /// <summary>A payout of which a notice says that it was paid, and Pockyt's answer that it was not.</summary>
    private protected async Task<string> DisputeAsync()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.DispatchAsync();
        await TellAsync(invoiceId, new Report(ReportKind.Settled, Source.Notice));
        await TellAsync(
            invoiceId, new Report(ReportKind.Refused, Source.Inquiry) { AskedAt = Stage.Clock.GetUtcNow() });
        return invoiceId;
    }

    private async Task TellAsync(string invoiceId, Report report) =>
        await Stage.Reports.RecordAsync(await Stage.PayoutAsync(invoiceId), report, CancellationToken.None);
}
