namespace PayoutService.Payouts;

/// <content>How a payout moves: by a report, through the machine, or by one of our own verbs.</content>
internal sealed partial class Payout
{
    /// <summary>Applies a report. Returns the event to keep, or null when the report changes nothing we show; counters
    /// and the time of the next look may change all the same.</summary>
    public PayoutEvent? Apply(Report report, DateTimeOffset now, PayoutRules rules)
    {
        if (AnswersClosedSend(report))
        {
            return null;
        }

        report = CheckTransaction(report);
        var isQuiet = IsQuiet;
        var from = StatusInHistory;
        var before = (from, Attention, ConfirmedBy, TransactionNo, ProviderStatus);
        var verdict = Judge(report);
        var onlySend = AnswersOnlySend(report);
        Close(report);
        Count(report, onlySend, now);

        if (report.Source is Source.Operator)
        {
            Attention = null;
            EndOverruling();
        }
        else if (Attention is Payouts.Attention.Blocked && SaysNotBlocked(report))
        {
            Attention = null;
        }

        if (verdict.To is { } to && to != Status)
        {
            Move(to, report, now, rules);
        }
        else if (Confirms(report, now, rules))
        {
            Confirm(report, now, rules);
        }
        else if (report.Source is Source.Inquiry)
        {
            Answered(report, verdict.Contradicts, now, rules);
        }

        KeepGrant(report, now, rules);
        if (verdict.Contradicts)
        {
            Raise(Payouts.Attention.Contradiction);
        }

        if (report.IsBlocked)
        {
            Raise(Payouts.Attention.Blocked);
        }

        if (verdict.Contradicts || report.IsBlocked)
        {
            // What Pockyt said last is held against what an operator says next.
            ProviderStatus = report.ProviderStatus ?? ProviderStatus;
        }

        if (report.Mismatch is not null)
        {
            Raise(Payouts.Attention.Mismatch);
        }

        if (Status is PayoutStatus.Held && report.HoldReason is Payouts.HoldReason.Access)
        {
            Raise(Payouts.Attention.Access);
        }

        if (Status is PayoutStatus.Held && report.IsStuck)
        {
            Raise(Payouts.Attention.Stuck);
        }

        // Whatever surprises us is asked about at once, unless it is the answer to a question.
        var surprise = verdict.Contradicts || report.Mismatch is not null;
        if ((surprise && report.Source is not Source.Inquiry)
            || report is { Kind: ReportKind.Unclear, Source: Source.Notice }
            || (report.Source is Source.Notice && (report.IsBlocked || Attention is Payouts.Attention.Blocked)))
        {
            InquireNow(now, rules);
        }

        var isRepeatSent = isQuiet && report.Kind is not ReportKind.NotSent;
        if (!isRepeatSent && before == (Status, Attention, ConfirmedBy, TransactionNo, ProviderStatus))
        {
            return null;
        }

        Touch(now);
        var confirmed = Status == from && ConfirmedBy != before.ConfirmedBy;
        var happened = Event(
            now,
            ActorOf(report),
            confirmed ? EventKind.Confirmed : EventKind.Reported,
            from,
            DetailOf(report, verdict));
        if (Status is PayoutStatus.Submitting)
        {
            // The history has the claim now.
            NotSentCount = 0;
        }

        return happened;
    }

    /// <summary>Withdraws a payout that was never sent. One that may have been sent in a time that a restore lost is
    /// canceled when Pockyt says that it does not know it.</summary>
    /// <returns>The event, or null when it is too late.</returns>
    public PayoutEvent? Cancel(Actor actor, DateTimeOffset now, string? reason = null)
    {
        if (Status is not (PayoutStatus.Queued or PayoutStatus.Held))
        {
            return RequestCancel(actor, now);
        }

        var canceled = MoveByVerb(PayoutStatus.Canceled, due: null, now, actor, EventKind.Canceled);
        if (reason is not null)
        {
            canceled.Detail["reason"] = reason;
        }

        return canceled;
    }

    /// <summary>Blocked until an operator resolves it: contradiction or mismatch.</summary>
    public bool IsDisputed => Attention is Payouts.Attention.Contradiction or Payouts.Attention.Mismatch;

    /// <summary>It has waited for its payee or account for longer than anybody should.</summary>
    public bool HasWaitedTooLong(DateTimeOffset now, PayoutRules rules) =>
        HoldReason is Payouts.HoldReason.PayeeStatus or Payouts.HoldReason.AccountStatus
        && now - StatusSince > rules.PayeeHoldLimit;

    /// <summary>Ends a hold whose cause may be over, when Pockyt says that it does not have the payout:
    /// send it again. The hold of a rule ends by a person, or by an answer to its screening.</summary>
    public PayoutEvent? Release(DateTimeOffset now)
    {
        if (Status is not PayoutStatus.Held || Findings is not null)
        {
            return null;
        }

        // The look that releases it is no wait: should it be held again, the next wait is the next one.
        HoldCount = Math.Max(HoldCount - 1, 1);
        return MoveByVerb(PayoutStatus.Queued, due: now, now, Actor.Reconciler, EventKind.Released);
    }

    /// <summary>The payout that it replaces is said to be paid, or somebody who signs as Pockyt speaks of it. What was
    /// not sent is then held until an operator releases it, and what was sent is shown to one.</summary>
    /// <returns>The event; null when it says so already, or nothing can be stopped any more.</returns>
    public PayoutEvent? ContradictedBy(Payout replaced, DateTimeOffset now, PayoutRules rules)
    {
        if (IsDisputed || Status is PayoutStatus.Canceled || (Status.IsFinal() && ConfirmedBy is not null))
        {
            return null;
        }

        Raise(Payouts.Attention.Contradiction);
        var twin = new Finding(
            Payouts.HoldReason.DuplicateSuspect, $"{replaced.InvoiceId}, which it replaces, may be paid.");
        var line = Hold(twin, Actor.Provider, now, rules) ?? NoteOf(Actor.Provider, EventKind.Raised, now, []);
        line.Detail["attention"] = Camel(nameof(Payouts.Attention.Contradiction));
        line.Detail["contradiction"] = "true";
        line.Detail["replaces"] = replaced.InvoiceId;
        return line;
    }

    private bool AnswersOnlySend(Report report) =>
        report.Claim is { } claim && claim == Claim && OpenSends is [var only] && only == claim;

    /// <summary>The same answer recorded twice says nothing the second time.</summary>
    private bool AnswersClosedSend(Report report) =>
        report.Claim is { } claim
        && !OpenSends.Contains(claim)
        && report.Kind is ReportKind.Refused or ReportKind.Postponed or ReportKind.NotSent or ReportKind.Unclear;

    private Report CheckTransaction(Report report) =>
        TransactionNo is not null
        && report.TransactionNo is { } told
        && told != TransactionNo
        && report.Mismatch is null
            ? report with { Mismatch = "transactionNo differs from our row", TransactionNo = null }
            : report;

    /// <summary>Facts that differ prove that a human must look; only a reply of ours still says what it says.</summary>
    private Verdict Judge(Report report) =>
        report.Mismatch is not null && report.Source is not Source.Reply ? default
        : KnowsWhatWasRefused(report) || KnowsWhatWasRuledOut(report) ? new Verdict(null, Contradicts: true)
        : PayoutMachine.Next(Status, report, AnswersOnlySend(report), ConfirmedBy is not null);

    /// <summary>A refusal by a bare code leaves no trace at Pockyt, and silence confirms it: if Pockyt has the payout
    /// all the same, it may yet pay it.</summary>
    private bool KnowsWhatWasRefused(Report report) =>
        report is { Kind: ReportKind.Acknowledged, Source: not Source.Operator }
        && Status is PayoutStatus.Failed && StatusSource is Source.Reply && ProviderStatus is null;

    /// <summary>An operator said that it never pays, and Pockyt has it: it may yet be paid.</summary>
    private bool KnowsWhatWasRuledOut(Report report) =>
        report is { Kind: ReportKind.Acknowledged, Source: not Source.Operator }
        && Status is PayoutStatus.Failed or PayoutStatus.Returned && ConfirmedBy is Source.Operator;

    /// <summary>Pockyt, asked, gives the payout a status other than blocked. A notice may be older than what we know.
    /// </summary>
    private static bool SaysNotBlocked(Report report) =>
        report is { Source: Source.Inquiry, IsBlocked: false, Mismatch: null }
            and { Kind: ReportKind.Acknowledged or ReportKind.Settled or ReportKind.Refused or ReportKind.Reversed };

    /// <summary>A send is closed only by its own word that nothing was executed.</summary>
    private void Close(Report report)
    {
        if (report.Claim is { } claim && report.Kind is ReportKind.NotSent or ReportKind.Postponed)
        {
            OpenSends = [.. OpenSends.Where(open => open != report.Claim)];
        }
    }

    private void Count(Report report, bool onlySend, DateTimeOffset now)
    {
        switch (report.Kind)
        {
            // A question asked before the lease ended says nothing: the request may still have been on its way.
            case ReportKind.NotSeen when LeaseUntil is null || report.AskedAt > LeaseUntil:
                NotSeenCount++;
                NotSeenSince ??= report.AskedAt ?? now;
                break;
            case ReportKind.Acknowledged or ReportKind.Settled or ReportKind.Refused or ReportKind.Reversed:
                NotSeenCount = 0;
                NotSeenSince = null;

                // A bare code in answer to the only send leaves no trace at Pockyt; all else comes from who knows it.
                MarkKnownToProvider(
                    report.Kind is not ReportKind.Refused || report.ProviderStatus is not null || !onlySend);
                break;
            default:
                MarkKnownToProvider(report.Source is Source.Notice || report.Mismatch is not null || report.Duplicate);
                break;
        }
    }

    /// <summary>Records that Pockyt knows the payout: an earlier grant to send it again ends.</summary>
    private void MarkKnownToProvider(bool isKnown)
    {
        if (isKnown)
        {
            KnownToProvider = true;
            ResendGrantedAt = null;
        }
    }

    private void Move(PayoutStatus to, Report report, DateTimeOffset now, PayoutRules rules)
    {
        var (granted, unsent, since, attention) = (ResendGrantedAt, NotSentCount, StatusSince, Attention);
        MoveTo(to, now);
        if (report.Kind is ReportKind.NotSent && report.Claim == Claim)
        {
            NotSentCount = unsent + 1;
            if (unsent > 0)
            {
                // It goes on being where it was since the first time.
                (StatusSince, Attention) = (since, attention);
            }
        }

        if (to is PayoutStatus.Unconfirmed && report.Kind is ReportKind.NotSent && report.Claim == Claim)
        {
            // The repeat that was allowed never left us.
            ResendGrantedAt = granted;
            ResendCount = Math.Max(ResendCount - 1, 0);
        }

        StatusSource = report.Source;
        HoldReason = to is PayoutStatus.Held ? report.HoldReason : null;
        if (to is PayoutStatus.Failed or PayoutStatus.Returned)
        {
            FailureReason = Failure.ReasonOf(to, report);
            (FailureCode, FailureText) = (Failure.CodeOf(report), Failure.TextOf(report));
        }

        ConfirmedBy = to.IsFinal() && report.Source is Source.Inquiry or Source.Operator ? report.Source : null;
        Learn(report);
        if (to is PayoutStatus.Held or PayoutStatus.Unconfirmed && report.HoldReason is Payouts.HoldReason.Screening)
        {
            BeginScreening(report);
        }

        DueAt = to switch
        {
            PayoutStatus.Queued => now + SendDelay(rules),
            PayoutStatus.Held when Findings is not null => now,
            PayoutStatus.Held => now + Backoff.Delay(rules.HoldDelays, HoldCount++),
            PayoutStatus.Unconfirmed or PayoutStatus.Processing => NextInquiry(now, rules),
            _ => ConfirmedBy is null ? now : NextWatch(now, rules),
        };
    }

    private bool Confirms(Report report, DateTimeOffset now, PayoutRules rules) =>
        ConfirmedBy is null && report.Mismatch is null && report.Source is Source.Inquiry or Source.Operator
        && (Status, report.Kind) switch
        {
            (PayoutStatus.Succeeded, ReportKind.Settled) => true,
            (PayoutStatus.Returned, ReportKind.Reversed) => true,
            (PayoutStatus.Failed, ReportKind.Refused) => true,

            // A refusal in answer to the only send leaves no trace at Pockyt;
            // a failure told by a notice must leave one.
            (PayoutStatus.Failed, ReportKind.NotSeen) => StatusSource is Source.Reply
                && !KnownToProvider && NotSeenCount >= 2
                && (report.AskedAt ?? now) - NotSeenSince >= rules.RefusalNotSeenSpan,
            _ => false,
        };

    private void Confirm(Report report, DateTimeOffset now, PayoutRules rules)
    {
        ConfirmedBy = report.Source;
        EndWaiting();
        Learn(report);
        DueAt = NextWatch(now, rules);
    }

    /// <summary>A question was answered and nothing moved: look again later, and later each time.</summary>
    private void Answered(Report report, bool contradicts, DateTimeOffset now, PayoutRules rules)
    {
        if (report.Mismatch is null && report.Kind is not (ReportKind.NotSeen or ReportKind.Unclear)
            && !(Status.IsFinal() && report.Kind is ReportKind.Acknowledged))
        {
            Learn(report);
        }

        if (Status is PayoutStatus.Held && Findings is not null)
        {
            // An answer to a question of before it was held: what a rule holds is due when the hold ends.
            return;
        }

        if (Status is PayoutStatus.Held)
        {
            DueAt = now + Backoff.Delay(rules.HoldDelays, HoldCount++);
            return;
        }

        if (!Status.IsPolled() && Status is not PayoutStatus.Queued)
        {
            return;
        }

        if (ConfirmedBy is null)
        {
            DueAt = NextInquiry(now, rules);
        }
        else if (report.Kind is ReportKind.Unclear || report.IsBlocked
            || (contradicts && ConfirmedBy is Source.Operator))
        {
            // An operator's word stands against Pockyt's for as long as Pockyt says otherwise.
            DueAt = now + rules.AskDelays[^1];
        }
        else
        {
            DueAt = NextWatch(now, rules);
        }

        RaiseWhatLasts(report, now, rules);
    }

    private void RaiseWhatLasts(Report report, DateTimeOffset now, PayoutRules rules)
    {
        if (MayBeSentAgain(report, now, rules))
        {
            return;
        }

        // Silence lasts from question to question: an answer that was long on its way says nothing of the time since.
        if (report.Kind is ReportKind.NotSeen && ResendGrantedAt is null
            && NotSeenForLong(report.AskedAt ?? now, rules))
        {
            Raise(Payouts.Attention.NotSeen);
        }

        if (Status is PayoutStatus.Succeeded && report.Kind is ReportKind.NotSeen
            && (report.AskedAt ?? now) - NotSeenSince > rules.SucceededNotSeenSpan)
        {
            Raise(Payouts.Attention.Contradiction);
        }
    }

    private PayoutEvent MoveByVerb(
        PayoutStatus to, DateTimeOffset? due, DateTimeOffset now, Actor actor, EventKind kind)
    {
        var from = StatusInHistory;
        MoveTo(to, now);
        StatusSource = null;
        HoldReason = null;
        DueAt = due;
        Touch(now);
        return Event(now, actor, kind, from);
    }

    private void MoveTo(PayoutStatus to, DateTimeOffset now)
    {
        Status = to;
        StatusSince = now;
        Findings = to is PayoutStatus.Held or PayoutStatus.Unconfirmed ? Findings : null;
        NotSeenCount = 0;
        NotSeenSince = null;
        NotSentCount = 0;
        ResendGrantedAt = null;
        (FailureReason, FailureCode, FailureText) = (null, null, null);
        EndWaiting();
        EndOverruling();
    }

    /// <summary>Ends attention that only said that it waits; an operator ends the rest.</summary>
    private void EndWaiting() =>
        Attention = IsDisputed ? Attention : null;

    private void Learn(Report report)
    {
        TransactionNo ??= report.TransactionNo;
        ProviderStatus = report.ProviderStatus ?? ProviderStatus;
        FeeMinor = report.FeeMinor ?? FeeMinor;
        PaymentTime = report.PaymentTime ?? PaymentTime;
        ProviderCode = report.Code ?? ProviderCode;
        ProviderMessage = report.Message ?? ProviderMessage;
    }

    private void Raise(Attention attention) =>
        Attention = Attention > attention ? Attention : attention;

    private void Touch(DateTimeOffset now)
    {
        Version++;
        UpdatedAt = now;
    }
}
