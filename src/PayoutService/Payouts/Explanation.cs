namespace PayoutService.Payouts;

/// <summary>A payout in sentences, for whoever asks where the money is.</summary>
/// <param name="Why">Why it is where it is.</param>
/// <param name="Next">What happens next.</param>
/// <param name="At">When, at the latest; null: nothing is left to do.</param>
/// <param name="ChangedBy">What would change it.</param>
internal sealed record Explanation(string Why, string Next, DateTimeOffset? At, string ChangedBy)
{
    private const string Ruling = "an operator's POST …/resolve";
    private const string News = "Pockyt's notice, its answer to our question";

    public static Explanation Of(Payout payout) =>
        new(WhyOf(payout), NextOf(payout), payout.DueAt, ChangedByOf(payout));

    private static string WhyOf(Payout payout)
    {
        var because = payout.Attention switch
        {
            null => "",
            Attention.Contradiction => " Two things we were told cannot both be true: the history shows them.",
            Attention.Mismatch => " We were told facts that differ from our row: the history shows them.",
            Attention.NotSeen => " Pockyt goes on saying that it does not know it.",
            Attention.Blocked => " Pockyt holds it back: Pockyt's portal may say why.",
            Attention.Slow => " It has been so for longer than it should be.",
            _ => " Pockyt denied the merchant access.",
        };
        return StatusOf(payout) + because;
    }

    private static string StatusOf(Payout payout) => payout.Status switch
    {
        PayoutStatus.Queued when payout.Sends > 0 => "It was claimed, nothing left us, and it will be sent again.",
        PayoutStatus.Queued => "It was accepted and is not sent yet.",
        PayoutStatus.Held => payout.HoldReason switch
        {
            HoldReason.Balance => "The merchant's balance at Pockyt did not cover it.",
            HoldReason.PayeeStatus => "The payee was not active at Pockyt when it was to be sent.",
            HoldReason.AccountStatus => "The account was not active at Pockyt when it was to be sent.",
            _ => "Pockyt denied the merchant access, and its sending is paused.",
        },
        PayoutStatus.Submitting => "A request is on its way to Pockyt, or was when a worker last reported.",
        PayoutStatus.Unconfirmed =>
            "A request may have reached Pockyt, and no answer told what became of it.",
        PayoutStatus.Processing => "Pockyt has it and has not told the outcome.",
        PayoutStatus.Canceled => "It was withdrawn before anything was sent.",
        _ => FinalOf(payout),
    };

    private static string FinalOf(Payout payout)
    {
        var told = payout.Status switch
        {
            PayoutStatus.Succeeded => "It was paid to the payee's account",
            PayoutStatus.Failed => "It was not paid, and the money was not taken",
            _ => "It was sent, and the money came back",
        };
        return payout.ConfirmedBy switch
        {
            null => $"{told}, as we were told once; nobody has confirmed it.",
            Source.Operator => $"{told}: an operator found that out.",
            _ => $"{told}, and Pockyt confirmed it when asked.",
        };
    }

    private static string NextOf(Payout payout) => payout.Status switch
    {
        PayoutStatus.Queued or PayoutStatus.Held when payout.IsDoubted =>
            "Pockyt is asked about it; it is not sent until an operator ends the doubt.",
        PayoutStatus.Queued => "It is sent when it is due, unless its merchant's sending is paused or an older payout "
            + "of the same currency waits for balance.",
        PayoutStatus.Held => "Pockyt is asked whether it has it, and what it waits for is looked at again; "
            + "once that is over, it is sent.",
        PayoutStatus.Submitting => "The answer is written down; without one, the lease ends and Pockyt is asked.",
        PayoutStatus.Unconfirmed when payout.ResendGrantedAt is not null =>
            "Pockyt is asked once more; should it still not have it, the same request is sent again.",
        PayoutStatus.Unconfirmed or PayoutStatus.Processing => "Pockyt is asked, ever more seldom, until it is known.",
        PayoutStatus.Canceled => "Nothing.",
        _ when payout.Overruling is not null =>
            "Pockyt is asked; what an operator says against it counts once a second person says the same.",
        _ when payout.DueAt is null => "Nothing, unless Pockyt sends a notice.",
        _ when payout.ConfirmedBy is null => "Pockyt is asked to confirm it.",
        _ => "Pockyt is asked now and then whether the money came back.",
    };

    private static string ChangedByOf(Payout payout) => payout.Status switch
    {
        PayoutStatus.Queued or PayoutStatus.Held when payout.IsDoubted => $"{News}, or {Ruling}.",
        PayoutStatus.Queued => "Sending it, or POST …/cancel.",
        PayoutStatus.Held => payout.HoldReason switch
        {
            HoldReason.Balance => "A balance that covers it and all before it, or POST …/cancel.",
            HoldReason.Access => "POST /v1/sending/resume once Pockyt grants access, or POST …/cancel.",
            _ => "The payee and the account being active at Pockyt, or POST …/cancel.",
        },
        PayoutStatus.Submitting => "Pockyt's answer, or the end of the lease.",
        PayoutStatus.Canceled => "Nothing: a new payout may name it in replaces.",
        _ when payout.Attention is not null || payout.Status is PayoutStatus.Unconfirmed =>
            $"{News}, or {Ruling}.",
        PayoutStatus.Succeeded => "The bank returning the money.",
        PayoutStatus.Failed or PayoutStatus.Returned when payout.ConfirmedBy is not null =>
            "Nothing: a new payout may name it in replaces.",
        _ => $"{News}.",
    };
}
