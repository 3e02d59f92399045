using PayoutService.Payouts;

namespace PayoutService.Storage.Events;

/// <summary>A committed line of history that is in no feed yet.</summary>
/// <param name="No">Its number, which both histories share.</param>
/// <param name="Merchant">Whose it is.</param>
/// <param name="Payout">The line, when it is a payout's.</param>
/// <param name="Before">The payout's line of the version before; null: there is none.</param>
/// <param name="Currency">The payout's currency.</param>
/// <param name="Other">The line, when it is of another history.</param>
internal sealed record HistoryLine(
    long No, string Merchant, PayoutEvent? Payout, PayoutEvent? Before, string? Currency, HistoryEntry? Other)
{
    /// <summary>True: the payout is the first of its merchant and currency that waits for the balance. False: it was
    /// the last.</summary>
    public bool? IsBalanceLow { get; init; }

    /// <summary>1 when the payout begins to wait for the balance, -1 when it waits no more.</summary>
    public int BalanceChange => Waits(Payout) - Waits(Before);

    private static int Waits(PayoutEvent? line) =>
        line is { To: PayoutStatus.Held, HoldReason: HoldReason.Balance } ? 1 : 0;
}
