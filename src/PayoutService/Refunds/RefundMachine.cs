using static PayoutService.Refunds.RefundReportKind;
using static PayoutService.Refunds.RefundStatus;

namespace PayoutService.Refunds;

/// <summary>The effect of a report on a refund.</summary>
/// <param name="To">The status it moves to; null: it stays.</param>
/// <param name="IsMismatch">The report and what we know cannot both be true: an operator must look.</param>
/// <param name="IsRemoved">It was certainly not executed: the row is deleted and its reference is free again.</param>
internal readonly record struct RefundVerdict(RefundStatus? To, bool IsMismatch = false, bool IsRemoved = false);

/// <summary>The state machine of a refund. Pure; its table stands in docs/machine.md, and a test compares the two cell
/// by cell.</summary>
internal static class RefundMachine
{
    public static RefundVerdict Next(RefundStatus status, RefundReportKind report) => (status, report) switch
    {
        (Submitting or Unconfirmed or Processing, Settled) => To(Succeeded),
        (Submitting or Unconfirmed or Processing, Declined) => To(Failed),
        (Unconfirmed or Submitting, Acknowledged) => To(Processing),
        (Submitting, Unclear) => To(Unconfirmed),

        // A refund is sent once, so this answers the only request there was: nothing of it can still arrive.
        (Submitting or Unconfirmed, Refused or NotSent) => new(null, IsRemoved: true),

        (Failed, Settled) or (Succeeded, Declined)
            or (_, Refused or NotSent) => new(null, IsMismatch: true),

        _ => default,
    };

    private static RefundVerdict To(RefundStatus status) => new(status);
}
