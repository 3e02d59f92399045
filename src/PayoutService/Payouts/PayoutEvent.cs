namespace PayoutService.Payouts;

/// <summary>One line of a payout's history, written in the transaction that changed the payout.</summary>
internal sealed class PayoutEvent
{
    public required Guid PayoutId { get; init; }

    /// <summary>The payout's version after the change.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The actor: an API key's name, a worker, or <c>pockyt</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The kind of event: accepted, claimed, claimedAgain, reported,
    /// confirmed, leaseEnded, released, canceled, cancelRequested, overruled, resolved, doubted, cleared or raised.
    /// </summary>
    public required string Kind { get; init; }

    public PayoutStatus? From { get; init; }

    public PayoutStatus? To { get; init; }

    public Dictionary<string, string> Detail { get; init; } = [];
}
