using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using PayoutService.Events;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.Tests.Ops;

/// <summary>Every act has a page that says what happens to money, wants a reason, and is bound to what was seen.
/// </summary>
public sealed class OpsActTests : OpsTests
{
    [Fact]
    public async Task Canceling_withdraws_the_payout_and_the_history_and_the_audit_have_the_reason()
    {
        var invoiceId = await Stage.PayAsync();
        var page = await PageOfAsync(invoiceId);
        var asked = await Browser.OpenAsync($"{page}/cancel");

        var done = await Browser.ConfirmAsync($"{page}/cancel", "The order was withdrawn");

        Assert.Contains("Nothing was sent, so no money moves.", asked.Text, Ordinal);
        Assert.Equal((HttpStatusCode.OK, "It is canceled."), (done.Status, done.Heading));
        var canceled = (await Stage.EventsAsync(invoiceId))[^1];
        Assert.Equal(
            (EventKind.Canceled, "ops-key", "The order was withdrawn"),
            (canceled.Kind, canceled.Actor.Name, canceled.Detail["reason"]));
        var audit = await Browser.OpenAsync("/ops/audit");
        Assert.Contains("The order was withdrawn", audit.Text, Ordinal);
        Assert.Contains(page, audit.Links);
    }

    [Fact]
    public async Task The_page_that_asks_offers_to_go_back_first()
    {
        var page = await PageOfAsync(await Stage.PayAsync());

        var asked = await Browser.OpenAsync($"{page}/cancel");

        Assert.Contains($"<a class=\"button\" href=\"{page}\" autofocus>Go back, do nothing</a>", asked.Html, Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("too short")]
    public async Task An_act_without_a_reason_is_not_done(string reason)
    {
        var invoiceId = await Stage.PayAsync();

        var refused = await Browser.ConfirmAsync($"{await PageOfAsync(invoiceId)}/cancel", reason);

        Assert.Contains("The reason needs 10 to 500 characters.", refused.Text, Ordinal);
        Assert.Equal(PayoutStatus.Queued, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task An_act_on_a_version_that_is_not_the_last_is_not_done()
    {
        var invoiceId = await Stage.PayAsync();
        var path = $"{await PageOfAsync(invoiceId)}/cancel";
        var seen = await Browser.OpenAsync(path);
        await Stage.DispatchAsync();

        var refused = await Browser.PostAsync(path, Operator.FilledIn(seen, path, "The order was withdrawn"));

        Assert.Equal((HttpStatusCode.Conflict, "It changed meanwhile."), (refused.Status, refused.Heading));
        Assert.NotEqual(PayoutStatus.Canceled, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task Asking_Pockyt_makes_the_inquiry_due_now()
    {
        var invoiceId = await Stage.PayAsync("500.04");
        await Stage.DispatchAsync();
        await Stage.RunAsync(TimeSpan.FromHours(2));
        var before = (await Stage.PayoutAsync(invoiceId)).DueAt;

        var done = await Browser.ConfirmAsync($"{await PageOfAsync(invoiceId)}/ask");

        Assert.Equal((HttpStatusCode.OK, "Pockyt is asked."), (done.Status, done.Heading));
        Assert.True((await Stage.PayoutAsync(invoiceId)).DueAt < before);
    }

    [Fact]
    public async Task Resolving_takes_a_decision_with_its_evidence()
    {
        var invoiceId = await Stage.PayAsync("500.06");
        await Stage.DispatchAsync();
        var path = $"{await PageOfAsync(invoiceId)}/resolve";

        var missing = await Browser.ConfirmAsync(path, "Seen in the portal", ("choice", "notPaid"));
        var done = await Browser.ConfirmAsync(
            path, "Seen in the portal", ("choice", "notPaid"), ("evidence", "Screenshot in ticket 4711"));

        Assert.Contains("The evidence needs 10 to 500 characters.", missing.Text, Ordinal);
        Assert.Equal((HttpStatusCode.OK, "It is resolved."), (done.Status, done.Heading));
        var payout = await Stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Failed, Source.Operator), (payout.Status, payout.ConfirmedBy));
        Assert.Equal("Screenshot in ticket 4711", (await Stage.EventsAsync(invoiceId))[^1].Detail["evidence"]);
    }

    [Fact]
    public async Task Overruling_what_is_certain_takes_two_people()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);
        var path = $"{await PageOfAsync(invoiceId)}/resolve";
        (string, string)[] decision = [("choice", "returned"), ("evidence", "The bank's letter of today")];
        using var second = await OpsStage.LogInAsync(Stage, "dev-key-2");

        var alone = await Browser.ConfirmAsync(path, "The money came back", decision);
        var recorded = await Browser.ConfirmAsync(path, "The money came back", [.. decision, ("check", "yes")]);
        var done = await second.ConfirmAsync(path, "The money came back", [.. decision, ("check", "yes")]);

        Assert.Contains("tick that you overrule it", alone.Text, Ordinal);
        Assert.Equal("Your decision is recorded.", recorded.Heading);
        Assert.Equal("It is resolved.", done.Heading);
        Assert.Equal(PayoutStatus.Returned, (await Stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task The_second_person_sees_the_evidence_of_each_side()
    {
        var invoiceId = await Stage.PayAsync("500.00");
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        var paid = await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);
        for (var time = 0; time < 2; time++)
        {
            var denial = new Report(ReportKind.Refused, Source.Inquiry) { AskedAt = Stage.Clock.GetUtcNow() };
            await Stage.Reports.RecordAsync(paid, denial, CancellationToken.None);
        }

        var path = $"{await PageOfAsync(invoiceId)}/resolve";
        using var second = await OpsStage.LogInAsync(Stage, "dev-key-2");

        await Browser.ConfirmAsync(
            path, "The bank denies it", ("choice", "notPaid"), ("evidence", "The bank's letter"), ("check", "yes"));
        var asked = await second.OpenAsync(path);
        var told = await second.OpenAsync(await PageOfAsync(invoiceId));

        Assert.Matches(
            "says that it was paid .*says that it was not executed.*ruled notPaid \\(The bank's letter\\)", asked.Text);
        Assert.Single(Regex.Matches(asked.Text, "says that it was not executed"));
        Assert.Contains("Changed by \"Resolve…\" with the same ruling", told.Text, Ordinal);
    }

    [Fact]
    public async Task An_act_that_is_not_possible_says_why()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);

        var refused = await Browser.OpenAsync($"{await PageOfAsync(invoiceId)}/cancel");

        Assert.Contains("nobody can call money back", refused.Text, Ordinal);
        Assert.DoesNotContain("Cancel it for good", refused.Text, Ordinal);
    }

    [Fact]
    public async Task Sending_is_paused_and_resumed_by_pages_that_say_what_happens()
    {
        var asked = await Browser.OpenAsync("/ops/sending/pause?of=main");
        var paused = await Browser.ConfirmAsync("/ops/sending/pause?of=main", "Moving the balance");
        var board = await Browser.OpenAsync("/ops/sending");
        var wanted = await Browser.OpenAsync("/ops/sending/resume?of=main");

        var resumed = await Browser.ConfirmAsync("/ops/sending/resume?of=main", "The balance is moved");

        Assert.Contains("What is on its way to Pockyt goes on: its money may still move.", asked.Text, Ordinal);
        Assert.Equal("Sending is paused.", paused.Heading);
        Assert.Equal("Sending is paused for main.", board.Heading);
        Assert.Contains("This ends the pause of main by ops-key (operator)", wanted.Text, Ordinal);
        Assert.Contains("Moving the balance", wanted.Text, Ordinal);
        Assert.Equal("Sending is resumed.", resumed.Heading);
        Assert.Empty(await Stage.Sending.PausesOfAsync("main"));
    }

    [Fact]
    public async Task A_pause_that_came_after_the_page_is_not_ended_unseen()
    {
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Audit" });
        var seen = await Browser.OpenAsync("/ops/sending/resume?of=main");
        await Stage.Api.PostAsync("/v1/sending/resume", null);
        await Stage.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Another reason" });

        var refused = await Browser.PostAsync(
            "/ops/sending/resume?of=main",
            Operator.FilledIn(seen, "/ops/sending/resume?of=main", "The audit is over"));

        Assert.Equal((HttpStatusCode.Conflict, "The pauses changed meanwhile."), (refused.Status, refused.Heading));
        Assert.Equal(PauseKind.Operator, Assert.Single(await Stage.Sending.PausesOfAsync("main")).Kind);
    }

    [Fact]
    public async Task A_key_for_all_merchants_pauses_and_resumes_them_in_one_act()
    {
        using var all = await OpsStage.LogInAsync(Stage, "all-key");

        var paused = await all.ConfirmAsync("/ops/sending/pause?of=%2A&merchant=main", "Pockyt's maintenance window");
        var board = await all.OpenAsync("/ops/sending");
        var resumed = await all.ConfirmAsync("/ops/sending/resume?of=%2A&merchant=main", "Maintenance is over");

        Assert.Contains("main is paused. other is paused.", paused.Text, Ordinal);
        Assert.Equal("Sending is paused for main, other.", board.Heading);
        Assert.Contains(
            "main is sent again: 1 pause ended. other is sent again: 1 pause ended.", resumed.Text, Ordinal);
    }

    [Fact]
    public async Task A_delivery_is_sent_again_with_the_same_id()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = Stage.Make<Deliverer>();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        await Stage.PayAsync();
        await DeliverAsync(deliverer);
        var endpoint = (await Browser.OpenAsync("/ops/deliveries")).Links
            .Single(link => link.Contains("endpoint=", Ordinal));
        var path = (await Browser.OpenAsync(endpoint)).Links.Single(link => link.EndsWith("/resend", Ordinal));

        var done = await Browser.ConfirmAsync(path, "The subscriber lost it");
        await DeliverAsync(deliverer);

        Assert.Equal("It is sent again.", done.Heading);
        Assert.Equal(2, subscriber.Received.Count);
        Assert.Single(subscriber.Received.Select(one => one.Id).Distinct());
    }

    [Fact]
    public async Task An_endpoint_is_sent_what_it_missed_of_the_chosen_time()
    {
        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = Stage.Make<Deliverer>();
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        var endpoint = (await Browser.OpenAsync("/ops/deliveries")).Links
            .Single(link => link.Contains("endpoint=", Ordinal));
        var path = (await Browser.OpenAsync(endpoint)).Links.Single(link => link.EndsWith("/recover", Ordinal));

        var unchosen = await Browser.ConfirmAsync(path, "It was made too late");
        var started = await Browser.ConfirmAsync(path, "It was made too late", ("choice", "hour"));
        var again = await Browser.ConfirmAsync(path, "It was made too late", ("choice", "hour"));
        await DeliverAsync(deliverer);
        await DeliverAsync(deliverer);

        Assert.Contains("Choose one of the times.", unchosen.Text, Ordinal);
        Assert.Equal("It is sent what it missed.", started.Heading);
        Assert.Equal((HttpStatusCode.Conflict, "It is being recovered already."), (again.Status, again.Heading));
        Assert.Contains(subscriber.Received, one => one.Body.Contains("payout.accepted", Ordinal));
        Assert.Contains("recovered", (await Browser.OpenAsync("/ops/audit")).Text, Ordinal);
    }

    [Fact]
    public async Task Pockyt_is_asked_about_all_payouts_of_a_search_after_a_plan_and_the_page_says_how_far_it_is()
    {
        var unconfirmed = new List<string> { await Stage.PayAsync("500.06"), await Stage.PayAsync("600.06") };
        await Stage.DispatchAsync();
        var held = await Stage.PayAsync("500.08");
        await Stage.DispatchAsync();
        using var writer = Stage.Make<CallWriter>();
        const string Path = "/ops/payouts/ask?q=status%3Aunconfirmed";

        var plan = await Browser.OpenAsync(Path);
        var asked = await Browser.ConfirmAsync(Path, "The outage is over");
        await Stage.RunAsync(TimeSpan.FromSeconds(30));
        await writer.RunOnceAsync(CancellationToken.None);
        var answered = await Browser.PostAsync("/ops/payouts/asked", asked.HiddenOf("/ops/payouts/asked"));

        Assert.Equal("Ask Pockyt about 2 payouts now?", plan.Heading);
        Assert.Equal("Pockyt has answered about 0 of 2 payouts.", asked.Heading);
        Assert.Equal("Pockyt has answered about all of them.", answered.Heading);
        Assert.All(unconfirmed, invoiceId => Assert.Contains(invoiceId, answered.Text, Ordinal));
        Assert.DoesNotContain(held, answered.Text, Ordinal);
        Assert.Contains("The outage is over", (await Browser.OpenAsync("/ops/audit")).Text, Ordinal);
    }

    [Fact]
    public async Task Of_a_plan_only_what_did_not_change_since_is_asked_about()
    {
        var invoiceId = await Stage.PayAsync("500.06");
        await Stage.DispatchAsync();
        const string Path = "/ops/payouts/ask?q=status%3Aunconfirmed";
        var plan = await Browser.OpenAsync(Path);
        await Browser.ConfirmAsync(
            $"{await PageOfAsync(invoiceId)}/resolve", "The portal shows it", ("choice", "paid"),
            ("evidence", "Screenshot in ticket 4711"));

        var asked = await Browser.PostAsync(Path, Operator.FilledIn(plan, Path, "The outage is over"));

        Assert.Contains("1 payout was not asked about: changed after you saw the list.", asked.Text, Ordinal);
    }

    [Fact]
    public async Task A_search_in_which_nothing_was_sent_has_nothing_to_ask_about()
    {
        await Stage.PayAsync();

        var page = await Browser.OpenAsync("/ops/payouts/ask?q=status:queued");

        Assert.Equal((HttpStatusCode.Conflict, "There is nothing to ask about."), (page.Status, page.Heading));
        Assert.Contains("1 payout: Nothing was sent, so there is nothing to ask about.", page.Text, Ordinal);
    }
}
