using System.Net;
using System.Text.Json;
using PayoutService.Controls;
using PayoutService.Payouts;
using PayoutService.Tests.Controls;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Ops;

/// <summary>The page of what rules hold: what was found, who asked, and the acts of a second person.</summary>
public sealed class ApprovalPagesTests(ControlledService service) : IClassFixture<ControlledService>
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private ServiceFixture Stage => service.Stage;

    [Fact]
    public async Task The_page_shows_what_was_found_who_asked_and_when_it_ends()
    {
        var payout = await LargeAsync();
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");

        var page = await approver.OpenAsync("/ops/approvals");

        Assert.Contains("for a second person.", page.Heading, Ordinal);
        Assert.Contains(Text(payout, "invoiceId"), page.Text, Ordinal);
        Assert.Contains("is above the amount that a second person approves.", page.Text, Ordinal);
        Assert.Contains("by dev of dev,", page.Text, Ordinal);
        Assert.Contains("The payee got nothing in this currency before.", page.Text, Ordinal);
        Assert.Contains($"/ops/payouts/{Text(payout, "id")}/approve", page.Links);
    }

    [Fact]
    public async Task A_second_person_approves_it_on_the_page_and_the_audit_has_the_reason()
    {
        var payout = await LargeAsync();
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");

        var done = await approver.ConfirmAsync(
            $"/ops/payouts/{Text(payout, "id")}/approve", "It is the deposit of the flat");

        Assert.Equal((HttpStatusCode.OK, "Your approval is recorded."), (done.Status, done.Heading));
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync(Text(payout, "invoiceId"))).Status);
        Assert.Contains("It is the deposit of the flat", (await approver.OpenAsync("/ops/audit")).Text, Ordinal);
    }

    [Fact]
    public async Task My_own_request_is_greyed_with_the_reason_and_refused_when_it_is_sent_all_the_same()
    {
        var payout = await LargeAsync();
        var path = $"/ops/payouts/{Text(payout, "id")}/approve";
        using var own = await OpsStage.LogInAsync(Stage, "dev-key");
        using var sameOwner = await OpsStage.LogInAsync(Stage, "dev-key-3");
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        var form = Operator.FilledIn(await approver.OpenAsync(path), path, "It is the deposit of the flat");

        var page = await own.OpenAsync("/ops/approvals");
        foreach (var browser in new[] { own, sameOwner })
        {
            form["_form"] = (await browser.OpenAsync("/ops/sending/pause?of=main"))
                .HiddenOf("/ops/sending/pause?of=main")["_form"];
            var refused = await browser.PostAsync(path, form);
            Assert.Equal((HttpStatusCode.Conflict, "That is not possible now."), (refused.Status, refused.Heading));
        }

        Assert.Contains("You asked for this: somebody else must approve it.", page.Text, Ordinal);
        Assert.Equal(HoldReason.Approval, (await Stage.PayoutAsync(Text(payout, "invoiceId"))).HoldReason);
    }

    [Fact]
    public async Task A_rejection_cancels_it()
    {
        var payout = await LargeAsync();
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");

        var done = await approver.ConfirmAsync(
            $"/ops/payouts/{Text(payout, "id")}/reject", "Nobody knows this invoice");

        Assert.Equal("It is rejected.", done.Heading);
        Assert.Equal(PayoutStatus.Canceled, (await Stage.PayoutAsync(Text(payout, "invoiceId"))).Status);
    }

    [Fact]
    public async Task An_operator_releases_what_other_rules_hold_and_an_approver_does_not()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(1)), "20.00");
        var path = $"/ops/payouts/{Text(payout, "id")}/release";
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        using var operators = await OpsStage.LogInAsync(Stage, "ops-key");

        var refused = await approver.OpenAsync(path);
        var listed = await operators.OpenAsync("/ops/approvals");
        var done = await operators.ConfirmAsync(path, "Called her on the old number");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("Your key lacks the scope ops.", refused.Text, Ordinal);
        Assert.Contains("newAccount: dev added the account 1 h before.", listed.Text, Ordinal);
        Assert.Equal("It is released.", done.Heading);
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync(Text(payout, "invoiceId"))).Status);
    }

    [Fact]
    public async Task What_changed_since_is_shown_and_blocks_the_first_approval()
    {
        var (payee, account) = await service.PayeeAsync(TimeSpan.FromDays(40));
        var payout = await ReleasedAsync(await service.PayAsync(account, "10004.00"));
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        await Stage.Api.PatchAsync($"/v1/payees/{payee}", System.Net.Http.Json.JsonContent.Create(
            new { email = $"{Stage.NewKey()}@example.com" }));
        var path = $"/ops/payouts/{Text(payout, "id")}/approve";

        var shown = await approver.OpenAsync(path);
        var blocked = await approver.ConfirmAsync(path, "It is the deposit of the flat");
        var done = await approver.ConfirmAsync(path, "It is the deposit of the flat");

        Assert.Contains("Changed since it was asked for: dev changed the payee", shown.Text, Ordinal);
        Assert.Equal("What it pays has changed.", blocked.Heading);
        Assert.Equal("Your approval is recorded.", done.Heading);
    }

    [Fact]
    public async Task The_review_has_the_rules_the_holds_who_ended_them_and_who_may_do_what()
    {
        using (var screener = Stage.Make<Screener>())
        {
            await screener.RunOnceAsync(CancellationToken.None);
        }

        var payout = await LargeAsync();
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        await approver.ConfirmAsync($"/ops/payouts/{Text(payout, "id")}/approve", "It is the deposit of the flat");

        var rules = await approver.Http.GetStringAsync("/ops/approvals/rules.csv");
        var people = await approver.Http.GetStringAsync("/ops/approvals/people.csv");

        Assert.Contains("settings,VelocityCount,main,5,", rules, Ordinal);
        Assert.Contains($"approve-key,approved,{Text(payout, "invoiceId")},", rules, Ordinal);
        Assert.Contains("It is the deposit of the flat", rules, Ordinal);
        Assert.Contains("key,,approve-key,approve,approve-key,", people, Ordinal);
        Assert.Contains($"ops-key,released,{Text(payout, "invoiceId")},", people, Ordinal);
    }

    private async Task<JsonElement> LargeAsync() => await ReleasedAsync(
        await service.PayAsync(await service.AccountAsync(TimeSpan.FromDays(40)), "10000.01"));

    private async Task<JsonElement> ReleasedAsync(JsonElement payout)
    {
        using var operators = Stage.Client("ops-key");
        return (await DecideAsync("release", payout, operators)).Body;
    }
}
