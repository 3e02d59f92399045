using PayoutService.Payouts;

namespace PayoutService.Storage.Events;

/// <summary>What never changes of a payout, for a line of its history.</summary>
/// <param name="Merchant">Whose it is.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="AmountMinor">Its amount, in the smallest unit of the currency.</param>
/// <param name="Rail">The type of the account that it pays to.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="ExecuteAt">When it is to be sent; null: at once.</param>
internal sealed record PayoutOfLine(
    string Merchant,
    string Currency,
    long AmountMinor,
    string Rail,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExecuteAt)
{
    public DateTimeOffset ToBeSentAt => ExecuteAt > CreatedAt ? ExecuteAt.Value : CreatedAt;
}

/// <summary>A committed line of history that is in no feed yet.</summary>
/// <param name="No">Its number, which both histories share.</param>
/// <param name="Merchant">Whose it is.</param>
/// <param name="Payout">The line, when it is a payout's.</param>
/// <param name="Before">The payout's line of the version before; null: there is none.</param>
/// <param name="Of">What never changes of the payout.</param>
/// <param name="Other">The line, when it is of another history.</param>
internal sealed record HistoryLine(
    long No, string Merchant, PayoutEvent? Payout, PayoutEvent? Before, PayoutOfLine? Of, HistoryEntry? Other)
{
    /// <summary>True: the payout is the first of its merchant and currency that waits for the balance. False: it was
    /// the last.</summary>
    public bool? IsBalanceLow { get; init; }

    /// <summary>1 when the payout begins to wait for the balance, -1 when it waits no more.</summary>
    public int BalanceChange => Waits(Payout) - Waits(Before);

    private static int Waits(PayoutEvent? line) =>
        line is { To: PayoutStatus.Held, HoldReason: HoldReason.Balance } ? 1 : 0;
}
