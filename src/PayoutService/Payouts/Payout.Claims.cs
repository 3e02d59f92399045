using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Payouts;

/// <content>Claims: a worker takes a payout for one send, and for how long.</content>
internal sealed partial class Payout
{
    /// <summary>Claims a queued payout for its send, or an unconfirmed one to repeat the same request. The statement
    /// that claims many at once (<c>PayoutClaims.ClaimDueAsync</c>) makes the same changes; a test compares the two.
    /// </summary>
    /// <returns>The event; null for one of a series of claims whose request never left us.</returns>
    public PayoutEvent? ClaimForSending(Guid batch, DateTimeOffset now, PayoutRules rules)
    {
        var (from, isQuiet) = (Status, NotSentCount > 0);
        if (!isQuiet)
        {
            StatusSince = now;
            Attention = null;
            Touch(now);
        }

        Status = PayoutStatus.Submitting;
        StatusSource = null;
        Claim = (Claim ?? 0) + 1;
        ClaimedBy = batch;
        LeaseUntil = now + rules.Lease;
        DueAt = LeaseUntil;
        OpenSends = [.. OpenSends, Claim.Value];
        SendCount++;
        if (from is PayoutStatus.Unconfirmed)
        {
            ResendCount++;
            SignedAt ??= now;
            RequestId ??= NextRequestId();
        }
        else
        {
            SignedAt = now;
            RequestId = NextRequestId();
        }

        NotSeenCount = 0;
        NotSeenSince = null;
        return isQuiet ? null
            : from is PayoutStatus.Unconfirmed ? Event(now, Actor.Reconciler, EventKind.ClaimedAgain, from)
            : Event(now, Actor.Dispatcher, EventKind.Claimed, from);
    }

    /// <summary>The worker that claimed this payout did not report back: something may have been sent.</summary>
    public PayoutEvent? EndLease(DateTimeOffset now)
    {
        if (Status is not PayoutStatus.Submitting || LeaseUntil > now)
        {
            return null;
        }

        return MoveByVerb(PayoutStatus.Unconfirmed, due: now, now, Actor.Reconciler, EventKind.LeaseEnded);
    }

    /// <summary>It is claimed again after nothing left us the last time. While that goes on it is counted, and neither
    /// the claims nor their ends stand in the history.</summary>
    private bool IsQuiet => Status is PayoutStatus.Submitting && NotSentCount > 0;

    /// <summary>The status that the last line of its history has.</summary>
    private PayoutStatus StatusInHistory => !IsQuiet ? Status
        : OpenSends.Any(open => open != Claim) ? PayoutStatus.Unconfirmed
        : PayoutStatus.Queued;

    /// <summary>A name, not a secret: PostgreSQL computes the same with its md5.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security", "CA5351", Justification = "The hash only spreads names over UUIDs.")]
    private Guid NextRequestId() =>
        new(MD5.HashData(Encoding.UTF8.GetBytes($"{Merchant}/{InvoiceId}-{SendCount}")), bigEndian: true);
}
