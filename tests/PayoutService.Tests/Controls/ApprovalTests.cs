using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>A payout above the amount is sent only after another person has approved it, by no route otherwise.
/// </summary>
public sealed class ApprovalTests(ControlledService service) : IClassFixture<ControlledService>
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(40);

    private ServiceFixture Stage => service.Stage;

    [Fact]
    public async Task Another_person_approves_it_and_it_is_sent()
    {
        var payout = await LargeAsync();
        using var approver = Stage.Client("approve-key");

        var (status, approved) = await DecideAsync("approve", payout, approver, reason: "It is the deposit.");
        await Stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.OK, "queued"), (status, Text(approved, "status")));
        Assert.NotNull(Stage.Book.Find(Text(payout, "invoiceId")));
        var line = (await service.EventsAsync(payout)).Single(one => one.Kind is EventKind.Approved);
        Assert.Equal(("approve-key", "It is the deposit."), (line.Actor.Name, line.Detail["reason"]));
    }

    /// <summary>The key that asked, and another one of its owner, by each route that could let it pass.</summary>
    [Theory]
    [InlineData("dev-key")]
    [InlineData("dev-key-3")]
    public async Task Who_asked_cannot_let_it_pass_by_any_route(string key)
    {
        var payout = await LargeAsync(Stage.Client("dev-key"));
        using var caller = Stage.Client(key);
        var id = Text(payout, "id");

        var approved = await DecideAsync("approve", payout, caller);
        var released = await DecideAsync("release", payout, caller);
        var ruling = new { ruling = "sendAgain", reason = "It was the test.", evidence = "none" };
        var resolved = await caller.PostAsJsonAsync($"/v1/payouts/{id}/resolve", ruling);
        var refreshed = await caller.PostAsync($"/v1/payouts/{id}/refresh", null);
        var resumed = await caller.PostAsJsonAsync(
            "/v1/sending/resume", new { reason = "It was the test.", nothingLost = true });
        await Stage.DispatchAsync();
        await Stage.ReconcileAsync();

        Assert.Equal((HttpStatusCode.Forbidden, "own-request"), (approved.Status, Text(approved.Body, "code")));
        Assert.Equal((HttpStatusCode.Conflict, "not-releasable"), (released.Status, Text(released.Body, "code")));
        Assert.All([resolved, refreshed, resumed], answer => Assert.NotEqual(HttpStatusCode.InternalServerError,
            answer.StatusCode));
        var now = await Stage.PayoutAsync(Text(payout, "invoiceId"));
        Assert.Equal((PayoutStatus.Held, HoldReason.Approval), (now.Status, now.HoldReason));
        Assert.Null(Stage.Book.Find(Text(payout, "invoiceId")));
    }

    [Fact]
    public async Task Who_added_the_account_or_changed_the_payee_lately_cannot_approve_it()
    {
        using var other = Stage.Client("dev-key-2");
        var (_, account) = await service.PayeeAsync(TimeSpan.FromDays(10));
        var payout = await service.PayAsync(account, "10001.00", other);
        await DecideAsync("release", payout, Stage.Api);
        payout = await service.ShowAsync(payout);

        var (status, refusal) = await DecideAsync("approve", payout, Stage.Api);

        Assert.Equal((HttpStatusCode.Forbidden, "own-request"), (status, Text(refusal, "code")));
    }

    [Fact]
    public async Task An_approval_names_the_version_that_was_read()
    {
        var payout = await LargeAsync();
        using var approver = Stage.Client("approve-key");

        using var unnamed = await approver.PostAsJsonAsync(
            $"/v1/payouts/{Text(payout, "id")}/approve", new { reason = "It was the test." });
        var (stale, _) = await DecideAsync("approve", payout, approver, version: 7);

        Assert.Equal((HttpStatusCode)428, unnamed.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale);
    }

    [Fact]
    public async Task Above_a_second_amount_two_other_people_approve_it()
    {
        var payout = await LargeAsync(amount: "50000.01");
        using var first = Stage.Client("approve-key");
        using var second = Stage.Client("approve-key-2");

        var one = await DecideAsync("approve", payout, first);
        var again = await DecideAsync("approve", one.Body, first);
        await Stage.DispatchAsync();
        var waiting = await service.ShowAsync(payout);
        var two = await DecideAsync("approve", waiting, second);

        Assert.Equal("held", Text(one.Body, "status"));
        Assert.Equal((HttpStatusCode.Forbidden, "own-request"), (again.Status, Text(again.Body, "code")));
        Assert.Equal("held", Text(waiting, "status"));
        Assert.Equal((HttpStatusCode.OK, "queued"), (two.Status, Text(two.Body, "status")));
    }

    [Fact]
    public async Task What_changed_since_it_was_asked_for_blocks_an_approval_and_is_shown()
    {
        var (payee, account) = await service.PayeeAsync(Old);
        var payout = await UntilApprovalAsync(await service.PayAsync(account, "10002.00"));
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        using var approver = Stage.Client("approve-key");

        var (blocked, problem) = await DecideAsync("approve", payout, approver);
        var shown = await service.ShowAsync(payout);
        var (approved, _) = await DecideAsync("approve", shown, approver);

        Assert.Equal((HttpStatusCode.Conflict, "approval-blocked"), (blocked, Text(problem, "code")));
        Assert.Equal("dev changed the payee", Text(problem, "changes"));
        Assert.Equal(EventKind.ApprovalBlocked, (await service.EventsAsync(payout))[^2].Kind);
        Assert.Equal(HttpStatusCode.OK, approved);
    }

    [Fact]
    public async Task A_payee_that_cannot_be_paid_any_more_is_not_approved()
    {
        var (payee, account) = await service.PayeeAsync(Old);
        var payout = await UntilApprovalAsync(await service.PayAsync(account, "10003.00"));
        await TestDatabase.ExecuteAsync(
            Stage.ConnectionString,
            $"UPDATE accounts SET status = 'pending' WHERE id = '{await IdAsync(payout)}'");
        using var approver = Stage.Client("approve-key");

        var (status, problem) = await DecideAsync("approve", payout, approver);

        Assert.NotNull(payee);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "account-not-usable"), (status, Text(problem, "code")));
    }

    [Fact]
    public async Task A_rejected_payout_is_canceled_with_the_reason()
    {
        var payout = await LargeAsync();
        using var approver = Stage.Client("approve-key");

        var (status, rejected) = await DecideAsync("reject", payout, approver, reason: "Not our invoice.");
        var (again, problem) = await DecideAsync("approve", rejected, approver);

        Assert.Equal((HttpStatusCode.OK, "canceled"), (status, Text(rejected, "status")));
        Assert.Equal("Not our invoice.", (await service.EventsAsync(payout))[^1].Detail["reason"]);
        Assert.Equal((HttpStatusCode.Conflict, "not-awaiting-approval"), (again, Text(problem, "code")));
    }

    [Fact]
    public async Task The_list_shows_who_asked_when_it_ends_and_whether_it_is_the_callers_own()
    {
        var payout = await LargeAsync();
        using var approver = Stage.Client("approve-key");
        using var caller = Stage.Client("dev-key");

        var others = await OfAsync(approver, payout);
        var own = await OfAsync(caller, payout);

        Assert.Equal(("dev", 1), (Text(others, "requestedBy"), others.GetProperty("approvers").GetInt32()));
        Assert.False(others.GetProperty("isYours").GetBoolean());
        Assert.True(own.GetProperty("isYours").GetBoolean());
        Assert.Equal(Stage.Rules.RuleHoldLimit, TimeOf(others, "expiresAt") - TimeOf(others, "requestedAt"));
    }

    [Fact]
    public async Task Subscribers_are_told_what_is_asked_for_approved_blocked_rejected_and_expired()
    {
        var approver = Stage.Client("approve-key");
        var (payee, account) = await service.PayeeAsync(Old);
        var approved = await UntilApprovalAsync(await service.PayAsync(account, "10004.00"));
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        await DecideAsync("approve", approved, approver);
        await DecideAsync("approve", await service.ShowAsync(approved), approver);
        await DecideAsync("reject", await LargeAsync(), approver);
        await LargeAsync();
        await Stage.AdvanceAsync(Stage.Rules.RuleHoldLimit);
        await Stage.ReconcileAsync();

        while (await Stage.FeedWriter.RunOnceAsync(CancellationToken.None))
        {
        }

        var told = await ServiceFixture.Answer(await Stage.Api.GetAsync("/v1/events?limit=1000"));
        var types = told.GetProperty("data").EnumerateArray().Select(one => Text(one, "type")).ToHashSet();
        string[] expected =
            ["payout.approval_requested", "payout.approved", "payout.blocked", "payout.rejected", "payout.expired"];
        Assert.All(expected, type => Assert.Contains(type, types));
    }

    private static DateTimeOffset TimeOf(JsonElement approval, string member) =>
        approval.GetProperty(member).GetDateTimeOffset();

    private static async Task<JsonElement> OfAsync(HttpClient caller, JsonElement payout) =>
        (await ServiceFixture.Answer(await caller.GetAsync("/v1/approvals?limit=200"))).GetProperty("data")
            .EnumerateArray().Single(one => Text(one.GetProperty("payout"), "id") == Text(payout, "id"));

    private async Task<Guid> IdAsync(JsonElement payout) =>
        (await Stage.PayoutAsync(Text(payout, "invoiceId"))).AccountId;

    /// <summary>A payout that waits for approval and nothing else.</summary>
    private async Task<JsonElement> LargeAsync(HttpClient? caller = null, string amount = "10000.01") =>
        await UntilApprovalAsync(await service.PayAsync(await service.AccountAsync(Old), amount, caller));

    /// <summary>Its account is paid for the first time, which an operator releases.</summary>
    private async Task<JsonElement> UntilApprovalAsync(JsonElement payout)
    {
        using var operators = Stage.Client("ops-key");
        var (_, released) = await DecideAsync("release", payout, operators);
        Assert.Equal(["approval"], HoldsOf(released));
        return released;
    }
}
