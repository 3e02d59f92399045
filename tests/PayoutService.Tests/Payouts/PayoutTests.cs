using PayoutService.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.PayoutStatus;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Tests.Payouts;

public sealed class PayoutTests
{
    private static readonly PayoutRules Rules = PayoutBuilder.Rules;
    private static readonly DateTimeOffset Start = PayoutBuilder.Start;
    private static readonly DateTimeOffset LeaseEnd = PayoutBuilder.LeaseEnd;

    /// <summary>The first moment at which a question counts towards sending again.</summary>
    private static readonly DateTimeOffset AfterLease = LeaseEnd.AddTicks(1);

    private static readonly TimeSpan?[] AskLadder =
        [.. Seconds(5, 15, 30), .. Minutes(1, 2, 5, 15, 30, 60, 60, 60)];

    private static readonly TimeSpan?[] HoldLadder = Minutes(1, 5, 15, 30, 60, 60, 60);

    public static TheoryData<PayoutStatus> Statuses => [.. Enum.GetValues<PayoutStatus>()];

    [Fact]
    public void An_accepted_payout_is_due_now()
    {
        var payout = PayoutBuilder.Queued();

        Assert.Equal((Queued, Start, 1), (payout.Status, payout.DueAt, payout.Version));
    }

    [Theory]
    [InlineData(-60, 0)]
    [InlineData(60, 60)]
    public void A_payout_accepted_for_later_is_due_then_and_one_for_earlier_is_due_now(int executeIn, int dueIn)
    {
        var payout = PayoutBuilder.Queued(executeAt: Start.AddSeconds(executeIn));

        Assert.Equal(Start.AddSeconds(dueIn), payout.DueAt);
    }

    [Fact]
    public void Questions_about_an_unconfirmed_payout_come_less_and_less_often_and_never_stop()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var waits = WaitsAfter(payout, Unclear, LeaseEnd, AskLadder.Length);

        Assert.Equal(AskLadder, waits);
    }

    [Fact]
    public void Questions_about_a_processing_payout_come_less_and_less_often_and_never_stop()
    {
        var payout = PayoutBuilder.Of(Processing);

        var waits = WaitsAfter(payout, Acknowledged, Start, AskLadder.Length);

        Assert.Equal([.. AskLadder[1..], AskLadder[^1]], waits);
    }

    [Theory]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    [InlineData(Returned)]
    public void Questions_about_a_final_status_that_nobody_confirmed_come_less_and_less_often_and_never_stop(
        PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);

        var waits = WaitsAfter(payout, Unclear, Start, AskLadder.Length);

        Assert.Equal(AskLadder, waits);
    }

    [Theory]
    [InlineData("Unclear", Unconfirmed)]
    [InlineData("Acknowledged", Processing)]
    public void The_first_question_comes_five_seconds_after_a_reply_that_settles_nothing(
        string reply, PayoutStatus status)
    {
        var payout = PayoutBuilder.After(Reply(Enum.Parse<ReportKind>(reply)));

        Assert.Equal((status, Start.AddSeconds(5)), (payout.Status, payout.DueAt));
    }

    [Theory]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    [InlineData(Returned)]
    public void A_final_status_that_nobody_confirmed_is_asked_about_at_once(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);

        Assert.Equal(Start, payout.DueAt);
    }

    [Fact]
    public void The_ladder_of_questions_starts_anew_with_a_move()
    {
        var payout = PayoutBuilder.Unconfirmed();
        WaitsAfter(payout, Unclear, LeaseEnd, 6);
        payout.Hear(Notice(Acknowledged), LeaseEnd);

        var waits = WaitsAfter(payout, Acknowledged, LeaseEnd, AskLadder.Length);

        Assert.Equal([.. AskLadder[1..], AskLadder[^1]], waits);
    }

    [Fact]
    public void A_confirmed_success_is_watched_for_a_return_at_thinning_intervals_for_thirty_days()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        var first = payout.DueAt - Start;

        var waits = WaitsAfter(payout, Settled, Start, 7);

        Assert.Equal(
            [TimeSpan.FromHours(1), TimeSpan.FromHours(6), .. Days(1, 2, 4, 7, 15), null],
            new[] { first }.Concat(waits));
    }

    [Fact]
    public void An_unclear_answer_about_a_confirmed_success_is_asked_again_in_an_hour_and_uses_up_no_watch()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);

        var unclear = WaitsAfter(payout, Unclear, Start, 3);
        var watched = WaitsAfter(payout, Settled, Start, 1);

        Assert.Equal(Minutes(60, 60, 60), unclear);
        Assert.Equal([TimeSpan.FromHours(3)], watched);
    }

    [Theory]
    [InlineData(Failed)]
    [InlineData(Returned)]
    public void A_confirmed_failure_or_return_leaves_nothing_to_do(PayoutStatus status)
    {
        var payout = PayoutBuilder.Confirmed(status);

        Assert.Null(payout.DueAt);
    }

    [Fact]
    public void A_held_payout_is_looked_at_less_and_less_often_and_for_ever()
    {
        var payout = PayoutBuilder.Of(Held);
        var first = payout.DueAt - Start;

        var waits = WaitsAfter(payout, Unclear, Start, HoldLadder.Length - 1);

        Assert.Equal(HoldLadder, new[] { first }.Concat(waits));
    }

    [Fact]
    public void A_payout_that_is_put_off_again_waits_longer_than_the_first_time()
    {
        var payout = PayoutBuilder.Of(Held);
        payout.Release(Start);
        payout.ClaimForSending(Start);

        payout.Hear(
            new Report(Postponed, Source.Reply) { Claim = payout.Claim, HoldReason = HoldReason.Access }, Start);

        Assert.Equal((Held, HoldReason.Access), (payout.Status, payout.HoldReason));
        Assert.Equal(Start.AddMinutes(5), payout.DueAt);
    }

    [Fact]
    public void A_payout_that_never_left_us_is_sent_again_soon_but_not_in_a_tight_loop()
    {
        var payout = PayoutBuilder.Queued();

        List<TimeSpan?> waits = [];
        for (var send = 0; send < 6; send++)
        {
            payout.ClaimForSending(Start);
            payout.Hear(new Report(NotSent, Source.Reply) { Claim = payout.Claim }, Start);
            waits.Add(payout.DueAt - Start);
        }

        Assert.Equal(Queued, payout.Status);
        Assert.Equal([.. Seconds(5, 15, 30), .. Minutes(1, 1, 1)], waits);
    }

    [Fact]
    public void A_lease_that_ended_leaves_the_payout_unconfirmed_and_asked_about_at_once()
    {
        var payout = PayoutBuilder.Submitting();

        var ended = payout.EndLease(LeaseEnd);

        Assert.Equal((Unconfirmed, LeaseEnd), (payout.Status, payout.DueAt));
        Assert.Equal((EventKind.LeaseEnded, Submitting, 3), (ended!.Kind, ended.From, ended.Version));
    }

    [Fact]
    public void A_lease_that_runs_is_not_ended()
    {
        var payout = PayoutBuilder.Submitting();

        var ended = payout.EndLease(LeaseEnd.AddTicks(-1));

        Assert.Null(ended);
        Assert.Equal((Submitting, 2), (payout.Status, payout.Version));
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Only_what_was_never_sent_can_be_canceled(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);
        var version = payout.Version;

        var canceled = payout.Cancel(Actor.ApiKey("billing"), Start);

        var may = status is Queued or Held;
        Assert.Equal(may ? Canceled : status, payout.Status);
        Assert.Equal(may ? version + 1 : version, payout.Version);
        Assert.Equal(may, canceled is { Kind: EventKind.Canceled, Actor.Name: "billing", To: Canceled });
        Assert.True(!may || payout.DueAt is null);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Only_what_is_held_can_be_released(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);

        var released = payout.Release(LeaseEnd);

        Assert.Equal(status is Held, released is not null);
        Assert.Equal(status is Held ? Queued : status, payout.Status);
        Assert.True(status is not Held || (payout.DueAt == LeaseEnd && payout.HoldReason is null));
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Only_the_lease_of_a_claim_ends(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);

        var ended = payout.EndLease(LeaseEnd.AddDays(1));

        Assert.Equal(status is Submitting, ended is not null);
        Assert.Equal(status is Submitting ? Unconfirmed : status, payout.Status);
    }

    [Theory]
    [InlineData(Succeeded, "Settled", Source.Inquiry)]
    [InlineData(Succeeded, "Settled", Source.Operator)]
    [InlineData(Failed, "Refused", Source.Inquiry)]
    [InlineData(Failed, "Refused", Source.Operator)]
    [InlineData(Returned, "Reversed", Source.Inquiry)]
    [InlineData(Returned, "Reversed", Source.Operator)]
    public void A_final_status_is_confirmed_by_an_inquiry_or_an_operator_who_says_the_same(
        PayoutStatus status, string report, Source source)
    {
        var payout = PayoutBuilder.Of(status);

        var confirmed = payout.Hear(new Report(Enum.Parse<ReportKind>(report), source), Start);

        Assert.Equal((status, source), (payout.Status, payout.ConfirmedBy));
        Assert.Equal(EventKind.Confirmed, confirmed!.Kind);
    }

    [Theory]
    [InlineData("Settled", Source.Inquiry)]
    [InlineData("Settled", Source.Operator)]
    [InlineData("Refused", Source.Inquiry)]
    [InlineData("Refused", Source.Operator)]
    [InlineData("Reversed", Source.Inquiry)]
    [InlineData("Reversed", Source.Operator)]
    public void A_move_by_an_inquiry_or_an_operator_is_confirmed_at_once(string report, Source source)
    {
        var payout = PayoutBuilder.Unconfirmed();

        payout.Hear(new Report(Enum.Parse<ReportKind>(report), source), LeaseEnd);

        Assert.Equal(source, payout.ConfirmedBy);
    }

    [Theory]
    [InlineData("Settled", Source.Notice)]
    [InlineData("Settled", Source.Reply)]
    [InlineData("Refused", Source.Notice)]
    [InlineData("Refused", Source.Reply)]
    [InlineData("Reversed", Source.Notice)]
    [InlineData("Reversed", Source.Reply)]
    public void However_often_a_notice_or_a_reply_says_it_nothing_is_confirmed(string report, Source source)
    {
        var payout = PayoutBuilder.Submitting();
        var told = new Report(Enum.Parse<ReportKind>(report), source) { Claim = source is Source.Reply ? 1 : null };

        payout.Hear(told, Start);
        payout.Hear(told, Start.AddHours(1));

        Assert.True(payout.Status.IsFinal());
        Assert.Null(payout.ConfirmedBy);
    }

    [Theory]
    [InlineData(Succeeded, "Acknowledged")]
    [InlineData(Succeeded, "NotSeen")]
    [InlineData(Succeeded, "Unclear")]
    [InlineData(Failed, "Acknowledged")]
    [InlineData(Failed, "Unclear")]
    [InlineData(Returned, "Settled")]
    [InlineData(Returned, "Acknowledged")]
    [InlineData(Returned, "NotSeen")]
    public void An_inquiry_that_says_anything_else_confirms_nothing(PayoutStatus status, string report)
    {
        var payout = PayoutBuilder.Of(status);

        payout.Hear(Answer(Enum.Parse<ReportKind>(report), AfterLease), AfterLease);

        Assert.Equal((status, null), (payout.Status, payout.ConfirmedBy));
    }

    [Fact]
    public void An_inquiry_whose_facts_differ_confirms_nothing()
    {
        var payout = PayoutBuilder.Of(Succeeded);

        payout.Hear(Answer(Settled, Start) with { Mismatch = "amount differ from our row" }, Start);

        Assert.Equal((null, Attention.Mismatch), (payout.ConfirmedBy, payout.Attention));
    }

    [Fact]
    public void The_gate_stays_shut_when_the_last_question_was_asked_early_and_only_its_answer_came_late()
    {
        var payout = PayoutBuilder.Unconfirmed();
        HearNotSeen(payout, 2, TimeSpan.FromMinutes(1));
        var late = AfterLease.AddHours(1);
        var report = Answer(NotSeen, AfterLease.AddMinutes(2)) with { ResendAllowed = true };

        payout.Hear(report, late);

        Assert.False(payout.MayBeSentAgain(report, late, Rules));
        Assert.NotEqual(Attention.NotSeen, payout.Attention);
    }

    [Fact]
    public void A_refusal_is_not_confirmed_by_two_questions_asked_close_together_one_of_them_answered_late()
    {
        var payout = PayoutBuilder.Submitting();
        payout.Hear(new Report(Refused, Source.Reply) { Claim = payout.Claim }, Start.AddSeconds(1));
        payout.Hear(Answer(NotSeen, AfterLease), AfterLease);

        payout.Hear(Answer(NotSeen, AfterLease.AddMinutes(1)), AfterLease.AddHours(1));

        Assert.Equal((Failed, null), (payout.Status, payout.ConfirmedBy));
    }

    [Fact]
    public void NotSeen_asked_before_the_lease_ended_does_not_confirm_a_refusal()
    {
        var payout = PayoutBuilder.After(Reply(Refused));

        payout.Hear(Answer(NotSeen, LeaseEnd), AfterLease);
        payout.Hear(Answer(NotSeen, LeaseEnd.AddMinutes(15)), LeaseEnd.AddMinutes(15));

        Assert.Equal((1, null), (payout.NotSeenCount, payout.ConfirmedBy));
    }

    [Theory]
    [InlineData("Acknowledged")]
    [InlineData("Settled")]
    public void What_an_inquiry_knows_in_between_starts_the_count_of_NotSeen_anew(string report)
    {
        var payout = PayoutBuilder.Of(Succeeded);
        payout.Hear(Answer(NotSeen, AfterLease), AfterLease);
        payout.Hear(Answer(Enum.Parse<ReportKind>(report), AfterLease.AddMinutes(20)), AfterLease.AddMinutes(20));

        payout.Hear(Answer(NotSeen, AfterLease.AddMinutes(31)), AfterLease.AddMinutes(31));

        Assert.Null(payout.Attention);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Attention.Slow)]
    [InlineData(Attention.NotSeen)]
    [InlineData(Attention.Mismatch)]
    [InlineData(Attention.Contradiction)]
    public void A_lower_attention_never_overwrites_a_higher_one(Attention? before)
    {
        Attention? Higher(Attention raised) => before > raised ? before : raised;
        var notSeen = PayoutBuilder.Unconfirmed().With(before);
        HearNotSeen(notSeen, 3, TimeSpan.FromMinutes(45), resendAllowed: false);
        var mismatch = PayoutBuilder.Of(Processing).With(before);
        mismatch.Hear(Notice(Settled) with { Mismatch = "amount differ from our row" }, Start);
        var contradiction = PayoutBuilder.Of(Processing).With(before);
        contradiction.Hear(Reply(Refused), Start);

        Assert.Equal(Higher(Attention.NotSeen), notSeen.Attention);
        Assert.Equal(Higher(Attention.Mismatch), mismatch.Attention);
        Assert.Equal(Higher(Attention.Contradiction), contradiction.Attention);
    }

    [Theory]
    [InlineData(Attention.Slow, null)]
    [InlineData(Attention.NotSeen, null)]
    [InlineData(Attention.Mismatch, Attention.Mismatch)]
    [InlineData(Attention.Contradiction, Attention.Contradiction)]
    public void A_move_clears_only_the_attention_that_waited_for_it(Attention before, Attention? after)
    {
        var payout = PayoutBuilder.Unconfirmed().With(before);

        payout.Hear(Notice(Settled), LeaseEnd);

        Assert.Equal((Succeeded, after), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData(Attention.Slow, null)]
    [InlineData(Attention.NotSeen, null)]
    [InlineData(Attention.Mismatch, Attention.Mismatch)]
    [InlineData(Attention.Contradiction, Attention.Contradiction)]
    public void A_confirmation_clears_only_the_attention_that_waited_for_it(Attention before, Attention? after)
    {
        var payout = PayoutBuilder.Of(Succeeded).With(before);

        payout.Hear(Answer(Settled, Start), Start);

        Assert.Equal((Source.Inquiry, after), (payout.ConfirmedBy, payout.Attention));
    }

    [Theory]
    [InlineData(Attention.Slow)]
    [InlineData(Attention.NotSeen)]
    [InlineData(Attention.Mismatch)]
    [InlineData(Attention.Contradiction)]
    public void An_operator_clears_every_attention_and_confirms(Attention before)
    {
        var payout = PayoutBuilder.Confirmed(Failed).With(before);

        var cleared = payout.Hear(new Report(Settled, Source.Operator), Start);

        Assert.Equal((Succeeded, Source.Operator, null), (payout.Status, payout.ConfirmedBy, payout.Attention));
        Assert.Equal(Actor.Operator, cleared!.Actor);
    }

    [Fact]
    public void The_gate_to_send_again_opens_after_three_NotSeen_over_45_minutes()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var mayBeSent = HearNotSeen(payout, 3, TimeSpan.FromMinutes(45));

        Assert.True(mayBeSent);
        Assert.Equal((Unconfirmed, null), (payout.Status, payout.Attention));
    }

    [Fact]
    public void An_answer_that_says_nothing_neither_shuts_the_gate_nor_contradicts_a_success()
    {
        var unconfirmed = PayoutBuilder.Of(Unconfirmed);
        HearNotSeen(unconfirmed, 3, TimeSpan.FromMinutes(40), from: AfterLease);
        var succeeded = PayoutBuilder.Of(Succeeded);
        succeeded.Hear(Answer(NotSeen, AfterLease), AfterLease);

        unconfirmed.Hear(Answer(Unclear, AfterLease.AddMinutes(46)), AfterLease.AddMinutes(46));
        succeeded.Hear(Answer(Unclear, AfterLease.AddMinutes(46)), AfterLease.AddMinutes(46));

        Assert.Equal((null, null), (unconfirmed.Attention, succeeded.Attention));
    }

    [Fact]
    public void The_gate_stays_shut_after_two_NotSeen_however_far_apart()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var mayBeSent = HearNotSeen(payout, 2, TimeSpan.FromMinutes(59));

        Assert.False(mayBeSent);
    }

    [Fact]
    public void The_gate_stays_shut_before_45_minutes_however_many_NotSeen()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var mayBeSent = HearNotSeen(payout, 30, TimeSpan.FromMinutes(45).Subtract(TimeSpan.FromTicks(1)));

        Assert.False(mayBeSent);
    }

    [Fact]
    public void NotSeen_asked_before_the_lease_ended_does_not_count_towards_sending_again()
    {
        var payout = PayoutBuilder.Unconfirmed();
        payout.Hear(Answer(NotSeen, LeaseEnd.AddSeconds(-10)), LeaseEnd.AddSeconds(10));
        payout.Hear(Answer(NotSeen, LeaseEnd), LeaseEnd.AddSeconds(20));

        var mayBeSent = HearNotSeen(payout, 2, TimeSpan.FromMinutes(50));

        Assert.False(mayBeSent);
        Assert.Equal((2, AfterLease), (payout.NotSeenCount, payout.NotSeenSince));
    }

    [Theory]
    [InlineData("Unclear", Source.Notice, null)]
    [InlineData("Unclear", Source.Inquiry, "amount differ from our row")]
    [InlineData("Unclear", Source.Notice, "amount differ from our row")]
    [InlineData("Refused", Source.Reply, null)]
    public void The_gate_stays_shut_for_ever_once_anything_was_heard(string report, Source source, string? mismatch)
    {
        // A refusal of the second send is heard and moves nothing, because the first is still open.
        var payout = PayoutBuilder.Unconfirmed();
        payout.ClaimForSending(LeaseEnd);
        payout.EndLease(LeaseEnd + Rules.Lease);
        var heard = new Report(Enum.Parse<ReportKind>(report), source)
        {
            Claim = source is Source.Reply ? payout.Claim : null,
            Mismatch = mismatch,
        };
        payout.Hear(heard, LeaseEnd + Rules.Lease);
        payout.With(attention: null);

        var mayBeSent = HearNotSeen(payout, 5, TimeSpan.FromMinutes(50), from: AfterLease + Rules.Lease);

        Assert.False(mayBeSent);
        Assert.Equal(Unconfirmed, payout.Status);
    }

    [Fact]
    public void An_unclear_answer_is_not_something_heard()
    {
        var payout = PayoutBuilder.Unconfirmed();
        payout.Hear(Answer(Unclear, AfterLease), AfterLease);

        var mayBeSent = HearNotSeen(payout, 3, TimeSpan.FromMinutes(45));

        Assert.True(mayBeSent);
    }

    [Fact]
    public void The_gate_is_shut_after_three_resends()
    {
        var payout = PayoutBuilder.Unconfirmed();
        List<bool> gates = [];

        for (var from = AfterLease; gates.Count < 4; from = payout.LeaseUntil!.Value.AddTicks(1))
        {
            gates.Add(HearNotSeen(payout, 3, TimeSpan.FromMinutes(45), from: from));
            payout.ClaimForSending(from.AddMinutes(45));
            payout.EndLease(payout.LeaseUntil!.Value);
        }

        Assert.Equal([true, true, true, false], gates);
    }

    [Fact]
    public void The_count_of_NotSeen_starts_anew_with_a_resend()
    {
        var payout = PayoutBuilder.Unconfirmed();
        HearNotSeen(payout, 3, TimeSpan.FromMinutes(45));
        var again = AfterLease.AddMinutes(45);
        payout.ClaimForSending(again);
        payout.EndLease(again + Rules.Lease);

        var asked = again + Rules.Lease + TimeSpan.FromMinutes(50);
        var mayBeSent = HearNotSeen(payout, 1, TimeSpan.Zero, from: asked);

        Assert.False(mayBeSent);
    }

    [Theory]
    [InlineData(Attention.NotSeen)]
    [InlineData(Attention.Mismatch)]
    [InlineData(Attention.Contradiction)]
    public void The_gate_is_shut_while_a_human_must_look(Attention attention)
    {
        var payout = PayoutBuilder.Unconfirmed().With(attention);

        var mayBeSent = HearNotSeen(payout, 3, TimeSpan.FromMinutes(45));

        Assert.False(mayBeSent);
    }

    [Fact]
    public void A_merchant_who_does_not_allow_sending_again_gets_attention_instead()
    {
        var payout = PayoutBuilder.Unconfirmed();

        var mayBeSent = HearNotSeen(payout, 3, TimeSpan.FromMinutes(45), resendAllowed: false);

        Assert.False(mayBeSent);
        Assert.Equal((Unconfirmed, Attention.NotSeen), (payout.Status, payout.Attention));
        Assert.NotNull(payout.DueAt);
    }

    [Theory]
    [InlineData("Acknowledged")]
    [InlineData("Settled")]
    [InlineData("Refused")]
    [InlineData("Postponed")]
    [InlineData("Reversed")]
    [InlineData("NotSent")]
    [InlineData("Unclear")]
    public void Recording_the_same_answer_to_the_same_claim_twice_changes_nothing_the_second_time(string report)
    {
        var reply = new Report(Enum.Parse<ReportKind>(report), Source.Reply) { Claim = 1, TransactionNo = "305588797" };
        var payout = PayoutBuilder.Submitting();
        var first = payout.Hear(reply, Start.AddSeconds(1));
        var after = Shown(payout);

        var second = payout.Hear(reply, Start.AddSeconds(2));

        Assert.NotNull(first);
        Assert.Null(second);
        Assert.Equal(after, Shown(payout));
    }

    [Theory]
    [InlineData("Refused")]
    [InlineData("Postponed")]
    [InlineData("NotSent")]
    [InlineData("Unclear")]
    public void What_a_reply_to_a_closed_send_adds_is_ignored(string report)
    {
        var payout = PayoutBuilder.Submitting();
        payout.Hear(Reply(NotSent), Start);
        payout.ClaimForSending(Start.AddSeconds(5));
        var before = Shown(payout);

        var happened = payout.Hear(Reply(Enum.Parse<ReportKind>(report)), Start.AddSeconds(6));

        Assert.Null(happened);
        Assert.Equal(before, Shown(payout));
    }

    [Fact]
    public void A_report_makes_one_event_and_one_version_exactly_when_it_changes_what_we_show()
    {
        var told =
            from status in Enum.GetValues<PayoutStatus>()
            from kind in Enum.GetValues<ReportKind>()
            from source in Enum.GetValues<Source>()
            select (status, report: new Report(kind, source) { Claim = source is Source.Reply ? 1 : null });

        Assert.All(told, one =>
        {
            var payout = PayoutBuilder.Of(one.status);
            var before = (payout.Status, payout.Attention, payout.ConfirmedBy);
            var (version, updated) = (payout.Version, payout.UpdatedAt);

            var happened = payout.Hear(one.report, LeaseEnd);

            var changed = before != (payout.Status, payout.Attention, payout.ConfirmedBy);
            Assert.Equal(
                changed ? (version + 1, LeaseEnd, version + 1) : (version, updated, null),
                (payout.Version, payout.UpdatedAt, (int?)happened?.Version));
            Assert.True(happened is null || (happened.From == one.status && happened.To == payout.Status));
        });
    }

    [Fact]
    public void Pockyts_new_word_for_the_same_status_is_an_event()
    {
        var payout = PayoutBuilder.Of(Processing);

        var happened = payout.Hear(Answer(Acknowledged, Start) with { ProviderStatus = "onhold" }, Start);
        var repeated = payout.Hear(Answer(Acknowledged, Start) with { ProviderStatus = "onhold" }, Start);

        Assert.Equal("onhold", happened!.Detail["providerStatus"]);
        Assert.Null(repeated);
    }

    [Fact]
    public void The_event_says_who_told_what()
    {
        var payout = PayoutBuilder.Of(Processing);

        var happened = payout.Hear(
            Reply(Refused) with { Code = "000022", Message = "not a pair", ProviderStatus = "failed" }, Start);

        Assert.Equal((EventKind.Reported, Actor.Provider), (happened!.Kind, happened.Actor));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["report"] = "refused",
                ["source"] = "reply",
                ["claim"] = "1",
                ["code"] = "000022",
                ["message"] = "not a pair",
                ["providerStatus"] = "failed",
                ["contradiction"] = "true",
                ["attention"] = "contradiction",
            },
            happened.Detail);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Ask_now_pulls_the_next_look_forward_only_where_it_is_a_question(PayoutStatus status)
    {
        var payout = PayoutBuilder.Of(status);
        payout.ClaimForAsking(Start);
        var due = payout.DueAt;
        var now = Start.AddSeconds(30);

        payout.InquireNow(now, Rules);

        var asks = status is Unconfirmed or Processing or Succeeded or Failed or Returned;
        Assert.Equal(asks ? now : due, payout.DueAt);
    }

    [Fact]
    public void Ask_now_is_heard_at_most_once_in_five_seconds()
    {
        var payout = PayoutBuilder.Of(Processing);
        payout.ClaimForAsking(Start);

        payout.InquireNow(Start.AddSeconds(1), Rules);

        Assert.Equal(Start.AddSeconds(5), payout.DueAt);
    }

    [Fact]
    public void Ask_now_never_puts_a_question_off()
    {
        var payout = PayoutBuilder.Unconfirmed();

        payout.InquireNow(LeaseEnd.AddSeconds(3), Rules);

        Assert.Equal(LeaseEnd, payout.DueAt);
    }

    [Fact]
    public void Ask_now_asks_about_a_payout_of_which_nothing_was_left_to_do()
    {
        var payout = PayoutBuilder.Confirmed(Failed);

        payout.InquireNow(LeaseEnd, Rules);

        Assert.Equal(LeaseEnd, payout.DueAt);
    }

    [Fact]
    public void A_notice_for_a_payout_that_was_never_sent_is_asked_about_at_once()
    {
        var payout = PayoutBuilder.Queued(executeAt: Start.AddDays(1));

        payout.Hear(Notice(Settled), LeaseEnd);

        Assert.Equal((Unconfirmed, Attention.Contradiction), (payout.Status, payout.Attention));
        Assert.Equal((LeaseEnd, MoneyMoved.Unknown), (payout.DueAt, payout.MoneyMoved));
    }

    [Fact]
    public void An_unclear_notice_moves_nothing_and_is_asked_about_at_once()
    {
        var payout = PayoutBuilder.Of(Processing);
        payout.ClaimForAsking(Start);

        var happened = payout.Hear(Notice(Unclear), LeaseEnd);

        Assert.Null(happened);
        Assert.Equal((Processing, LeaseEnd), (payout.Status, payout.DueAt));
    }

    [Fact]
    public void A_surprising_answer_to_a_question_does_not_make_us_ask_in_a_circle()
    {
        var payout = PayoutBuilder.Unconfirmed();

        payout.Hear(Answer(Settled, AfterLease) with { Mismatch = "amount differ from our row" }, AfterLease);

        Assert.Equal((Unconfirmed, payout.StatusSince.AddSeconds(5)), (payout.Status, payout.DueAt));
    }

    [Theory]
    [InlineData(Source.Notice)]
    [InlineData(Source.Inquiry)]
    [InlineData(Source.Operator)]
    public void Another_transaction_number_is_a_mismatch_and_moves_nothing(Source source)
    {
        var payout = PayoutBuilder.After(Reply(Acknowledged) with { TransactionNo = "305588797" });

        payout.Hear(new Report(Settled, source) { TransactionNo = "999999999" }, LeaseEnd);

        Assert.Equal((Processing, Attention.Mismatch), (payout.Status, payout.Attention));
        Assert.Equal("305588797", payout.TransactionNo);
    }

    [Fact]
    public void A_reply_with_another_transaction_number_still_says_what_became_of_its_send()
    {
        var payout = PayoutBuilder.Unconfirmed();
        payout.Hear(Notice(Acknowledged) with { TransactionNo = "305588797" }, LeaseEnd);

        payout.Hear(Reply(Settled) with { TransactionNo = "999999999" }, LeaseEnd);

        Assert.Equal((Succeeded, Attention.Mismatch), (payout.Status, payout.Attention));
        Assert.Equal("305588797", payout.TransactionNo);
    }

    [Fact]
    public void The_same_transaction_number_is_no_mismatch()
    {
        var payout = PayoutBuilder.After(Reply(Acknowledged) with { TransactionNo = "305588797" });

        payout.Hear(Notice(Settled) with { TransactionNo = "305588797" }, LeaseEnd);

        Assert.Equal((Succeeded, null), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData(Queued, false, MoneyMoved.No, MoneyMoved.Unknown)]
    [InlineData(Held, false, MoneyMoved.No, MoneyMoved.Unknown)]
    [InlineData(Submitting, false, MoneyMoved.Unknown, MoneyMoved.Unknown)]
    [InlineData(Unconfirmed, false, MoneyMoved.Unknown, MoneyMoved.Unknown)]
    [InlineData(Processing, false, MoneyMoved.InFlight, MoneyMoved.InFlight)]
    [InlineData(Succeeded, false, MoneyMoved.Unknown, MoneyMoved.Unknown)]
    [InlineData(Succeeded, true, MoneyMoved.Yes, MoneyMoved.Yes)]
    [InlineData(Failed, false, MoneyMoved.Unknown, MoneyMoved.Unknown)]
    [InlineData(Failed, true, MoneyMoved.No, MoneyMoved.Unknown)]
    [InlineData(Returned, false, MoneyMoved.Unknown, MoneyMoved.Unknown)]
    [InlineData(Returned, true, MoneyMoved.Returned, MoneyMoved.Returned)]
    [InlineData(Canceled, false, MoneyMoved.No, MoneyMoved.Unknown)]
    public void Whether_money_moved_is_said_only_when_it_is_certain(
        PayoutStatus status, bool confirmed, MoneyMoved moved, MoneyMoved whenMismatched)
    {
        Payout Make(Attention? attention) => PayoutBuilder.Of(status, confirmed).With(attention);

        Assert.Equal(moved, Make(null).MoneyMoved);
        Assert.Equal(moved, Make(Attention.Slow).MoneyMoved);
        Assert.Equal(moved, Make(Attention.NotSeen).MoneyMoved);
        Assert.Equal(whenMismatched, Make(Attention.Mismatch).MoneyMoved);
        Assert.Equal(MoneyMoved.Unknown, Make(Attention.Contradiction).MoneyMoved);
    }

    [Theory]
    [InlineData(Queued, false, false)]
    [InlineData(Held, false, false)]
    [InlineData(Submitting, false, false)]
    [InlineData(Unconfirmed, false, false)]
    [InlineData(Processing, false, false)]
    [InlineData(Succeeded, false, false)]
    [InlineData(Succeeded, true, false)]
    [InlineData(Failed, false, false)]
    [InlineData(Failed, true, true)]
    [InlineData(Returned, false, false)]
    [InlineData(Returned, true, true)]
    [InlineData(Canceled, false, true)]
    public void Only_what_certainly_never_pays_may_be_replaced_and_never_while_a_human_must_look(
        PayoutStatus status, bool confirmed, bool may)
    {
        Payout Make(Attention? attention) => PayoutBuilder.Of(status, confirmed).With(attention);

        Assert.Equal(may, Make(null).MayBeReplaced);
        Assert.All(Enum.GetValues<Attention>(), attention => Assert.False(Make(attention).MayBeReplaced));
    }

    private static Report Reply(ReportKind kind) => new(kind, Source.Reply) { Claim = 1 };

    private static Report Notice(ReportKind kind) => new(kind, Source.Notice);

    private static Report Answer(ReportKind kind, DateTimeOffset askedAt) =>
        new(kind, Source.Inquiry) { AskedAt = askedAt };

    /// <summary>Asks whenever it is due and hears the same answer: how long is it until the next question?</summary>
    private static List<TimeSpan?> WaitsAfter(Payout payout, ReportKind answer, DateTimeOffset from, int times)
    {
        List<TimeSpan?> waits = [];
        var at = payout.DueAt ?? from;
        while (waits.Count < times)
        {
            payout.ClaimForAsking(at);
            payout.Hear(Answer(answer, at), at);
            waits.Add(payout.DueAt - at);
            at = payout.DueAt ?? at;
        }

        return waits;
    }

    /// <summary>Hears NotSeen so many times, evenly over a time: may the payout then be sent again?</summary>
    private static bool HearNotSeen(
        Payout payout, int times, TimeSpan over, bool resendAllowed = true, DateTimeOffset? from = null)
    {
        var (first, mayBeSent) = (from ?? AfterLease, false);
        for (var time = 0; time < times; time++)
        {
            var at = first + (times > 1 ? over * time / (times - 1) : over);
            var report = Answer(NotSeen, at) with { ResendAllowed = resendAllowed };
            payout.Hear(report, at);
            mayBeSent = payout.MayBeSentAgain(report, at, Rules);
        }

        return mayBeSent;
    }

    private static object Shown(Payout payout) => (
        payout.Status, payout.Version, payout.Attention, payout.ConfirmedBy, payout.DueAt, payout.TransactionNo,
        payout.UpdatedAt, string.Join(',', payout.OpenSends));

    private static TimeSpan?[] Seconds(params double[] values) => [.. values.Select(v => TimeSpan.FromSeconds(v))];

    private static TimeSpan?[] Minutes(params double[] values) => [.. values.Select(v => TimeSpan.FromMinutes(v))];

    private static TimeSpan?[] Days(params double[] values) => [.. values.Select(v => TimeSpan.FromDays(v))];
}
