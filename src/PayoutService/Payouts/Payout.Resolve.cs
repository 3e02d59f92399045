namespace PayoutService.Payouts;

/// <summary>An operator's decision about a payout.</summary>
public enum Ruling
{
    /// <summary>The payee has the money.</summary>
    Paid,

    /// <summary>It was not executed, and never will be.</summary>
    NotPaid,

    /// <summary>The money left and came back.</summary>
    Returned,

    /// <summary>Pockyt does not have it: the same request may be sent again.</summary>
    SendAgain,
}

/// <summary>An operator's word about a payout.</summary>
/// <param name="Ruling">What became of it.</param>
/// <param name="Actor">The name of the operator's API key.</param>
/// <param name="Owner">The person behind that key.</param>
/// <param name="Reason">Why it is said.</param>
/// <param name="Evidence">Where it was found out.</param>
/// <param name="Overrules">The operator knows that it is said against what is certain.</param>
internal sealed record OperatorDecision(
    Ruling Ruling, Actor Actor, string Owner, string Reason, string Evidence, bool Overrules);

/// <summary>The reason why an operator's decision is refused.</summary>
internal enum ResolveRefusal
{
    /// <summary>The status allows no such word.</summary>
    NotResolvable,

    /// <summary>The status is confirmed and nothing speaks against it.</summary>
    NothingInDoubt,

    /// <summary>It is said against what is certain, so a second person must say the same.</summary>
    SecondPersonNeeded,
}

/// <content>How humans end a doubt, and how two of them overrule what is certain.</content>
internal sealed partial class Payout
{
    /// <summary>When an operator allowed the same request to be sent again. Pockyt is asked once more before it is.
    /// </summary>
    public DateTimeOffset? ResendGrantedAt { get; private set; }

    /// <summary>
    /// Takes an operator's word. It moves the payout and ends its attention, unless Pockyt's last answer contradicts
    /// it. Against what is certain the first word is only recorded, and the second person's moves the payout.
    /// </summary>
    /// <param name="word">What is said, by whom, and why.</param>
    /// <param name="meaning">What a status word of Pockyt's reports.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="rules">The times by which payouts move.</param>
    /// <returns>The event; null when the word is refused: see <see cref="RefusalOf"/>.</returns>
    public PayoutEvent? Resolve(
        OperatorDecision word, Func<string?, ReportKind?> meaning, DateTimeOffset now, PayoutRules rules)
    {
        if (RefusalOf(word) is not null)
        {
            return null;
        }

        var (from, version, first) = (Status, Version, OverruledBy);
        var isRecordedOnly = OverrulesCertainty(word.Ruling) && Overruling != word.Ruling;
        if (word.Ruling is Ruling.SendAgain)
        {
            GrantResend(now, rules);
        }
        else if (isRecordedOnly)
        {
            RecordOverruling(word, now);
            InquireNow(now, rules);
        }
        else
        {
            first = OverrulesCertainty(word.Ruling) ? first : null;
            Believe(word.Ruling, meaning(ProviderStatus), now, rules);
        }

        // An operator's word is kept, also one that says what we believed already.
        Version = version;
        Touch(now);
        var resolved = Event(now, word.Actor, isRecordedOnly ? EventKind.Overruled : EventKind.Resolved, from, new()
        {
            ["ruling"] = Camel(word.Ruling.ToString()),
            ["reason"] = word.Reason,
            ["evidence"] = word.Evidence,
        });
        if (!isRecordedOnly && first is not null)
        {
            resolved.Detail["firstBy"] = first;
        }

        return resolved;
    }

    /// <summary>The reason why the decision is refused; null: it is accepted.</summary>
    public ResolveRefusal? RefusalOf(OperatorDecision word)
    {
        var isAgainst = OverrulesCertainty(word.Ruling);
        if (ConfirmedBy is not null && Attention is null && !(isAgainst && word.Overrules))
        {
            return ResolveRefusal.NothingInDoubt;
        }

        if (!Allows(word.Ruling))
        {
            return ResolveRefusal.NotResolvable;
        }

        var isFirstAgain = Overruling == word.Ruling
            && string.Equals(OverruledOwner, word.Owner, StringComparison.OrdinalIgnoreCase);
        return isAgainst && (!word.Overrules || isFirstAgain) ? ResolveRefusal.SecondPersonNeeded : null;
    }

    /// <summary>While a request is on its way nobody can know what becomes of it; and what was never sent has nothing
    /// to rule about but a doubt that keeps it from being sent.</summary>
    private bool Allows(Ruling ruling) => Status switch
    {
        PayoutStatus.Submitting or PayoutStatus.Canceled => false,
        PayoutStatus.Queued or PayoutStatus.Held => ruling is Ruling.SendAgain && Attention is not null,
        PayoutStatus.Unconfirmed => true,
        _ => ruling is not Ruling.SendAgain,
    };

    /// <summary>No single person may deny what was confirmed, or that Pockyt paid: a payout that failed or came back
    /// may be replaced by another.</summary>
    private bool OverrulesCertainty(Ruling ruling) =>
        ruling is not Ruling.SendAgain
        && (ConfirmedBy is not null || Status is PayoutStatus.Succeeded)
        && Status != StatusOf(ruling);

    private void RecordOverruling(OperatorDecision word, DateTimeOffset now)
    {
        (Overruling, OverruledBy, OverruledOwner, OverruledAt) = (word.Ruling, word.Actor.Name, word.Owner, now);
        Raise(Payouts.Attention.Contradiction);
    }

    private void EndOverruling() =>
        (Overruling, OverruledBy, OverruledOwner, OverruledAt) = (null, null, null, null);

    private void Believe(Ruling ruling, ReportKind? lastWord, DateTimeOffset now, PayoutRules rules)
    {
        var isContradicted = Contradicts(ruling, lastWord);
        Apply(new Report(KindOf(ruling), Source.Operator), now, rules);
        if (isContradicted)
        {
            Raise(Payouts.Attention.Contradiction);
        }

        // Should Pockyt say otherwise, a human is called before anything else is built on it.
        InquireNow(now, rules);
    }

    /// <summary>True when Pockyt's last answer and the ruling cannot both be true. That a payout is under way does not
    /// contradict that it was paid since; that it was neither paid nor will be, it does.</summary>
    private bool Contradicts(Ruling ruling, ReportKind? lastWord)
    {
        // Not knowing a payout takes back no word of having paid it, unless two people say so.
        if (NotSeenCount > 0 && (lastWord is not ReportKind.Settled || Status is PayoutStatus.Succeeded))
        {
            return false;
        }

        var hasIt = Status is PayoutStatus.Processing || (KnownToProvider && lastWord is null);
        var said = hasIt ? ReportKind.Acknowledged : lastWord;
        return said is ReportKind.Acknowledged
            ? ruling is not Ruling.Paid
            : said is not null && said != KindOf(ruling);
    }

    private void GrantResend(DateTimeOffset now, PayoutRules rules)
    {
        Attention = null;
        if (Status is PayoutStatus.Unconfirmed)
        {
            ResendGrantedAt = now;
            InquireNow(now, rules);
        }
    }

    private static ReportKind KindOf(Ruling ruling) => ruling switch
    {
        Ruling.Paid => ReportKind.Settled,
        Ruling.NotPaid => ReportKind.Refused,
        _ => ReportKind.Reversed,
    };

    private static PayoutStatus StatusOf(Ruling ruling) => ruling switch
    {
        Ruling.Paid => PayoutStatus.Succeeded,
        Ruling.NotPaid => PayoutStatus.Failed,
        _ => PayoutStatus.Returned,
    };
}
