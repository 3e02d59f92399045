using static PayoutService.Payouts.PayoutStatus;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Payouts;

/// <summary>The state machine: the next status of a payout after a report.</summary>
/// <param name="To">The status it moves to; null: it stays.</param>
/// <param name="Contradicts">The report and what we believed cannot both be true: a human must look.</param>
internal readonly record struct Verdict(PayoutStatus? To, bool Contradicts);

/// <summary>
/// Which report may move a payout, and where to. Pure: the same question always gets the same answer. The table stands
/// in docs/machine.md, and a test compares the two cell by cell.
/// </summary>
internal static class PayoutMachine
{
    /// <param name="status">What we believe now.</param>
    /// <param name="report">What we were told.</param>
    /// <param name="answersOnlySend">The report is a reply to the only send that is still open. A refusal answered to a
    /// re-send proves nothing about the first send.</param>
    /// <param name="confirmed">An inquiry or an operator already confirmed the status.</param>
    public static Verdict Next(PayoutStatus status, Report report, bool answersOnlySend, bool confirmed)
    {
        var wasSent = status is not (Queued or Held or Canceled);
        if (report.Source is Source.Operator && wasSent)
        {
            return Believed(report.Kind);
        }

        var believed = answersOnlySend || report.Source is not Source.Reply;
        return (status, report.Kind) switch
        {
            (Queued or Held or Canceled, Acknowledged or Settled or Refused or Reversed) => Contradicting(Unconfirmed),

            (Submitting or Unconfirmed, Acknowledged) => To(Processing),
            (Submitting or Unconfirmed or Processing, Settled) => To(Succeeded),
            (Submitting or Unconfirmed or Processing or Succeeded, Reversed) => To(Returned),

            (Submitting or Unconfirmed, Refused) when believed => To(Failed),
            (Submitting or Unconfirmed, Postponed) when answersOnlySend => To(Held),
            (Submitting or Unconfirmed, NotSent) when answersOnlySend => To(Queued),
            (Submitting, Refused or Postponed or NotSent or Unclear)
                when report.Source is Source.Reply => To(Unconfirmed),

            // A reply that refuses what Pockyt already has answers a repeat, not the payout.
            (Processing, Refused) => report.Source is Source.Reply ? Contradiction : To(Failed),

            (Succeeded or Returned, Refused) => Overruling(Failed),
            (Failed, Settled) => Overruling(Succeeded),
            (Failed, Reversed) => Contradicting(Returned),

            // Nothing new. This arm is safe: it never moves money.
            _ => default,
        };

        // Only a question asked about a final status nobody has confirmed yet may turn it around.
        Verdict Overruling(PayoutStatus other) =>
            report.Source is Source.Inquiry && !confirmed ? Contradicting(other) : Contradiction;
    }

    /// <summary>The status that a report, believed without reserve, leaves a sent payout in.</summary>
    private static Verdict Believed(ReportKind kind) => kind switch
    {
        Settled => To(Succeeded),
        Refused => To(Failed),
        Reversed => To(Returned),
        _ => default,
    };

    private static Verdict Contradiction => new(null, Contradicts: true);

    private static Verdict To(PayoutStatus status) => new(status, Contradicts: false);

    private static Verdict Contradicting(PayoutStatus status) => new(status, Contradicts: true);
}
