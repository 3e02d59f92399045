using PayoutService.Payouts;

namespace PayoutService.UseCases;

/// <summary>What an operator can do to a payout.</summary>
public enum PayoutAct
{
    /// <summary>Have Pockyt asked about it now.</summary>
    Ask,

    /// <summary>Withdraw it.</summary>
    Cancel,

    /// <summary>Decide how it ended.</summary>
    Resolve,
}

/// <summary>Says which acts a payout allows now, in the words in which it refuses the others.</summary>
internal static class PayoutActs
{
    /// <summary>The rulings that a person may send, alone or as the first of two.</summary>
    public static IReadOnlyList<Ruling> RulingsOn(Payout payout, Actor actor, string owner) =>
    [
        .. Enum.GetValues<Ruling>().Where(ruling =>
            payout.RefusalOf(new OperatorDecision(ruling, actor, owner, "", "", Overrules: true)) is null),
    ];

    /// <summary>Why a payout does not allow an act now; null: it does.</summary>
    public static string? RefusalOf(Payout payout, PayoutAct act, Actor actor, string owner) => act switch
    {
        PayoutAct.Ask => payout.Status switch
        {
            PayoutStatus.Queued or PayoutStatus.Held => "Nothing was sent, so there is nothing to ask about.",
            PayoutStatus.Submitting => "A request is on its way: its answer comes first.",
            PayoutStatus.Canceled => "It was canceled before anything was sent.",
            _ => null,
        },
        PayoutAct.Cancel => payout.Status switch
        {
            PayoutStatus.Queued or PayoutStatus.Held => null,
            PayoutStatus.Unconfirmed when payout is { IsOnlyPerhapsLost: true, CancelRequestedBy: null } => null,
            PayoutStatus.Canceled => "It is canceled already.",
            PayoutStatus.Submitting => "A request is on its way to Pockyt.",
            _ => "It was sent, or may have been: nobody can call money back.",
        },
        _ when RulingsOn(payout, actor, owner).Count > 0 => null,
        _ => payout.Status switch
        {
            PayoutStatus.Queued or PayoutStatus.Held => "Nothing was sent, so there is nothing to decide.",
            PayoutStatus.Submitting => "A request is on its way: nobody can know what becomes of it.",
            PayoutStatus.Canceled => "It was canceled before anything was sent.",
            _ => "A second person must send the same decision.",
        },
    };
}
