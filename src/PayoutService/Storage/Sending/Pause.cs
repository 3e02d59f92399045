using PayoutService.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>A merchant whose sending is paused: nothing of it is claimed until somebody resumes it.</summary>
internal sealed class Pause
{
    public required string Merchant { get; init; }

    /// <summary>The kind: a merchant has at most one pause of each.</summary>
    public required PauseKind Kind { get; init; }

    public required string Reason { get; init; }

    public required Actor Actor { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The payout whose answer made Pockyt's pause.</summary>
    public Guid? CausedBy { get; init; }
}

/// <summary>A pause of a merchant's sending.</summary>
public enum PauseKind
{
    /// <summary>An operator, through the API.</summary>
    Operator,

    /// <summary>Pockyt denied the merchant access.</summary>
    Pockyt,

    /// <summary>The database may have lost something.</summary>
    Restore,
}
