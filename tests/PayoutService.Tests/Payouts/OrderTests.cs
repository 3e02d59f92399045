using PayoutService.Payouts;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using Xunit.Abstractions;
using static PayoutService.Payouts.PayoutStatus;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Tests.Payouts;

/// <summary>
/// Order does not matter: every sequence of up to five reports (four in the usual run), with our own verbs between
/// them wherever the service would use them. Two sequences that leave the same payout behind go on as one, so that all
/// of them are covered in seconds. The words:
/// <list type="bullet">
/// <item>The rank of a status is how much is known to have happened: queued, held, canceled; submitting; unconfirmed;
/// processing; succeeded, failed; returned.</item>
/// <item>A word is Acknowledged, Settled, Refused or Reversed: only who has the payout can say it. Of the words that
/// one payout at Pockyt can have said, the one of the highest rank is the furthest.</item>
/// <item>News is consistent when one course of one payout at Pockyt can have caused all of it: see
/// <see cref="Courses"/>.</item>
/// <item>News contradicts itself when it holds Refused, and Settled or Reversed: nothing that was certainly not
/// executed was paid. So it does when it holds Acknowledged, and Refused only as a bare code in reply: such a refusal
/// leaves no trace at Pockyt. A Refused that answers a send while another is open says nothing about the other, and
/// is not counted.</item>
/// </list>
/// </summary>
public sealed class OrderTests(ITestOutputHelper output)
{
    /// <summary>The number of reports a sequence has at most.</summary>
    private static readonly int Longest = Proof.Size(full: 5, usual: 4);

    private const string TransactionNo = "305588797074336092";

    private static readonly PayoutRules Rules = PayoutBuilder.Rules;
    private static readonly DateTimeOffset Origin = PayoutBuilder.LeaseEnd.AddSeconds(1);

    /// <summary>Three NotSeen at this pace open the gate for sending again; every other span ends as well.</summary>
    private static readonly TimeSpan Slowly = TimeSpan.FromMinutes(25);

    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(1);

    /// <summary>What Pockyt can make of a payout that reached it, and the words it can say meanwhile.</summary>
    private static readonly Dictionary<string, ReportKind[]> Courses = new()
    {
        ["pending"] = [Acknowledged],
        ["paid"] = [Acknowledged, Settled],
        ["failed"] = [Acknowledged, Refused],
        ["returned"] = [Acknowledged, Reversed],
        ["paid, then returned"] = [Acknowledged, Settled, Reversed],
    };

    [Fact]
    public void Every_report_from_every_source_keeps_the_rules_in_every_status_never_sent_and_sent_before()
    {
        var met = new Dictionary<Key, State>();
        Walk(Starts, 2, Slowly, Everything, RememberWords, step => met.TryAdd(step.After.Key, step.After));

        var reports = 0;
        State[] states = [.. Starts, .. met.Values];
        foreach (var state in states)
        {
            foreach (var report in EveryKindAndSource(state, Origin + (3 * Slowly)))
            {
                reports++;
                var told = RememberWords(state.Payout, report, state.Told);
                AssertRules(Tell(state, report, Origin + (3 * Slowly), told));
            }
        }

        var covered = states.Select(state => (state.Payout.Status, state.Payout.SendCount > 0));
        (PayoutStatus, bool)[] impossible = [(Held, false), (Submitting, false)];
        var all = Enum.GetValues<PayoutStatus>().SelectMany(status => new[] { (status, true), (status, false) });
        Assert.Equal(all.Except(impossible).Order(), covered.Distinct().Order());
        output.Say($"order: {reports} reports told to {states.Length} payouts in every status, 0 broke a rule");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_sequence_of_reports_lowers_a_rank_or_moves_money_by_a_contradiction(bool quickly)
    {
        var pace = quickly ? Quickly : Slowly;

        var steps = Walk(Starts, Longest, pace, Everything, RememberWords, AssertRules);

        Assert.True(steps > 100_000, $"Only {steps} steps: the walk goes nowhere.");
        output.Say($"order: sequences of up to {Longest} reports, {pace} apart: {steps} steps, 0 broke a rule");
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("paid")]
    [InlineData("failed")]
    [InlineData("returned")]
    [InlineData("paid, then returned")]
    public void Consistent_news_ends_in_the_furthest_status_in_every_order_and_however_often_it_comes(string course)
    {
        var words = Courses[course];

        Walk([Once(), Unanswered()], Longest, Quickly, (state, now) => Said(words, state, now), RememberWords, step =>
        {
            var after = step.After.Payout;
            step.Require(
                (Furthest(step), FurthestIsConfirmed(step), 1)
                    == (after.Status, after.ConfirmedBy is Source.Inquiry, after.SendCount),
                "the furthest word holds, and is confirmed when Pockyt said it on being asked");
            step.Require(after.Attention is null, "nothing wants attention");
        });
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("paid")]
    [InlineData("failed")]
    [InlineData("returned")]
    [InlineData("paid, then returned")]
    public void Whatever_a_repeated_send_is_answered_the_payout_ends_in_the_furthest_status(string course)
    {
        // The refusal of a repeat may want attention: a human cannot be wrong to look.
        var words = Courses[course];

        Walk([SentAgain()], Longest, Quickly, (state, now) => Said(words, state, now).Concat(OfRepeat(state)),
            RememberWords, step =>
            {
                var after = step.After.Payout;
                step.Require((Furthest(step), 2) == (after.Status, after.SendCount), "the furthest word holds");
            });
    }

    [Theory]
    [InlineData("Refused", Failed)]
    [InlineData("Postponed", Held)]
    [InlineData("NotSent", Queued)]
    public void A_send_that_was_not_executed_ends_there_in_every_order_and_however_often_it_is_said(
        string report, PayoutStatus status)
    {
        var kind = Enum.Parse<ReportKind>(report);

        Walk([Once(), Unanswered()], Longest, Quickly, (state, now) => NotExecuted(kind, state, now),
            (_, heard, told) => told | (heard.Kind == kind ? Told.Refused : Told.Nothing), step =>
            {
                var after = step.After.Payout;
                step.Require(
                    after.Status == (step.After.Told is Told.Nothing ? step.Before.Payout.Status : status),
                    "it was not executed");
                step.Require(after.Attention is null && after.SendCount == 1, "nothing wants attention");
            });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void News_that_contradicts_itself_wants_attention_in_every_order_and_is_never_sent_again(bool quickly)
    {
        var contradictions = 0;

        Walk(
            Sent.Select(state => state with { IsScripted = false }), Longest, quickly ? Quickly : Slowly,
            (state, now) => Everything(state, now).Where(report => report.Source is not Source.Operator),
            RememberWords,
            step =>
            {
                if (Contradicts(step.After.Told))
                {
                    contradictions++;
                    AssertDoubted(step);
                }
            });

        Assert.True(contradictions > 1000, $"Only {contradictions} contradictions: the walk goes nowhere.");
        output.Say(
            $"order: {contradictions} steps with news that contradicts itself, 0 without attention or sent again");
    }

    /// <summary>What holds of every step by a report.</summary>
    private static void AssertRules(Step step)
    {
        var (before, after, report) = (step.Before.Payout, step.After.Payout, step.Report);
        var byOperator = report.Source is Source.Operator;
        var saysNothingWasDone = report.Kind is Postponed or NotSent && AnswersTheOnlySend(before, report);

        // A rank falls in three ways: a reply proves that the only send was not executed; Pockyt, asked, knows better
        // than a notice, and then a human must look; or a human says so.
        Require(
            Rank(after.Status) >= Rank(before.Status)
                || (saysNothingWasDone && before.Status is Submitting or Unconfirmed && after.OpenSends is [])
                || (report.Source is Source.Inquiry && before is { Status: Returned, ConfirmedBy: null }
                    && after is { Status: Failed, Attention: Attention.Contradiction })
                || byOperator,
            "no rank falls");
        Require(
            after.Status == before.Status || after.Status is not (Queued or Held) || saysNothingWasDone,
            "only a reply to the only send leads back to where it can be sent");
        Require(
            after.Status is not (Submitting or Canceled) || after.Status == before.Status,
            "no report claims or cancels");

        // What a contradiction moves, it moves to where a human must look and nothing is sent.
        if (step.Contradicts)
        {
            AssertDoubted(step);
        }

        Require(
            byOperator || !before.IsDisputed || after.Attention >= before.Attention,
            "only an operator ends a doubt");
        Require(
            before.ConfirmedBy is null || byOperator || after.Status == before.Status
                || (report.Kind is Reversed && after.Status is Returned),
            "what is confirmed stays, but that the money may come back");
        Require(
            before.ConfirmedBy is null || after.Status != before.Status || after.ConfirmedBy is not null,
            "what is confirmed stays confirmed");
        Require(
            report.Mismatch is null || report.Source is Source.Reply || byOperator || after.Status == before.Status,
            "facts that differ move nothing");
        Require(
            after.MoneyMoved is MoneyMoved.Unknown or MoneyMoved.InFlight || after.Status is Queued or Held or Canceled
                || (after.ConfirmedBy is Source.Inquiry or Source.Operator && !IsContradicted(after)),
            "whether money moved is said only when it is certain");
        Require(
            after.MayBeReplaced is false || after.Status is Canceled || after.ConfirmedBy is not null,
            "only what certainly does not pay is replaced");
        Require(
            after.DueAt is not null || after.Status is Canceled || after.ConfirmedBy is not null,
            "somebody looks again");
        Require(
            (after.Amount, after.InvoiceId, after.CustomerNo, after.AccountToken, after.RequestId, after.SignedAt,
                after.SendCount)
            == (before.Amount, before.InvoiceId, before.CustomerNo, before.AccountToken, before.RequestId,
                before.SignedAt, before.SendCount),
            "no report changes what is paid, or counts as a send");
        Require(
            after.ResendCount == before.ResendCount || (after.ResendCount == before.ResendCount - 1
                && report is { Kind: ReportKind.NotSent, Source: Source.Reply } && report.Claim == before.Claim),
            "a repeat counts, unless it never left us");
        Require(
            !MayBeClaimed(after, step.At) || (step.After.Told & Told.Any) == 0,
            "what Pockyt was heard to have is not sent again");
        Require(
            after is not { Status: Failed, MayBeReplaced: true }
                || (step.After.Told & (Told.Acknowledged | Told.Settled | Told.Reversed)) == 0
                || (step.After.Told & (Told.RefusedWhenAsked | Told.Operator)) != 0,
            "what Pockyt was heard to have is replaced only when Pockyt, asked, or an operator says that it failed");

        // Pockyt, asked, knows better than whatever nobody confirmed; but success is what comes before a return.
        if (report is { Source: Source.Inquiry, Mismatch: null } && before.ConfirmedBy is null
            && before.Status is not (Queued or Held or Canceled))
        {
            Require(report.Kind is not Refused || after is { Status: Failed, ConfirmedBy: not null }, "asked: failed");
            Require(
                report.Kind is not Reversed || after is { Status: Returned, ConfirmedBy: not null },
                "asked: returned");
            Require(
                report.Kind is not Settled || before.Status is Returned
                    || after is { Status: Succeeded, ConfirmedBy: not null },
                "asked: succeeded");
        }

        // The same news again, at the same moment, says nothing new of what was sent; only NotSeen is counted.
        if (before.Status is not (Queued or Held or Canceled) && report.Kind is not NotSeen)
        {
            var again = Tell(step.After, report, step.At, step.After.Told).After.Payout;
            Require(
                (again.Status, again.Attention, again.ConfirmedBy)
                    == (after.Status, after.Attention, after.ConfirmedBy),
                "the same news twice is the same news");
        }

        void Require(bool holds, string rule) => step.Require(holds, rule);
    }

    private static void AssertDoubted(Step step)
    {
        var payout = step.After.Payout;
        var isSafe = IsContradicted(payout) && payout is { MoneyMoved: MoneyMoved.Unknown, MayBeReplaced: false }
            && payout.DueAt is not null | payout.ConfirmedBy is not null && !MayBeClaimed(payout, step.At);
        step.Require(isSafe, "a contradiction wants attention and moves no money");
    }

    private static bool IsContradicted(Payout payout) => payout.Attention is Attention.Contradiction;

    /// <summary>True when the service would send it, now or once it is due or released.</summary>
    private static bool MayBeClaimed(Payout payout, DateTimeOffset now) =>
        (payout.Status is Queued or Held && payout.Attention is null) || MayBeClaimedAgain(payout, now);

    private static bool MayBeClaimedAgain(Payout payout, DateTimeOffset now) =>
        payout.MayBeSentAgain(new Report(NotSeen, Source.Inquiry) { ResendAllowed = true }, now, Rules);

    private static int Rank(PayoutStatus status) => status switch
    {
        Queued or Held or Canceled => 0,
        Submitting => 1,
        Unconfirmed => 2,
        Processing => 3,
        Succeeded or Failed => 4,
        Returned => 5,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>The status of the furthest word told; without one, where a send without an answer is.</summary>
    private static PayoutStatus Furthest(Step step) => step.After.Told switch
    {
        var told when told.HasFlag(Told.Reversed) => Returned,
        var told when told.HasFlag(Told.Settled) => Succeeded,
        var told when told.HasFlag(Told.Refused) => Failed,
        var told when told.HasFlag(Told.Acknowledged) => Processing,
        _ when step.Report is { Source: Source.Reply } => Unconfirmed,
        _ => step.Before.Payout.Status,
    };

    private static bool FurthestIsConfirmed(Step step) => Furthest(step) switch
    {
        Returned => step.After.Told.HasFlag(Told.ReversedWhenAsked),
        Succeeded => step.After.Told.HasFlag(Told.SettledWhenAsked),
        Failed => step.After.Told.HasFlag(Told.RefusedWhenAsked),
        _ => false,
    };

    private static bool Contradicts(Told told) =>
        ((told & (Told.Refused | Told.RefusedBarely)) != 0 && (told & (Told.Settled | Told.Reversed)) != 0)
        || (told & (Told.Refused | Told.RefusedBarely | Told.Traced | Told.Acknowledged))
            == (Told.RefusedBarely | Told.Acknowledged);

    private static Told RememberWords(Payout before, Report report, Told told)
    {
        if (report.Source is Source.Operator)
        {
            return Told.Operator;
        }

        var asked = report.Source is Source.Inquiry;
        return told | report.Kind switch
        {
            _ when report.Mismatch is not null => Told.Nothing,
            Acknowledged => Told.Acknowledged,
            Settled => Told.Settled | (asked ? Told.SettledWhenAsked : Told.Nothing),
            Reversed => Told.Reversed | (asked ? Told.ReversedWhenAsked : Told.Nothing),
            Refused when report.Source is Source.Reply && !AnswersTheOnlySend(before, report) =>
                report.ProviderStatus is null ? Told.Nothing : Told.Traced,
            Refused when report.ProviderStatus is null && report.Source is Source.Reply => Told.RefusedBarely,
            Refused => Told.Refused | (asked ? Told.RefusedWhenAsked : Told.Nothing),
            _ => Told.Nothing,
        };
    }

    private static bool AnswersTheOnlySend(Payout payout, Report report) =>
        report.Source is Source.Reply && report.Claim == payout.Claim && payout.OpenSends is [var open]
        && open == report.Claim;

    /// <summary>Goes every way there is, up to a length, one report at a time.</summary>
    /// <returns>How many different steps there were.</returns>
    private static int Walk(
        IEnumerable<State> starts,
        int length,
        TimeSpan pace,
        Func<State, DateTimeOffset, IEnumerable<Report>> news,
        Func<Payout, Report, Told, Told> remember,
        Action<Step> check)
    {
        var steps = 0;
        var states = starts.ToDictionary(start => start.Key);
        for (var told = 0; told < length; told++)
        {
            var now = Origin + (told * pace);
            var next = new Dictionary<Key, State>();
            foreach (var state in states.Values.SelectMany(state => WithVerbs(state, now)).DistinctBy(s => s.Key))
            {
                foreach (var report in news(state, now))
                {
                    var step = Tell(state, report, now, remember(state.Payout, report, state.Told));
                    check(step);
                    steps++;
                    next.TryAdd(step.After.Key, step.After);
                }
            }

            states = next;
        }

        return steps;
    }

    private static Step Tell(State before, Report report, DateTimeOffset now, Told told)
    {
        var after = before.Payout.Copy();
        var happened = after.Hear(report, now);
        var contradicts = happened?.Detail.ContainsKey("contradiction") ?? false;
        return new Step(before, report, now, before with { Payout = after, Told = told }, contradicts);
    }

    /// <summary>The payout, and what our own verbs can make of it now, as the service would use them.</summary>
    private static IEnumerable<State> WithVerbs(State state, DateTimeOffset now)
    {
        yield return state;
        if (state.IsScripted)
        {
            yield break;
        }

        foreach (var moved in Verbs(state, now).SelectMany(moved => WithVerbs(moved, now)))
        {
            yield return moved;
        }
    }

    private static IEnumerable<State> Verbs(State state, DateTimeOffset now)
    {
        var (payout, earlier) = (state.Payout, state.Payout.Claim);
        switch (payout.Status)
        {
            case Queued or Held:
                yield return state with { Payout = With(canceled => canceled.Cancel(Actor.ApiKey("billing"), now)) };
                if (payout.Status is Held && !payout.IsDisputed)
                {
                    yield return state with { Payout = With(released => released.Release(now)) };
                }
                else if (payout is { Status: Queued, Attention: null })
                {
                    Assert.Empty(payout.OpenSends);
                    yield return state with
                    {
                        Payout = With(claimed => claimed.ClaimForSending(now)),
                        Earlier = earlier,
                    };
                }

                break;
            case Submitting when payout.LeaseUntil <= now:
                yield return state with { Payout = With(ended => ended.EndLease(now)) };
                break;
            case Unconfirmed when MayBeClaimedAgain(payout, now):
                yield return state with
                {
                    Payout = With(claimed => claimed.ClaimForSending(now)),
                    Earlier = earlier,
                };
                break;
        }

        Payout With(Action<Payout> verb)
        {
            var copy = payout.Copy();
            verb(copy);
            return copy;
        }
    }

    private static State[] Starts =>
    [
        .. Enum.GetValues<PayoutStatus>().Select(status => new State(PayoutBuilder.Of(status), Told: Word(status))),
        new(PayoutBuilder.Confirmed(Succeeded), Told: Told.Settled | Told.SettledWhenAsked),
        new(PayoutBuilder.Confirmed(Failed), Told: Told.Refused | Told.RefusedWhenAsked),
        new(PayoutBuilder.Confirmed(Returned), Told: Told.Reversed | Told.ReversedWhenAsked),
        SentAgain() with { IsScripted = false },
    ];

    private static Told Word(PayoutStatus status) => status switch
    {
        Processing => Told.Acknowledged,
        Succeeded => Told.Settled,
        Failed => Told.Refused,
        Returned => Told.Reversed,
        _ => Told.Nothing,
    };

    private static State[] Sent => [Once(), Unanswered(), SentAgain()];

    /// <summary>Sent once; the answer is still to come.</summary>
    private static State Once() => new(PayoutBuilder.Submitting(), IsScripted: true);

    private static State Unanswered() => new(PayoutBuilder.Unconfirmed(), IsScripted: true);

    /// <summary>Sent, not answered, and sent again.</summary>
    private static State SentAgain()
    {
        var payout = PayoutBuilder.Unconfirmed();
        var earlier = payout.Claim;
        payout.ClaimForSending(PayoutBuilder.LeaseEnd);
        return new State(payout, earlier, IsScripted: true);
    }

    /// <summary>Every kind of news by everybody who can really bring it.</summary>
    private static IEnumerable<Report> Everything(State state, DateTimeOffset now)
    {
        int?[] claims = [state.Payout.Claim, state.Earlier];
        foreach (var claim in claims.Where(claim => claim is not null))
        {
            foreach (var kind in new[] { Acknowledged, Settled, Refused, Reversed, NotSent, Unclear })
            {
                yield return Reply(kind, claim);
            }

            yield return Reply(Refused, claim) with { ProviderStatus = "failed" };
            yield return Reply(Postponed, claim) with { HoldReason = HoldReason.Balance };
            yield return Reply(Postponed, claim) with { HoldReason = HoldReason.Access };
            yield return Reply(Unclear, claim) with { Duplicate = true };
            yield return Reply(Acknowledged, claim) with { Mismatch = "status is not a word we know" };
        }

        foreach (var kind in new[] { Acknowledged, Settled, Refused, Reversed })
        {
            yield return Word(kind, Source.Notice, now);
            yield return Word(kind, Source.Inquiry, now);
        }

        yield return new Report(Unclear, Source.Notice);
        yield return new Report(Unclear, Source.Notice) { Mismatch = "amount differ from our row" };
        yield return new Report(NotSeen, Source.Inquiry) { AskedAt = now, ResendAllowed = true };
        yield return new Report(Unclear, Source.Inquiry) { AskedAt = now };
        yield return Word(Settled, Source.Inquiry, now) with { Mismatch = "amount differ from our row" };
        foreach (var kind in new[] { Settled, Refused, Reversed, Unclear })
        {
            yield return new Report(kind, Source.Operator);
        }
    }

    /// <summary>Every kind of news from every source, whether or not anybody could bring it.</summary>
    private static IEnumerable<Report> EveryKindAndSource(State state, DateTimeOffset now) =>
        from kind in Enum.GetValues<ReportKind>()
        from source in Enum.GetValues<Source>()
        from claim in source is Source.Reply ? new[] { state.Payout.Claim, state.Earlier, 1 } : [null]
        select new Report(kind, source) { Claim = claim, AskedAt = source is Source.Inquiry ? now : null };

    /// <summary>What one course of a payout at Pockyt can make anybody say: its words, by everybody, an answer that was
    /// lost, a question that came before the payout or was not answered, a notice nobody can read.</summary>
    private static IEnumerable<Report> Said(ReportKind[] words, State state, DateTimeOffset now) =>
    [
        .. words.Select(word => Word(word, Source.Notice, now)),
        .. words.Select(word => Word(word, Source.Inquiry, now)),
        .. words.Where(word => word is not Refused).Select(word => Reply(word, state.Earlier ?? state.Payout.Claim)),
        Reply(Unclear, state.Earlier ?? state.Payout.Claim),
        .. Silence(now),
    ];

    /// <summary>What Pockyt, which has the first send, can answer to the second.</summary>
    private static IEnumerable<Report> OfRepeat(State state) =>
    [
        Reply(Acknowledged, state.Payout.Claim),
        Reply(Refused, state.Payout.Claim),
        Reply(Postponed, state.Payout.Claim) with { HoldReason = HoldReason.Balance },
        Reply(NotSent, state.Payout.Claim),
        Reply(Unclear, state.Payout.Claim) with { Duplicate = true },
    ];

    private static IEnumerable<Report> NotExecuted(ReportKind kind, State state, DateTimeOffset now) =>
    [
        Reply(kind, state.Payout.Claim) with { HoldReason = kind is Postponed ? HoldReason.Balance : null },
        .. Silence(now),
    ];

    private static Report[] Silence(DateTimeOffset now) =>
    [
        new(NotSeen, Source.Inquiry) { AskedAt = now, ResendAllowed = true },
        new(Unclear, Source.Inquiry) { AskedAt = now },
        new(Unclear, Source.Notice),
    ];

    private static Report Reply(ReportKind kind, int? claim) => new(kind, Source.Reply)
    {
        Claim = claim,
        TransactionNo = kind is Acknowledged or Settled or Reversed ? TransactionNo : null,
    };

    private static Report Word(ReportKind word, Source source, DateTimeOffset now) => new(word, source)
    {
        AskedAt = source is Source.Inquiry ? now : null,
        TransactionNo = TransactionNo,
        ProviderStatus = "as told",
    };

    /// <summary>What was told so far, as far as a test wants to know.</summary>
    [Flags]
    private enum Told
    {
        Nothing = 0,
        Acknowledged = 1,
        Settled = 2,
        Refused = 4,
        Reversed = 8,
        RefusedBarely = 256,
        Traced = 512,
        Any = Acknowledged | Settled | Refused | Reversed | RefusedBarely,
        SettledWhenAsked = 16,
        RefusedWhenAsked = 32,
        ReversedWhenAsked = 64,
        Operator = 128,
    }

    /// <param name="Payout">The payout after what was told.</param>
    /// <param name="Earlier">The claim before its latest.</param>
    /// <param name="Told">What was told.</param>
    /// <param name="IsScripted">Only reports move it here: our own verbs keep out.</param>
    private sealed record State(
        Payout Payout, int? Earlier = null, Told Told = Told.Nothing, bool IsScripted = false)
    {
        /// <summary>All that what comes next can depend on. Claims are told apart by their order, not their
        /// number.</summary>
        public Key Key => new(
            (Payout.Status, Payout.StatusSource, Payout.StatusSince, Payout.ConfirmedBy),
            (Payout.HoldReason, Payout.Attention, Payout.KnownToProvider, Payout.DueAt is null),
            (Payout.OpenSends.Length, Payout.OpenSends.Contains(Payout.Claim ?? 0),
                Earlier is { } earlier ? Payout.OpenSends.Contains(earlier) : null, Payout.LeaseUntil),
            (Math.Min(Payout.SendCount, 1), Payout.ResendCount, Math.Min(Payout.NotSeenCount, 3), Payout.NotSeenSince),
            (Payout.TransactionNo, Payout.ProviderStatus),
            (Told, IsScripted));
    }

    private readonly record struct Key(
        (PayoutStatus, Source?, DateTimeOffset, Source?) Status,
        (HoldReason?, Attention?, bool, bool) Attention,
        (int, bool, bool?, DateTimeOffset?) Sends,
        (int, int, int, DateTimeOffset?) Counts,
        (string?, string?) Learned,
        (Told, bool) Told);

    private sealed record Step(State Before, Report Report, DateTimeOffset At, State After, bool Contradicts)
    {
        /// <summary>Words are made only for a rule that is broken: millions of steps keep it.</summary>
        public void Require(bool holds, string rule)
        {
            if (!holds)
            {
                Assert.Fail($"{rule}: {this}");
            }
        }

        public override string ToString() =>
            $"{Words(Before.Payout)} told {Report}, after {Before.Told}, became {Words(After.Payout)}";

        private static string Words(Payout payout) =>
            $"{payout.Status} (attention {payout.Attention}, confirmed by {payout.ConfirmedBy}, claim {payout.Claim}, "
            + $"open {string.Join(',', payout.OpenSends)}, heard {payout.KnownToProvider})";
    }
}
