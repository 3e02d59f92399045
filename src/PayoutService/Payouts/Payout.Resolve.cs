namespace PayoutService.Payouts;

/// <summary>What an operator found out about a payout by other means than this service.</summary>
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

/// <content>How a human ends a doubt.</content>
internal sealed partial class Payout
{
    /// <summary>When an operator allowed the same request to be sent again. Pockyt is asked once more before it is.
    /// </summary>
    public DateTimeOffset? ResendGrantedAt { get; private set; }

    /// <summary>Takes an operator's word, which ends any attention.</summary>
    /// <param name="ruling">What became of it.</param>
    /// <param name="actor">Who says so: the name of the operator's API key.</param>
    /// <param name="reason">Why it is said.</param>
    /// <param name="evidence">Where it was found out.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="rules">The times by which payouts move.</param>
    /// <returns>The event; null when the status allows no such word.</returns>
    public PayoutEvent? Resolve(
        Ruling ruling, string actor, string reason, string evidence, DateTimeOffset now, PayoutRules rules)
    {
        if (!Allows(ruling))
        {
            return null;
        }

        var (from, version) = (Status, Version);
        if (ruling is Ruling.SendAgain)
        {
            GrantResend(now, rules);
        }
        else
        {
            Apply(new Report(KindOf(ruling), Source.Operator), now, rules);
        }

        // An operator's word is kept, also one that says what we believed already.
        Version = version;
        Touch(now);
        return Event(now, actor, "resolved", from, new()
        {
            ["ruling"] = Camel(ruling.ToString()),
            ["reason"] = reason,
            ["evidence"] = evidence,
        });
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

    private void GrantResend(DateTimeOffset now, PayoutRules rules)
    {
        Attention = null;
        if (Status is PayoutStatus.Unconfirmed)
        {
            ResendGrantedAt = now;
            AskNow(now, rules);
        }
    }

    private static ReportKind KindOf(Ruling ruling) => ruling switch
    {
        Ruling.Paid => ReportKind.Settled,
        Ruling.NotPaid => ReportKind.Refused,
        _ => ReportKind.Reversed,
    };
}
