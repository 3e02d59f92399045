using PayoutService.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>An operator's statement that a restore lost nothing of a merchant: its payouts are sent again without a
/// question.</summary>
internal sealed class RestoreClearance
{
    public required long RestoreNo { get; init; }

    public required string Merchant { get; init; }

    public required Actor Actor { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset At { get; init; }
}
