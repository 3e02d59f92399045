using Microsoft.Playwright;
using PayoutService.Payouts;

namespace PayoutService.WebTests.Ops;

/// <summary>Everything is done without a mouse, and what has the focus is seen.</summary>
public sealed class KeyboardTests(Chromium chromium) : BrowserTests(chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payout_is_found_and_canceled_by_the_keyboard_only(bool scripts)
    {
        var invoiceId = await Stage.PayAsync();
        var page = await OpenAsync(scripts);

        await Assertions.Expect(page.GetByLabel("API key")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("ops-key");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveTitleAsync("Board · Payouts");
        await TabToAsync(page, "input[type=search]");
        await page.Keyboard.TypeAsync(invoiceId);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveTitleAsync($"{invoiceId} · Payouts");
        await TabToAsync(page, "a[href$=cancel]");
        await page.Keyboard.PressAsync("Enter");
        await SeeHeadingAsync(page, "Cancel this payout?");

        // Who presses Enter too early goes back.
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync("Go back, do nothing");
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.TypeAsync("The order was withdrawn");
        await TabToAsync(page, "button.danger");
        await page.Keyboard.PressAsync("Enter");

        await SeeHeadingAsync(page, "It is canceled.");
        Assert.Equal(PayoutStatus.Canceled, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task The_skip_link_goes_to_the_content()
    {
        var page = await LogInAsync(scripts: true);

        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync("Skip to the content");
        await Assertions.Expect(page.Locator(":focus")).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");

        await Assertions.Expect(page.Locator("main :focus")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Keys_go_to_pages_rows_and_the_search_and_type_as_usual_in_fields()
    {
        string[] invoices = [await Stage.PayAsync(), await Stage.PayAsync()];
        var page = await LogInAsync(scripts: true);

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("p");
        await Assertions.Expect(page).ToHaveTitleAsync("Payouts · Payouts");
        await page.Keyboard.PressAsync("j");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync(invoices[1]);
        await page.Keyboard.PressAsync("j");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync(invoices[0]);
        await page.Keyboard.PressAsync("k");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync(invoices[1]);
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("gpjkr/");
        await Assertions.Expect(page.Locator("input[type=search]")).ToHaveValueAsync("gpjkr/");

        await Assertions.Expect(page).ToHaveTitleAsync("Payouts · Payouts");
    }

    /// <summary>Presses Tab until an element has the focus; each on the way must show that it has it.</summary>
    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var steps = 0; steps < 60; steps++)
        {
            await page.Keyboard.PressAsync("Tab");
            var focused = page.Locator(":focus");
            await Assertions.Expect(focused).ToBeInViewportAsync();
            await Assertions.Expect(focused).ToHaveCSSAsync("outline-style", "solid");
            if (await page.Locator($"{selector}:focus").CountAsync() == 1)
            {
                return;
            }
        }

        Assert.Fail($"Tab does not come to {selector}.");
    }
}
