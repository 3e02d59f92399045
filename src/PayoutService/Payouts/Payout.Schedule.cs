namespace PayoutService.Payouts;

/// <content>The next time somebody looks at a payout, and whether it may be sent again.</content>
internal sealed partial class Payout
{
    /// <summary>Pulls the next question forward, where the next look is a question.</summary>
    public void InquireNow(DateTimeOffset now, PayoutRules rules)
    {
        if (!Status.IsPolled())
        {
            return;
        }

        var earliest = AskedAt + rules.AskAtMostEvery is { } allowed && allowed > now ? allowed : now;
        DueAt = DueAt < earliest ? DueAt : earliest;
    }

    /// <summary>Pockyt has said often enough, and for long enough, that it does not know this payout.</summary>
    private bool NotSeenForLong(DateTimeOffset now, PayoutRules rules) =>
        Status is PayoutStatus.Unconfirmed
        && NotSeenCount >= rules.ResendNotSeenCount
        && now - NotSeenSince >= rules.ResendNotSeenSpan;

    /// <summary>The gate for sending again, once, the same request under the same id. Pockyt has just said that it does
    /// not know it.</summary>
    public bool MayBeSentAgain(Report report, DateTimeOffset now, PayoutRules rules) =>
        report.Kind is ReportKind.NotSeen && Status is PayoutStatus.Unconfirmed
        && (ResendGrantedAt is { } granted
            ? report.AskedAt >= granted
            : report.ResendAllowed && !KnownToProvider && ResendCount < rules.MaxResends
                && NotSeenForLong(report.AskedAt ?? now, rules))
        && Attention is null or Payouts.Attention.Slow;

    /// <summary>Nothing left us, so nothing is lost by trying again soon, but not in a tight loop.</summary>
    private TimeSpan SendDelay(PayoutRules rules)
    {
        var delay = Backoff.Delay(rules.AskDelays, SendCount - 1);
        return delay < rules.MaxSendDelay ? delay : rules.MaxSendDelay;
    }

    /// <summary>By the time the status has lasted, not by the questions asked: asking often uses nothing up.</summary>
    private DateTimeOffset NextInquiry(DateTimeOffset now, PayoutRules rules) =>
        Backoff.NextAfter(StatusSince, rules.AskDelays, now) ?? now + rules.AskDelays[^1];

    private DateTimeOffset? NextWatch(DateTimeOffset now, PayoutRules rules) =>
        Status is PayoutStatus.Succeeded ? Backoff.NextAfter(StatusSince, rules.ReturnWatchDelays, now) : null;
}
