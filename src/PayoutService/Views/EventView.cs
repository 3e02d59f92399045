using PayoutService.Payouts;

namespace PayoutService.Views;

/// <summary>One line of a payout's history.</summary>
public sealed record EventView
{
    /// <summary>The payout's version after it.</summary>
    /// <example>3</example>
    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The actor: an API key's name, a worker, pockyt, or operator.</summary>
    /// <example>pockyt</example>
    public required string Actor { get; init; }

    /// <summary>The kind of the change.</summary>
    public required EventKind Kind { get; init; }

    public PayoutStatus? From { get; init; }

    public PayoutStatus? To { get; init; }

    /// <summary>The report, and its source.</summary>
    public required IReadOnlyDictionary<string, string> Detail { get; init; }

    internal static EventView Of(PayoutEvent happened) => new()
    {
        Version = happened.Version,
        At = happened.At,
        Actor = happened.Actor.Name,
        Kind = happened.Kind,
        From = happened.From,
        To = happened.To,
        Detail = happened.Detail,
    };
}
