using PayoutService.Payouts;
using PayoutService.Storage.Holds;

namespace PayoutService.UseCases;

/// <summary>What a person can do to a payout that rules hold.</summary>
public enum HoldAct
{
    /// <summary>End the holds that one person may end.</summary>
    Release,

    /// <summary>Approve it as a second person.</summary>
    Approve,

    /// <summary>Refuse to approve it.</summary>
    Reject,
}

/// <summary>Says which of these acts a payout allows now.</summary>
internal static class HoldActs
{
    /// <summary>Why a payout does not allow an act now; null: it does, as far as the payout says.</summary>
    /// <param name="payout">The payout.</param>
    /// <param name="approval">The request for its approval; null: there was none.</param>
    /// <param name="act">The act.</param>
    /// <param name="owner">The person who acts.</param>
    public static string? RefusalOf(Payout payout, Approval? approval, HoldAct act, string owner) => act switch
    {
        HoldAct.Release => payout.Findings is null || payout.Status is not PayoutStatus.Held ? "No rule holds it."
            : payout.HasReleasableHold ? null
            : "What holds it does not end by one person.",
        _ when !payout.AwaitsApproval => "It does not wait for approval.",
        _ when payout.HoldReason is not HoldReason.Approval => "Another hold comes first.",
        HoldAct.Approve when approval?.RequestedOwner.Equals(owner, StringComparison.OrdinalIgnoreCase) is true =>
            "You asked for this: somebody else must approve it.",
        HoldAct.Approve when approval?.FirstOwner?.Equals(owner, StringComparison.OrdinalIgnoreCase) is true =>
            "You have approved it: it needs another person too.",
        _ => null,
    };
}
