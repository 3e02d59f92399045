using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.Api;

/// <summary>Why sending is to stop.</summary>
public sealed record PauseSending
{
    /// <summary>Read by whoever wonders why nothing is sent.</summary>
    /// <example>The balance is being moved to another store.</example>
    [PlainText(200)]
    public required string Reason { get; init; }
}

/// <summary>How sending goes on.</summary>
public sealed record ResumeSending
{
    /// <summary>true: you know that a restore of the database lost nothing of this merchant. What was marked as
    /// possibly sent is then sent without asking Pockyt first.</summary>
    public bool NothingLost { get; init; }

    /// <summary>How you know that nothing was lost; required with nothingLost. Kept in the history.</summary>
    [PlainText(500)]
    public string? Reason { get; init; }
}

/// <summary>Whether a merchant's payouts are sent.</summary>
public sealed record SendingView
{
    /// <summary>Nothing is sent until somebody resumes it.</summary>
    public required bool Paused { get; init; }

    /// <example>000030: access denied</example>
    public string? Reason { get; init; }

    /// <summary>Who paused it: an API key's name, or pockyt when it denied access.</summary>
    public string? Actor { get; init; }

    public DateTimeOffset? Since { get; init; }

    internal static SendingView Of(Pause? pause) => new()
    {
        Paused = pause is not null,
        Reason = pause?.Reason,
        Actor = pause?.Actor,
        Since = pause?.Since,
    };
}

/// <summary>What a merchant has at Pockyt.</summary>
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
