using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Views;

/// <summary>The state of a merchant's sending.</summary>
public sealed record SendingView
{
    /// <summary>Nothing is sent until somebody resumes it.</summary>
    public required bool Paused { get; init; }

    /// <summary>Why, of the pause that is hardest to end.</summary>
    /// <example>000030: access denied</example>
    public string? Reason { get; init; }

    /// <summary>The actor that paused it: an API key's name, pockyt when it denied access, or restore.</summary>
    public string? Actor { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Every pause there is.</summary>
    public required IReadOnlyList<PauseView> Pauses { get; init; }

    /// <summary>The address to register in Pockyt's portal for notifications of deposits, so that what waits for the
    /// balance is sent at once. Only for a key of the scope ops, because a notification to the right address is acted
    /// on.</summary>
    /// <example>null</example>
    public string? DepositNotifications { get; init; }

    /// <summary>The pauses that resuming ended; only in the answer to that.</summary>
    public IReadOnlyList<PauseView>? Ended { get; init; }

    internal static SendingView Of(IReadOnlyList<Pause> pauses)
    {
        var hardest = pauses is [var first, ..] ? first : null;
        return new()
        {
            Paused = hardest is not null,
            Reason = hardest?.Reason,
            Actor = hardest?.Actor.Name,
            Since = hardest?.Since,
            Pauses = [.. pauses.Select(PauseView.Of)],
        };
    }
}

/// <summary>The pauses of a merchant's sending.</summary>
public sealed record PauseView
{
    /// <summary>The kind of pause. There is at most one of each.</summary>
    public required PauseKind Kind { get; init; }

    /// <example>000030: access denied</example>
    public required string Reason { get; init; }

    /// <summary>The actor that paused it: an API key's name, pockyt, or restore.</summary>
    /// <example>pockyt</example>
    public required string Actor { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The payout whose answer made Pockyt's pause.</summary>
    /// <example>/v1/payouts/po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public string? CausedBy { get; init; }

    internal static PauseView Of(Pause pause) => new()
    {
        Kind = pause.Kind,
        Reason = pause.Reason,
        Actor = pause.Actor.Name,
        Since = pause.Since,
        CausedBy = pause.CausedBy is { } payout ? PayoutView.Link(payout) : null,
    };
}

/// <summary>A merchant's balance at Pockyt.</summary>
public sealed record BalanceView
{
    /// <example>499000.00</example>
    public required string Amount { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    internal static BalanceView Of(Money balance) => new()
    {
        Amount = balance.ToString(),
        Currency = balance.Currency,
    };
}
