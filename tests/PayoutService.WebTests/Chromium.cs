using Microsoft.Playwright;

namespace PayoutService.WebTests;

/// <summary>The Chromium that `./test web` installs, one for all tests that need a browser.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async Task InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Tool.Find("chromium"),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>A window without cookies.</summary>
    public Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options) => browser.NewContextAsync(options);
}

/// <summary>Tests that share the browser, one at a time.</summary>
[CollectionDefinition(nameof(Chromium))]
public sealed class ChromiumTests : ICollectionFixture<Chromium>;
