using System.Net.Http.Json;
using Microsoft.Playwright;
using PayoutService.Events;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.WebTests.Ops;

/// <summary>What operators do, from the login to the page that says what happened, with scripts and without.</summary>
public sealed class FlowTests(Chromium chromium) : BrowserTests(chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Support_pastes_an_invoice_id_reads_why_it_waits_and_asks_Pockyt_again(bool scripts)
    {
        var invoiceId = await Stage.PayAsync("500.05");
        await Stage.DispatchAsync();
        var page = await LogInAsync(scripts);

        await page.GetByLabel("Search payouts").FillAsync(invoiceId);
        await page.GetByLabel("Search payouts").PressAsync("Enter");
        await Assertions.Expect(page).ToHaveTitleAsync($"{invoiceId} · Payouts");
        await SeeAsync(page, Cause.Unconfirmed.Sentence);
        await SeeAsync(page, "Never pay this another way");
        await FollowAsync(page, "Ask Pockyt now");
        await SeeHeadingAsync(page, "Ask Pockyt about this payout now?");
        await ConfirmAsync(page, "Ask Pockyt", "The payee asked where it is");

        await SeeHeadingAsync(page, "Pockyt is asked.");
        await Stage.ReconcileAsync();
        await FollowAsync(page, $"To payout {invoiceId}");
        await Assertions.Expect(page.Locator(".picture [aria-current]")).ToHaveTextAsync("processing");
        await Assertions.Expect(page.Locator(".badges")).ToContainTextAsync("money moved: inFlight");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_contradiction_is_found_on_the_board_and_resolved_by_two_people(bool scripts)
    {
        var invoiceId = await DisputeAsync();
        var page = await LogInAsync(scripts);
        var second = await LogInAsync(scripts, "dev-key-2");

        await SeeHeadingAsync(page, "One thing needs a person.");
        await DecideAsync(page, invoiceId, "a notice signed as Pockyt says that it was paid");
        await SeeAsync(page, "This is against what is certain: tick that you overrule it");
        await page.GetByLabel("I overrule what is certain.").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Record the decision" }).ClickAsync();
        await SeeHeadingAsync(page, "Your decision is recorded.");
        await DecideAsync(second, invoiceId, "ops-key ruled paid", "I overrule what is certain.");

        await SeeHeadingAsync(second, "It is resolved.");
        await SeeAsync(second, "It is succeeded now; money moved: yes.");
        await FollowAsync(second, $"To payout {invoiceId}");
        await SeeAsync(second, "Statement in ticket 4711");
        await FollowAsync(page, "Attention");
        await SeeHeadingAsync(page, "Nothing needs you.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sending_is_resumed_by_somebody_who_sees_who_paused_it_and_why(bool scripts)
    {
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Moving the balance" });
        var invoiceId = await Stage.PayAsync();
        var page = await LogInAsync(scripts);

        await FollowAsync(page, "Sending");
        await SeeHeadingAsync(page, "Sending is paused for main.");
        await SeeAsync(page, "Moving the balance");
        await FollowAsync(page, "Resume…");
        await ConfirmAsync(page, "Resume sending", "The balance is moved");

        await SeeHeadingAsync(page, "Sending is resumed.");
        await FollowAsync(page, "Sending");
        await SeeHeadingAsync(page, "Payouts are sent.");
        await Stage.DispatchAsync();
        Assert.NotEqual(PayoutStatus.Queued, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_that_a_subscriber_lost_is_sent_again(bool scripts)
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = Stage.Make<Deliverer>();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        await Stage.PayAsync();
        await DeliverAsync(deliverer);
        var page = await LogInAsync(scripts);

        await FollowAsync(page, "Deliveries");
        await FollowAsync(page, subscriber.Url);
        await FollowAsync(page, "Send again…");
        await ConfirmAsync(page, "Send it again", "The subscriber lost it");

        await SeeHeadingAsync(page, "It is sent again.");
        await DeliverAsync(deliverer);
        Assert.Equal(2, subscriber.Received.Count);
        Assert.Single(subscriber.Received.Select(one => one.Id).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_is_downloaded_with_exactly_what_the_page_lists(bool scripts)
    {
        var held = await Stage.PayAsync("500.08");
        await Stage.DispatchAsync();
        await Stage.PayAsync("1.50");
        var page = await LogInAsync(scripts);

        await FollowAsync(page, "Payouts");
        await FollowAsync(page, "Held");
        var download = await page.RunAndWaitForDownloadAsync(() => FollowAsync(page, "Download all as CSV"));

        Assert.EndsWith(".csv", download.SuggestedFilename, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.Equal(3, lines.Length);
        Assert.Contains(held, lines[1], StringComparison.Ordinal);
        Assert.StartsWith("total,", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_page_says_that_something_is_new_and_moves_no_row()
    {
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var page = await LogInAsync(scripts: true);
        await FollowAsync(page, "Payouts");
        await Assertions.Expect(page.Locator(".live [data-state]")).ToHaveTextAsync("live");

        var invoiceId = await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var more = page.Locator(".live a");
        await Assertions.Expect(more).ToContainTextAsync(" new");
        await SeeAsync(page, "There are no payouts yet.");
        await more.ClickAsync();
        await SeeAsync(page, invoiceId);
        await Assertions.Expect(page.Locator(".live")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("p");
        await Assertions.Expect(page.Locator(".live [data-state]")).ToHaveTextAsync("paused");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pockyt_is_asked_about_all_payouts_of_a_search(bool scripts)
    {
        await Stage.PayAsync("500.05");
        await Stage.PayAsync("501.05");
        using var writer = Stage.Make<CallWriter>();
        await Stage.DispatchAsync();
        var page = await LogInAsync(scripts);

        await FollowAsync(page, "Payouts");
        await FollowAsync(page, "Unconfirmed");
        await FollowAsync(page, "Ask Pockyt about these…");
        await ConfirmAsync(page, "Ask about 2 payouts", "Pockyt was away this morning");
        await SeeHeadingAsync(page, "Pockyt has answered about 0 of 2 payouts.");
        await Stage.ReconcileAsync();
        var isAnswered = page.GetByText("Pockyt has answered about all of them.");
        for (var looks = 0; looks < 20 && !await isAnswered.IsVisibleAsync(); looks++)
        {
            await writer.RunOnceAsync(CancellationToken.None);
            await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        }

        await SeeHeadingAsync(page, "Pockyt has answered about all of them.");
        await Assertions.Expect(page.Locator("tbody .s-processing")).ToHaveCountAsync(2);
    }

    /// <summary>From the board to the decision that the payee has the money.</summary>
    private static async Task DecideAsync(
        IPage page, string invoiceId, string statement, params string[] checks)
    {
        await FollowAsync(page, "Board");
        await FollowAsync(page, "contradiction");
        await FollowAsync(page, invoiceId);
        // The second person sees the first one's ruling, too.
        await Assertions.Expect(page.Locator("blockquote")).ToHaveCountAsync(checks.Length == 0 ? 2 : 3);
        await FollowAsync(page, "Resolve…");
        await SeeAsync(page, statement);
        await SeeAsync(page, "Pockyt's answer to our question says that it was not executed");
        await page.GetByLabel("paid The payee has the money.", new() { Exact = true }).CheckAsync();
        foreach (var check in checks)
        {
            await page.GetByLabel(check).CheckAsync();
        }

        await page.GetByLabel("Evidence: where you found it out").FillAsync("Statement in ticket 4711");
        await ConfirmAsync(page, "Record the decision", "The portal shows it as paid");
    }

    private async Task DeliverAsync(Deliverer deliverer)
    {
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await deliverer.RunOnceAsync(CancellationToken.None);
        await deliverer.WhenIdleAsync();
    }
}
