namespace PayoutService.Storage.Calls;

/// <summary>What came of a call to Pockyt.</summary>
public enum CallOutcome
{
    /// <summary>Pockyt answered in its own words.</summary>
    Answered,

    /// <summary>Provably nothing of the request left us.</summary>
    NotSent,

    /// <summary>It may have arrived, and no answer said anything we can rely on.</summary>
    Unclear,
}

/// <summary>One call to Pockyt, for people who look into a payout: nothing is decided by it. Neither bodies nor values
/// of them are kept.</summary>
internal sealed class ProviderCall
{
    /// <summary>Begins with the millisecond of <see cref="At"/>.</summary>
    public required Guid Id { get; init; }

    public required string Merchant { get; init; }

    /// <summary>The payout that it was about; null: it was about none.</summary>
    public Guid? PayoutId { get; init; }

    /// <summary>Pockyt-Request-ID; null: the call had none.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>The path of the call.</summary>
    public required string Operation { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required int LatencyMs { get; init; }

    public required CallOutcome Outcome { get; init; }

    /// <summary>Pockyt's ret_code, or why there was none.</summary>
    public required string Result { get; init; }
}
