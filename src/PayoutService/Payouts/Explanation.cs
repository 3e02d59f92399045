using System.Globalization;

namespace PayoutService.Payouts;

/// <summary>Explains a payout in sentences: where it is, why, and what happens next.</summary>
/// <param name="Cause">The cause that counts most.</param>
/// <param name="Why">Why it is where it is, in sentences.</param>
/// <param name="Next">What happens next.</param>
/// <param name="At">When, at the latest; null: nothing is left to do.</param>
/// <param name="IsOverdue">That time is over.</param>
/// <param name="ChangedBy">What would change it.</param>
/// <param name="Blocker">What keeps it from being sent though it is due.</param>
/// <param name="Statements">The statements that cannot all be true.</param>
internal sealed record Explanation(
    Cause Cause,
    string Why,
    string Next,
    DateTimeOffset? At,
    bool IsOverdue,
    string ChangedBy,
    Blocker? Blocker,
    IReadOnlyList<Statement> Statements)
{
    private const string Ruling = "an operator's POST …/resolve";
    private const string Reports = "A notification from Pockyt, its answer to our inquiry";

    /// <param name="payout">The payout.</param>
    /// <param name="blocker">What keeps it from being sent though it is due; null: nothing.</param>
    /// <param name="history">Its history, where a doubt is to be explained; else empty.</param>
    /// <param name="now">The time it is.</param>
    public static Explanation Of(
        Payout payout, Blocker? blocker, IReadOnlyList<PayoutEvent> history, DateTimeOffset now)
    {
        var cause = Cause.Of(payout, blocker, now);
        var statements = payout.IsDisputed ? Statement.Contradicting(history) : [];
        return new(
            cause,
            WhyOf(payout, cause, blocker, statements),
            NextOf(payout, blocker),
            payout.DueAt,
            payout.DueAt < now,
            ChangedByOf(payout, blocker),
            blocker,
            statements);
    }

    private static string WhyOf(
        Payout payout, Cause cause, Blocker? blocker, IReadOnlyList<Statement> statements)
    {
        List<string> sentences = [cause.Sentence];
        sentences.AddRange(statements.Select(told => $"On {Time(told.At)} {told.By} {told.Said}."));
        if (blocker is not null)
        {
            sentences.Add(blocker.Payout is null
                ? $"{blocker.By} paused it on {Time(blocker.Since)}: {blocker.Reason.TrimEnd('.')}."
                : $"{blocker.By} waits since {Time(blocker.Since)}. "
                    + $"{(blocker.Ahead == 1 ? "One payout is" : $"{blocker.Ahead} payouts are")} before this one.");
        }

        if (cause == Cause.NotSent && payout.NotSentCount > 1)
        {
            sentences.Add($"Nothing left us {payout.NotSentCount} times in a row, since {Time(payout.StatusSince)}.");
        }

        if (payout.IsDisputed)
        {
            sentences.Add("Whether money moved is unknown until that is resolved. Before that:");
        }

        var status = StatusOf(payout);
        if (status != cause.Sentence)
        {
            sentences.Add(status);
        }

        // What each rule saw, the one that counts first.
        sentences.AddRange(HoldReasons.OfRules.Select(Finding.Word)
            .Select(word => payout.Findings?.GetValueOrDefault(word)).OfType<string>());
        if (payout.Attention is Attention.Slow)
        {
            sentences.Add("This has lasted longer than it should.");
        }

        if (payout.Attention is Attention.Access && cause != Cause.Access)
        {
            sentences.Add("Pockyt denied the merchant access.");
        }

        return string.Join(' ', sentences);
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string StatusOf(Payout payout) => payout.Status switch
    {
        PayoutStatus.Queued when payout.SendCount > 0 => Cause.NotSent.Sentence,
        PayoutStatus.Queued => "It was accepted and is not sent yet.",
        PayoutStatus.Held => Cause.OfHold(payout.HoldReason).Sentence,
        PayoutStatus.Submitting => Cause.Submitting.Sentence,
        PayoutStatus.Unconfirmed =>
            payout.IsOnlyPerhapsLost ? Cause.PerhapsSent.Sentence : Cause.Unconfirmed.Sentence,
        PayoutStatus.Processing => Cause.Processing.Sentence,
        PayoutStatus.Canceled => "It was withdrawn before anything was sent.",
        _ => FinalOf(payout),
    };

    private static string FinalOf(Payout payout)
    {
        var told = payout.Status switch
        {
            PayoutStatus.Succeeded => "It was paid to the payee's account",
            PayoutStatus.Failed => "It was not paid, and the money was not taken",
            _ => "It was sent, and the money came back",
        };
        return payout.ConfirmedBy switch
        {
            null => $"{told}, as we were told once.",
            Source.Operator => $"{told}: an operator found that out.",
            _ => $"{told}, and Pockyt confirmed it when asked.",
        };
    }

    private static string NextOf(Payout payout, Blocker? blocker) => payout.Status switch
    {
        PayoutStatus.Queued or PayoutStatus.Held when payout.IsDisputed =>
            "We ask Pockyt about it; it is not sent until an operator resolves it.",
        PayoutStatus.Queued or PayoutStatus.Unconfirmed when blocker is { Payout: null } =>
            "Nothing is sent for its merchant until an operator resumes sending.",
        PayoutStatus.Queued when blocker is not null =>
            "It is sent after the payouts that wait for the balance before it.",
        PayoutStatus.Queued => "It is sent when it is due.",
        PayoutStatus.Held when payout.HoldReason is HoldReason.Access =>
            "Once sending is resumed Pockyt is asked whether it has it, and it is sent; what paused sending is tried "
            + "last.",
        PayoutStatus.Held when payout.HoldReason is HoldReason.Screening =>
            "The screening is asked again; once it answers clean, nothing else holds it, and it is due, it is sent.",
        PayoutStatus.Held when payout.Findings is not null =>
            "It is not sent until a person ends the hold, and canceled if nobody does in time.",
        PayoutStatus.Held => "Pockyt is asked whether it has it, and what it waits for is looked at again; "
            + "once that is over, it is sent.",
        PayoutStatus.Submitting => "The answer is recorded; without one, the lease ends and we ask Pockyt.",
        PayoutStatus.Unconfirmed when payout.ResendGrantedAt is not null && payout.CancelRequestedBy is not null =>
            "We ask Pockyt; if it does not have the payout, the payout is canceled, as a caller asked.",
        PayoutStatus.Unconfirmed when payout.ResendGrantedAt is not null =>
            "We ask Pockyt once more; if it still does not have the payout, the same request is sent again.",
        PayoutStatus.Unconfirmed or PayoutStatus.Processing =>
            "We ask Pockyt at growing intervals until the outcome is known.",
        PayoutStatus.Canceled => "Nothing.",
        _ when payout is { IsDisputed: true, Overruling: null } =>
            "We ask Pockyt now and then; an operator resolves it.",
        _ when payout.Overruling is not null =>
            "We ask Pockyt; the operator's decision against it counts once a second person confirms it.",
        _ when payout.DueAt is null => "Nothing, unless Pockyt sends a notice.",
        _ when payout.ConfirmedBy is null => "We ask Pockyt to confirm it.",
        _ => "We ask Pockyt now and then whether the money came back.",
    };

    private static string ChangedByOf(Payout payout, Blocker? blocker) => payout.Status switch
    {
        _ when payout.Overruling is not null =>
            "POST …/resolve with the same ruling and overrule by a key of another owner, or with another ruling.",
        PayoutStatus.Queued or PayoutStatus.Held when payout.IsDisputed => $"{Reports}, or {Ruling}.",
        PayoutStatus.Queued or PayoutStatus.Held when payout.Attention is Attention.Stuck =>
            "Pockyt calling payee and account active again, or POST …/cancel and a new payout to another account.",
        PayoutStatus.Queued when blocker is { Payout: null } => "POST /v1/sending/resume, or POST …/cancel.",
        PayoutStatus.Queued when blocker is not null =>
            "A balance that covers it and all before it, canceling those, or POST …/cancel.",
        PayoutStatus.Queued => "Sending it, or POST …/cancel.",
        PayoutStatus.Held => payout.HoldReason switch
        {
            HoldReason.Balance => "A balance that covers it and all before it, or POST …/cancel.",
            HoldReason.Access => "POST /v1/sending/resume once Pockyt grants access, or POST …/cancel.",
            HoldReason.Screening => "The screening answering clean, or POST …/cancel.",
            HoldReason.Approval => "POST …/approve or POST …/reject by another person, or POST …/cancel.",
            _ when payout.Findings is not null => "POST …/release by an operator, or POST …/cancel.",
            _ => "The payee and the account being active at Pockyt, or POST …/cancel.",
        },
        PayoutStatus.Submitting => "Pockyt's answer, or the end of the lease.",
        PayoutStatus.Canceled => "Nothing: a new payout may name it in replaces.",
        _ when payout.Attention is not null || payout.Status is PayoutStatus.Unconfirmed =>
            $"{Reports}, or {Ruling}.",
        PayoutStatus.Succeeded => "The bank returning the money.",
        PayoutStatus.Failed or PayoutStatus.Returned when payout.ConfirmedBy is not null =>
            "Nothing: a new payout may name it in replaces.",
        _ => $"{Reports}.",
    };
}
