namespace PayoutService.Benchmarks.Measures;

/// <summary>How long and how much is measured.</summary>
internal sealed record Scale
{
    public static readonly Scale Full = new()
    {
        Rounds = 5,
        Round = TimeSpan.FromSeconds(4),
        WarmUp = TimeSpan.FromSeconds(4),
        Payees = 1000,
        Dispatched = 80_000,
        Backlog = 50_000,
        Lives = 1000,
        Starts = 5,
        Minutes = 10,
        Grown = 10_000_000,
        Undelivered = 1_000_000,
        Judged = 300_000,
        Queued = 1_000_000,
    };

    /// <summary>Shows that everything works; its numbers say little.</summary>
    public static readonly Scale Quick = new()
    {
        Rounds = 2,
        Round = TimeSpan.FromSeconds(2),
        WarmUp = TimeSpan.FromSeconds(1),
        Payees = 100,
        Dispatched = 1000,
        Backlog = 5000,
        Lives = 100,
        Starts = 2,
        Minutes = 0.5,
        Grown = 100_000,
        Undelivered = 10_000,
        Judged = 60_000,
        Queued = 100_000,
    };

    public required int Rounds { get; init; }

    /// <summary>The time that one contender runs in one round.</summary>
    public required TimeSpan Round { get; init; }

    /// <summary>The time that each contender runs before the first round; code is compiled again while it
    /// runs.</summary>
    public required TimeSpan WarmUp { get; init; }

    public required int Payees { get; init; }

    /// <summary>The number of payouts that are sent to the simulator at most; the notices are about these.</summary>
    public required int Dispatched { get; init; }

    /// <summary>The number of payouts that wait while claims are measured.</summary>
    public required int Backlog { get; init; }

    /// <summary>The number of payouts that are followed from POST to confirmed.</summary>
    public required int Lives { get; init; }

    public required int Starts { get; init; }

    /// <summary>The time that memory is watched, a transaction is held, or too much is asked; sending is sustained for
    /// half of it.</summary>
    public required double Minutes { get; init; }

    /// <summary>The number of events that no subscriber has when accepting is measured beside them.</summary>
    public required int Undelivered { get; init; }

    /// <summary>The number of payees that get a payout each while rules are judged; a round never comes to the end of
    /// them.</summary>
    public required int Judged { get; init; }

    /// <summary>The number of payouts that wait of a merchant who has many, and while a transaction is held.</summary>
    public required int Queued { get; init; }

    /// <summary>True when each long measure has a fault planted, which it must catch.</summary>
    public bool IsPlanted { get; init; }

    /// <summary>The number of payouts a table has that has grown.</summary>
    public required int Grown { get; init; }
}
