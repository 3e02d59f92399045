using PayoutService.Payouts;
using PayoutService.Pockyt.Translation;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.PayoutStatus;

namespace PayoutService.Tests.Payouts;

/// <summary>Two people can overrule what is certain; one cannot.</summary>
public sealed class OverruleTests
{
    private static readonly Ruling[] Rulings = [Ruling.Paid, Ruling.NotPaid, Ruling.Returned, Ruling.SendAgain];
    private static readonly bool[] Either = [true, false];
    private static readonly DateTimeOffset Now = PayoutBuilder.Start.AddMinutes(1);

    [Theory]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    [InlineData(Returned)]
    public void What_is_confirmed_and_without_attention_is_not_in_doubt(PayoutStatus status)
    {
        var payout = PayoutBuilder.Confirmed(status);

        var refusals = Rulings.Select(ruling => payout.RefusalOf(Word(ruling, overrules: false)));

        Assert.All(refusals, refusal => Assert.Equal(ResolveRefusal.NothingInDoubt, refusal));
        Assert.All(Rulings, ruling => Assert.Null(Say(payout, Word(ruling, overrules: false))));
    }

    [Theory]
    [InlineData(Succeeded, Ruling.Paid)]
    [InlineData(Failed, Ruling.NotPaid)]
    [InlineData(Returned, Ruling.Returned)]
    public void Overruling_with_what_is_confirmed_already_is_refused(PayoutStatus status, Ruling ruling)
    {
        var payout = PayoutBuilder.Confirmed(status);

        var overruled = Say(payout, Word(ruling));

        Assert.Null(overruled);
        Assert.Equal(ResolveRefusal.NothingInDoubt, payout.RefusalOf(Word(ruling)));
    }

    [Theory]
    [InlineData(Succeeded, Ruling.NotPaid)]
    [InlineData(Succeeded, Ruling.Returned)]
    [InlineData(Failed, Ruling.Paid)]
    [InlineData(Failed, Ruling.Returned)]
    [InlineData(Returned, Ruling.NotPaid)]
    public void The_first_person_only_records_it_and_Pockyt_is_asked(PayoutStatus status, Ruling ruling)
    {
        var payout = PayoutBuilder.Confirmed(status);

        var recorded = Say(payout, Word(ruling));

        Assert.Equal((EventKind.Overruled, "anna", status), (recorded!.Kind, recorded.Actor.Name, recorded.To));
        Assert.Equal(
            (status, Attention.Contradiction, MoneyMoved.Unknown, false),
            (payout.Status, payout.Attention, payout.MoneyMoved, payout.MayBeReplaced));
        Assert.Equal(
            (ruling, "anna", "Anna", Now),
            (payout.Overruling, payout.OverruledBy, payout.OverruledOwner, payout.OverruledAt));
        Assert.Equal(Now, payout.DueAt);
    }

    [Fact]
    public void A_second_person_moves_it_and_it_may_be_replaced_once_Pockyt_does_not_say_otherwise()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Say(payout, Word(Ruling.NotPaid));
        Hear(payout, ReportKind.Refused, "failed");

        var moved = Say(payout, Word(Ruling.NotPaid, "ben", "Ben"));

        Assert.Equal((EventKind.Resolved, "anna"), (moved!.Kind, moved.Detail["firstBy"]));
        Assert.Equal((Failed, Source.Operator, null), (payout.Status, payout.ConfirmedBy, payout.Attention));
        Assert.Equal((MoneyMoved.No, true, null), (payout.MoneyMoved, payout.MayBeReplaced, payout.Overruling));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_two_people_say_keeps_its_attention_while_Pockyt_says_otherwise(bool askedAgain)
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Hear(payout, ReportKind.Settled, "success");
        Say(payout, Word(Ruling.NotPaid));
        Say(payout, Word(Ruling.NotPaid, "ben", "Ben"));

        if (askedAgain)
        {
            Hear(payout, ReportKind.Settled, "success");
            Say(payout, Word(Ruling.NotPaid, "ben", "Ben", overrules: false));
        }

        Assert.Equal((Failed, Source.Operator), (payout.Status, payout.ConfirmedBy));
        Assert.Equal(
            (Attention.Contradiction, MoneyMoved.Unknown, false),
            (payout.Attention, payout.MoneyMoved, payout.MayBeReplaced));
        Assert.NotNull(payout.DueAt);
    }

    [Theory]
    [InlineData("anna", "Anna")]
    [InlineData("annas-other-key", "Anna")]
    [InlineData("annas-other-key", "ANNA")]
    public void The_same_person_is_no_second_person(string key, string owner)
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Say(payout, Word(Ruling.NotPaid));

        var again = Say(payout, Word(Ruling.NotPaid, key, owner));

        Assert.Null(again);
        Assert.Equal(ResolveRefusal.SecondPersonNeeded, payout.RefusalOf(Word(Ruling.NotPaid, key, owner)));
    }

    [Fact]
    public void Another_ruling_takes_the_place_of_the_recorded_one_and_is_again_the_first()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Say(payout, Word(Ruling.NotPaid));

        Say(payout, Word(Ruling.Returned, "ben", "Ben"));
        var recorded = (payout.Status, payout.Overruling, payout.OverruledBy);
        Say(payout, Word(Ruling.Returned));

        Assert.Equal((Succeeded, Ruling.Returned, "ben"), recorded);
        Assert.Equal((Returned, null), (payout.Status, payout.Overruling));
    }

    [Fact]
    public void A_ruling_that_agrees_with_the_status_withdraws_what_was_recorded()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Say(payout, Word(Ruling.NotPaid));

        Say(payout, Word(Ruling.Paid, "ben", "Ben", overrules: false));

        Assert.Equal(
            (Succeeded, null, null, MoneyMoved.Yes),
            (payout.Status, payout.Overruling, payout.Attention, payout.MoneyMoved));
    }

    [Fact]
    public void What_Pockyt_moves_meanwhile_drops_what_was_recorded_and_keeps_the_attention()
    {
        var payout = PayoutBuilder.Confirmed(Succeeded);
        Say(payout, Word(Ruling.NotPaid));

        Hear(payout, ReportKind.Reversed, "returned");

        Assert.Equal(
            (Returned, null, Attention.Contradiction), (payout.Status, payout.Overruling, payout.Attention));
    }

    /// <summary>All that one person can say, with any key, in any order, while Pockyt says what it likes of a payout
    /// that it paid.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_person_never_makes_replaceable_what_was_paid(bool confirmed)
    {
        var steps = 0;

        Walk(PayoutBuilder.Of(Succeeded, confirmed), 5);

        Assert.True(steps > 5_000, $"Only {steps} steps: the walk goes nowhere.");

        void Walk(Payout payout, int left)
        {
            steps++;
            Assert.False(payout.MayBeReplaced);
            Assert.NotEqual(MoneyMoved.No, payout.MoneyMoved);
            if (left == 0)
            {
                return;
            }

            foreach (var (ruling, overrules) in Rulings.SelectMany(ruling => Either.Select(one => (ruling, one))))
            {
                var said = payout.Copy();
                if (Say(said, Word(ruling, left % 2 == 0 ? "anna" : "annas-other-key", "Anna", overrules)) is not null)
                {
                    Walk(said, left - 1);
                }
            }

            foreach (var (kind, word) in new (ReportKind, string?)[]
            {
                (ReportKind.Settled, "success"), (ReportKind.Acknowledged, "blocked"), (ReportKind.NotSeen, null),
            })
            {
                var told = payout.Copy();
                Hear(told, kind, word);
                Walk(told, left - 1);
            }
        }
    }

    [Theory]
    [InlineData(Ruling.NotPaid, Failed, Attention.Contradiction, MoneyMoved.Unknown)]
    [InlineData(Ruling.Returned, Returned, Attention.Contradiction, MoneyMoved.Unknown)]
    [InlineData(Ruling.Paid, Succeeded, null, MoneyMoved.Yes)]
    public void A_ruling_about_what_Pockyt_has_under_way_is_held_against_that(
        Ruling ruling, PayoutStatus status, Attention? attention, MoneyMoved moved)
    {
        var payout = PayoutBuilder.Of(Processing);

        Say(payout, Word(ruling, overrules: false));

        Assert.Equal((status, attention, moved), (payout.Status, payout.Attention, payout.MoneyMoved));
        Assert.Equal(Now, payout.DueAt);
    }

    [Theory]
    [InlineData(Source.Inquiry)]
    [InlineData(Source.Notice)]
    public void What_an_operator_ruled_out_and_Pockyt_has_after_all_is_a_contradiction(Source source)
    {
        var payout = PayoutBuilder.Unconfirmed();
        Say(payout, Word(Ruling.NotPaid, overrules: false));
        var before = (payout.Status, payout.MayBeReplaced);

        payout.Hear(new Report(ReportKind.Acknowledged, source) { ProviderStatus = "pending" }, Now);
        Say(payout, Word(Ruling.NotPaid, overrules: false));

        Assert.Equal((Failed, true), before);
        Assert.Equal(
            (Failed, Attention.Contradiction, false), (payout.Status, payout.Attention, payout.MayBeReplaced));
    }

    [Fact]
    public void Not_knowing_it_takes_back_no_word_of_having_paid_it()
    {
        var payout = PayoutBuilder.Unconfirmed();
        Say(payout, Word(Ruling.NotPaid, overrules: false));
        Hear(payout, ReportKind.Settled, "success");
        Hear(payout, ReportKind.NotSeen, word: null);

        Say(payout, Word(Ruling.NotPaid, overrules: false));

        Assert.Equal((Attention.Contradiction, false), (payout.Attention, payout.MayBeReplaced));
    }

    [Fact]
    public void A_blocked_payout_is_processing_with_attention_until_Pockyt_says_another_word()
    {
        var payout = PayoutBuilder.Of(Processing);

        Hear(payout, ReportKind.Acknowledged, "blocked");
        var blocked = (payout.Status, payout.Attention, payout.MoneyMoved, payout.MayBeReplaced);
        payout.Hear(new Report(ReportKind.Acknowledged, Source.Notice) { ProviderStatus = "pending" }, Now);
        var noticed = (payout.Attention, payout.DueAt <= Now);
        Hear(payout, ReportKind.Acknowledged, "processing");

        Assert.Equal((Processing, Attention.Blocked, MoneyMoved.InFlight, false), blocked);
        Assert.Equal((Attention.Blocked, true), noticed);
        Assert.Equal((Processing, null), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData(Source.Inquiry)]
    [InlineData(Source.Notice)]
    public void A_confirmed_failure_that_Pockyt_calls_blocked_is_not_replaced(Source source)
    {
        var payout = PayoutBuilder.Confirmed(Failed);

        payout.Hear(
            new Report(ReportKind.Acknowledged, source) { ProviderStatus = "blocked", IsBlocked = true }, Now);
        Say(payout, Word(Ruling.NotPaid, overrules: false));

        Assert.Equal(
            (Failed, Attention.Contradiction, false), (payout.Status, payout.Attention, payout.MayBeReplaced));
        Assert.NotNull(payout.DueAt);
    }

    private static OperatorDecision Word(
        Ruling ruling, string key = "anna", string owner = "Anna", bool overrules = true) =>
        new(ruling, Actor.ApiKey(key), owner, "why", "where", overrules);

    private static PayoutEvent? Say(Payout payout, OperatorDecision word) =>
        payout.Resolve(word, PayoutTranslation.Meaning, Now, PayoutBuilder.Rules);

    private static void Hear(Payout payout, ReportKind kind, string? word) => payout.Hear(
        new Report(kind, Source.Inquiry) { ProviderStatus = word, IsBlocked = word is "blocked", AskedAt = Now }, Now);
}
