using PayoutService.Payouts;

namespace PayoutService.Storage.Events;

/// <summary>A committed line of history that is in no feed yet.</summary>
/// <param name="No">Its number, which both histories share.</param>
/// <param name="Merchant">Whose it is.</param>
/// <param name="Payout">The line, when it is a payout's.</param>
/// <param name="AttentionBefore">The payout's attention at the version before.</param>
/// <param name="ConfirmedBefore">Who had confirmed the version before.</param>
/// <param name="Other">The line, when it is of another history.</param>
internal sealed record HistoryLine(
    long No,
    string Merchant,
    PayoutEvent? Payout,
    Attention? AttentionBefore,
    Source? ConfirmedBefore,
    HistoryEntry? Other);
