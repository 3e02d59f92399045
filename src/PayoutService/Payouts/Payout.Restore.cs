namespace PayoutService.Payouts;

/// <summary>The reason why a payout may have been sent before its row was written.</summary>
/// <param name="RestoreNo">The restore that may have lost it; null: Pockyt's notice of it is stored.</param>
/// <param name="ProvedFrom">An answer that Pockyt does not know it counts when the question was asked from then on;
/// null: never.</param>
internal sealed record SentBefore(long? RestoreNo, DateTimeOffset? ProvedFrom);

/// <content>What a database that may have lost something means for a payout.</content>
internal sealed partial class Payout
{
    /// <summary>The claim that a lost send may have had. No reply names it, so no reply closes it.</summary>
    public const int LostClaim = 0;

    /// <summary>The row was read from a database that may have lost something and has not been checked yet.</summary>
    public bool IsPast { get; private set; }

    /// <summary>All that may have been sent of it is what a restore may have lost, and Pockyt never spoke of it.
    /// </summary>
    public bool IsOnlyPerhapsLost => Status is PayoutStatus.Unconfirmed && OpenSends is [LostClaim] && !KnownToProvider;

    /// <summary>Says of a row that nothing can be said of whether it was sent.</summary>
    public void MarkPast() => IsPast = true;

    /// <summary>The database may have lost that it was sent. The statements that mark many at once
    /// (<c>RestoreDetector</c>) make the same changes; a test compares them.</summary>
    public PayoutEvent MarkPossiblySent(DateTimeOffset now)
    {
        var doubted = MoveByVerb(PayoutStatus.Unconfirmed, due: now, now, Actor.Restore, EventKind.Doubted);
        OpenSends = [LostClaim];
        (RequestId, SignedAt) = (null, null);
        return doubted;
    }

    /// <summary>An operator says that the restore lost nothing of its merchant, so it was never sent. The statement
    /// that clears many at once (<c>SendingStore.ClearRestoresAsync</c>) makes the same changes; a test compares the
    /// two.</summary>
    public PayoutEvent ClearRestore(Actor actor, string reason, DateTimeOffset now, PayoutRules rules)
    {
        if (Findings is not null && CancelRequestedBy is null)
        {
            return HoldAgain(actor, EventKind.Cleared, reason, now, rules);
        }

        var (to, due) = CancelRequestedBy is not null ? (PayoutStatus.Canceled, (DateTimeOffset?)null)
            : (PayoutStatus.Queued, ExecuteAt > now ? ExecuteAt : now);
        var cleared = MoveByVerb(to, due, now, actor, EventKind.Cleared);
        cleared.Detail["reason"] = reason;
        OpenSends = [];
        return cleared;
    }

    /// <summary>Pockyt does not know a payout that somebody wanted to cancel while nobody knew whether it was sent:
    /// the caller has found that it <see cref="MayBeSentAgain"/>.</summary>
    /// <returns>The event, or null when it is not so any more.</returns>
    public PayoutEvent? CancelAsRequested(DateTimeOffset now)
    {
        if (CancelRequestedBy is not { } actor || !IsOnlyPerhapsLost)
        {
            return null;
        }

        OpenSends = [];
        return MoveByVerb(PayoutStatus.Canceled, due: null, now, Actor.Named(actor), EventKind.Canceled);
    }

    /// <summary>Keeps the wish to cancel until Pockyt has said whether it has the payout.</summary>
    private PayoutEvent? RequestCancel(Actor actor, DateTimeOffset now)
    {
        if (!IsOnlyPerhapsLost || CancelRequestedBy is not null)
        {
            return null;
        }

        CancelRequestedBy = actor.Name;
        Touch(now);
        return Event(now, actor, EventKind.CancelRequested, Status);
    }

    private void BeginUnconfirmed(SentBefore sent, DateTimeOffset now)
    {
        Status = PayoutStatus.Unconfirmed;
        HoldReason = null;
        OpenSends = [LostClaim];
        RestoreNo = sent.RestoreNo;
        KnownToProvider = sent.RestoreNo is null;
        ResendGrantedAt = sent.ProvedFrom > DueAt || Findings is not null ? sent.ProvedFrom
            : sent.ProvedFrom is null ? null : DueAt;
        DueAt = ResendGrantedAt ?? now;
    }

    /// <summary>A repeat of a send that may be lost did not leave us, or was postponed: what proved that the first one
    /// did not arrive still proves it.</summary>
    private void KeepGrant(Report report, DateTimeOffset now, PayoutRules rules)
    {
        if (!IsOnlyPerhapsLost
            || report is not { Source: Source.Reply, Kind: ReportKind.NotSent or ReportKind.Postponed })
        {
            return;
        }

        ResendGrantedAt = now;
        DueAt = now + (report.Kind is ReportKind.NotSent
            ? SendDelay(rules)
            : Backoff.Delay(rules.HoldDelays, HoldCount++));
    }
}
