using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using PayoutService.Payouts;
using PayoutService.Tests.Api.Batches;
using PayoutService.Tests.Controls;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.WebTests.Ops;

/// <summary>A second person at work: approving, rejecting, and what stops it, with scripts and without.</summary>
public sealed class ApprovalWalkTests : BrowserTests
{
    private readonly ControlledService service;

    public ApprovalWalkTests(Chromium chromium)
        : base(chromium) => service = new(Stage.With("Controls:Enabled", "true"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_person_reads_what_was_found_approves_one_payout_and_rejects_another(bool scripts)
    {
        var (_, _, approved) = await LargeAsync("10000.01");
        var (_, _, rejected) = await LargeAsync("12000.00");
        var page = await LogInAsync(scripts, "approve-key");

        await FollowAsync(page, "Approvals");
        await SeeHeadingAsync(page, "2 payouts wait for a second person.");
        await Assertions.Expect(RowOf(page, approved)).ToContainTextAsync("The payee got nothing in this currency");
        await RowOf(page, approved).GetByRole(AriaRole.Link, new() { Name = "Approve…" }).ClickAsync();
        await SeeHeadingAsync(page, "Approve this payout?");
        await ConfirmAsync(page, "Approve it", "It is the deposit of the flat");
        await SeeHeadingAsync(page, "Your approval is recorded.");
        await FollowAsync(page, "Approvals");
        await RowOf(page, rejected).GetByRole(AriaRole.Link, new() { Name = "Reject…" }).ClickAsync();
        await ConfirmAsync(page, "Reject it for good", "Nobody knows this invoice");

        await SeeHeadingAsync(page, "It is rejected.");
        await FollowAsync(page, "Approvals");
        await SeeHeadingAsync(page, "Nothing waits for a second person.");
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync(approved)).Status);
        Assert.Equal(PayoutStatus.Canceled, (await Stage.PayoutAsync(rejected)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_asked_for_a_payout_sees_that_somebody_else_must_approve_it(bool scripts)
    {
        var (id, _, invoiceId) = await LargeAsync("10000.01");
        var page = await LogInAsync(scripts, "dev-key");

        await FollowAsync(page, "Approvals");
        var button = RowOf(page, invoiceId).GetByRole(AriaRole.Button, new() { Name = "Approve…" });
        await Assertions.Expect(button).ToBeDisabledAsync();
        await SeeAsync(page, "You asked for this: somebody else must approve it.");
        await page.GotoAsync($"/ops/payouts/{id}/approve");

        await SeeHeadingAsync(page, "That is not possible now.");
        Assert.Equal(HoldReason.Approval, (await Stage.PayoutAsync(invoiceId)).HoldReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_since_is_shown_and_blocks_until_it_was_read(bool scripts)
    {
        var (_, payee, invoiceId) = await LargeAsync("10000.01");
        var page = await LogInAsync(scripts, "approve-key");
        await FollowAsync(page, "Approvals");
        await RowOf(page, invoiceId).GetByRole(AriaRole.Link, new() { Name = "Approve…" }).ClickAsync();

        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        await ConfirmAsync(page, "Approve it", "It is the deposit of the flat");
        await SeeHeadingAsync(page, "What it pays has changed.");
        await SeeAsync(page, "Since it was asked for: dev changed the payee.");
        await FollowAsync(page, $"To payout {invoiceId}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Approve…" }).ClickAsync();
        await ConfirmAsync(page, "Approve it", "Called her: she has a new address");

        await SeeHeadingAsync(page, "Your approval is recorded.");
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_of_a_batch_is_approved_on_its_page(bool scripts)
    {
        var batches = new BatchStage(Stage);
        var account = await service.AccountAsync(TimeSpan.FromDays(40));
        var plan = await batches.PlanAsync($"{BatchStage.Header}\nrent-may,{account},10000.01,USD\n");
        var batch = await batches.PayAsync(plan);
        await ReleaseAsync(await ShowAsync("rent-may"));
        var page = await LogInAsync(scripts, "approve-key");

        await FollowAsync(page, "Batches");
        await FollowAsync(page, Text(batch, "id"));
        await FollowAsync(page, "Approve…");
        await SeeAsync(page, "1 payout, 10,000.01 USD, which dev asked for with the key dev.");
        await ConfirmAsync(page, "Approve them", "It is the rent of May");

        await SeeHeadingAsync(page, "Your approval is recorded.");
        await FollowAsync(page, "To the batch");
        await SeeHeadingAsync(page, "Every row has its outcome.");
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync("rent-may")).Status);
    }

    private static ILocator RowOf(IPage page, string invoiceId) =>
        page.Locator("[data-row]").Filter(new() { HasText = invoiceId });

    /// <summary>A payout that waits for approval and nothing else.</summary>
    private async Task<(string Id, string Payee, string InvoiceId)> LargeAsync(string amount)
    {
        var (payee, account) = await service.PayeeAsync(TimeSpan.FromDays(40));
        var payout = await service.PayAsync(account, amount);
        await ReleaseAsync(payout);
        return (Text(payout, "id"), payee, Text(payout, "invoiceId"));
    }

    private async Task<JsonElement> ShowAsync(string invoiceId) =>
        await ServiceFixture.Answer(await Stage.Api.GetAsync($"/v1/payouts/by-invoice/{invoiceId}"));

    /// <summary>It is the first payout to its account, which an operator releases.</summary>
    private async Task ReleaseAsync(JsonElement payout)
    {
        using var operators = Stage.Client("ops-key");
        await DecideAsync("release", payout, operators);
    }
}
