using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payouts;

/// <summary>The moves by which rules hold a payout and by which that ends, in every status.</summary>
public sealed class PayoutHoldTests
{
    private static readonly Finding Twin = new(HoldReason.DuplicateSuspect, "The payout inv-1 pays the same.");
    private static readonly Finding Large = new(HoldReason.Approval, "It is above the amount.");
    private static readonly Finding Unscreened = new(HoldReason.Screening, "Not asked yet.");
    private static readonly Actor Anna = Actor.ApiKey("anna");

    public static TheoryData<PayoutStatus> Statuses => [.. Enum.GetValues<PayoutStatus>()];

    [Fact]
    public void What_a_rule_finds_is_accepted_as_held_until_its_end_and_tells_what_was_seen()
    {
        var (payout, accepted) = Accept([Large, Twin]);

        Assert.Equal(PayoutStatus.Held, payout.Status);
        Assert.Equal(HoldReason.DuplicateSuspect, payout.HoldReason);
        Assert.Equal(PayoutBuilder.Start + PayoutBuilder.Rules.RuleHoldLimit, payout.DueAt);
        Assert.Equal(MoneyMoved.No, payout.MoneyMoved);
        Assert.Equal((EventKind.Accepted, PayoutStatus.Held), (accepted.Kind, accepted.To));
        Assert.Equal(Twin.Saw, accepted.Detail["duplicateSuspect"]);
        Assert.Equal(Large.Saw, accepted.Detail["approval"]);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void A_rule_holds_only_what_is_queued_or_held_by_a_rule(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);
        var version = payout.Version;

        var held = payout.Hold(Twin, Actor.Reconciler, PayoutBuilder.Start, PayoutBuilder.Rules);

        Assert.Equal(status is PayoutStatus.Queued, held is not null);
        Assert.Equal(held is null ? version : version + 1, payout.Version);
        Assert.Equal(held is null ? status : PayoutStatus.Held, payout.Status);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void No_hold_of_a_rule_ends_where_there_is_none(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);
        var (now, rules) = (PayoutBuilder.Start, PayoutBuilder.Rules);

        Assert.Null(payout.ReleaseHold(Anna, "It was the test.", now, rules));
        Assert.Null(payout.Approve(Anna, "It was the test.", now, rules));
        Assert.Null(payout.Reject(Anna, "It was the test.", now));
        Assert.Null(payout.EndScreening(now, rules));
        Assert.Null(payout.Expire(now + (2 * rules.RuleHoldLimit), rules));
        Assert.Null(payout.HoldAsBefore(now, rules));
    }

    [Fact]
    public void A_release_ends_what_one_person_may_end_and_leaves_approval_and_screening()
    {
        var payout = Accept([Unscreened, Twin, Large]).Payout;

        var released = payout.ReleaseHold(Anna, "It is another invoice.", PayoutBuilder.Start, PayoutBuilder.Rules);

        Assert.Equal(PayoutStatus.Held, payout.Status);
        Assert.Equal(["approval", "screening"], payout.Findings!.Keys.Order());
        Assert.Equal("duplicateSuspect", released!.Detail["ended"]);
        Assert.Equal("It is another invoice.", released.Detail["reason"]);
        Assert.Null(payout.ReleaseHold(Anna, "Again.", PayoutBuilder.Start, PayoutBuilder.Rules));
    }

    [Fact]
    public void When_the_last_hold_ends_it_is_queued_for_its_time_and_can_be_claimed()
    {
        var payout = Accept([Unscreened, Twin, Large]).Payout;
        var now = PayoutBuilder.Start.AddMinutes(5);
        payout.EndScreening(now, PayoutBuilder.Rules);
        payout.ReleaseHold(Anna, "It is another invoice.", now, PayoutBuilder.Rules);

        var approved = payout.Approve(Actor.ApiKey("bert"), "It is due.", now, PayoutBuilder.Rules);

        Assert.Equal((PayoutStatus.Held, PayoutStatus.Queued), (approved!.From, approved.To));
        Assert.Equal((PayoutStatus.Queued, null, now), (payout.Status, payout.HoldReason, payout.DueAt!.Value));
        Assert.Null(payout.Findings);
        Assert.Equal(0, payout.HoldCount);
        Assert.NotNull(payout.ClaimForSending(now));
    }

    [Fact]
    public void An_answer_of_Pockyts_releases_nothing_that_a_rule_holds_and_moves_no_time()
    {
        var payout = Accept([Twin]).Payout;
        var (due, version) = (payout.DueAt, payout.Version);

        payout.Hear(
            new Report(ReportKind.NotSeen, Source.Inquiry) { AskedAt = PayoutBuilder.Start }, PayoutBuilder.Start);

        Assert.Null(payout.Release(PayoutBuilder.Start.AddHours(1)));
        Assert.Equal((PayoutStatus.Held, due, version), (payout.Status, payout.DueAt, payout.Version));
        Assert.Equal(0, payout.HoldCount);
    }

    [Fact]
    public void A_hold_that_nobody_ends_is_canceled_at_its_end_and_not_before()
    {
        var payout = Accept([Large]).Payout;
        var end = PayoutBuilder.Start + PayoutBuilder.Rules.RuleHoldLimit;

        Assert.Null(payout.Expire(end.AddSeconds(-1), PayoutBuilder.Rules));
        var expired = payout.Expire(end, PayoutBuilder.Rules);

        Assert.Equal((EventKind.Expired, PayoutStatus.Canceled), (expired!.Kind, payout.Status));
        Assert.Contains("approval", expired.Detail["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_scheduled_is_held_until_its_time_and_as_long_again()
    {
        var at = PayoutBuilder.Start.AddDays(20);

        var payout = Accept([Large], at).Payout;

        Assert.Equal(at + PayoutBuilder.Rules.RuleHoldLimit, payout.DueAt);
        payout.Approve(Anna, "It is due.", PayoutBuilder.Start.AddDays(1), PayoutBuilder.Rules);
        Assert.Equal((PayoutStatus.Queued, at), (payout.Status, payout.DueAt!.Value));
    }

    [Fact]
    public void A_restore_does_not_let_a_payout_pass_that_a_rule_held()
    {
        var payout = Accept([Twin, Large]).Payout;
        payout.MarkPossiblySent(PayoutBuilder.Start);
        Assert.Equal((PayoutStatus.Unconfirmed, 2), (payout.Status, payout.Findings!.Count));

        var held = payout.HoldAsBefore(PayoutBuilder.Start.AddHours(1), PayoutBuilder.Rules);

        Assert.Equal((PayoutStatus.Unconfirmed, PayoutStatus.Held), (held!.From, held.To));
        Assert.Equal(HoldReason.DuplicateSuspect, payout.HoldReason);
        Assert.Empty(payout.OpenSends);
    }

    [Fact]
    public void A_clearance_after_a_restore_leaves_a_payout_held_that_a_rule_held()
    {
        var payout = Accept([Large]).Payout;
        payout.MarkPossiblySent(PayoutBuilder.Start);

        var cleared = payout.ClearRestore(Anna, "Nothing was lost.", PayoutBuilder.Start, PayoutBuilder.Rules);

        Assert.Equal((EventKind.Cleared, PayoutStatus.Held), (cleared.Kind, payout.Status));
        Assert.Equal(HoldReason.Approval, payout.HoldReason);
    }

    [Fact]
    public void What_was_sent_all_the_same_is_held_by_no_rule_any_more()
    {
        var payout = Accept([Large]).Payout;
        payout.MarkPossiblySent(PayoutBuilder.Start);

        payout.Hear(new Report(ReportKind.Acknowledged, Source.Inquiry), PayoutBuilder.Start.AddMinutes(1));

        Assert.Equal(PayoutStatus.Processing, payout.Status);
        Assert.Null(payout.Findings);
    }

    [Fact]
    public void A_look_before_the_send_that_finds_it_not_screened_holds_it_until_that_is_asked()
    {
        var payout = PayoutBuilder.After(new Report(ReportKind.Postponed, Source.Reply)
        {
            Claim = 1,
            HoldReason = HoldReason.Screening,
            Message = "The payee has changed.",
        });

        Assert.Equal((PayoutStatus.Held, PayoutBuilder.Start), (payout.Status, payout.DueAt!.Value));
        Assert.Equal("The payee has changed.", payout.Findings!["screening"]);
        Assert.Equal(0, payout.HoldCount);
    }

    [Fact]
    public void The_same_answer_of_a_screening_twice_is_told_once()
    {
        var payout = Accept([Unscreened]).Payout;
        var at = PayoutBuilder.Start.AddMinutes(1);

        Assert.NotNull(payout.ScreenAgain("It is away.", at, PayoutBuilder.Start, PayoutBuilder.Rules));
        Assert.Null(payout.ScreenAgain("It is away.", at.AddMinutes(1), at, PayoutBuilder.Rules));

        Assert.Equal(at.AddMinutes(1), payout.DueAt);
        Assert.Equal("It is away.", payout.Findings!["screening"]);
    }

    private static (Payout Payout, PayoutEvent Accepted) Accept(
        IReadOnlyList<Finding> findings, DateTimeOffset? executeAt = null) =>
        PayoutBuilder.Accepted(findings, executeAt);
}
