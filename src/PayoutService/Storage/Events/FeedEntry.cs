namespace PayoutService.Storage.Events;

/// <summary>
/// One event of a merchant's feed: which line of history it tells, and its place in the one order. The line itself
/// holds what is told, so an event is the same whenever it is read.
/// </summary>
internal sealed class FeedEntry
{
    public required string Merchant { get; init; }

    /// <summary>Its place in the merchant's feed: 1, 2, 3 …</summary>
    public required long Sequence { get; init; }

    /// <summary>The line's number, by which it is found in <c>payout_events</c> or <c>history</c>.</summary>
    public required long LineNo { get; init; }

    /// <summary>Which of the line's events it is, from 0.</summary>
    public required short Part { get; init; }

    public required string Type { get; init; }
}

/// <summary>How far a merchant's feed goes.</summary>
internal sealed class Feed
{
    public required string Merchant { get; init; }

    /// <summary>The sequence of the newest event.</summary>
    public long Newest { get; set; }

    /// <summary>The sequence of the oldest event that is kept.</summary>
    public long Oldest { get; set; } = 1;
}

/// <summary>The payouts of a merchant and currency that wait for the balance, as far as its feed goes.</summary>
internal sealed class FeedBalance
{
    public required string Merchant { get; init; }

    public required string Currency { get; init; }

    public int Waiting { get; set; }
}

/// <summary>How far the lines of history are told: one row.</summary>
internal sealed class FeedProgress
{
    public int Id { get; init; } = 1;

    /// <summary>Every line up to this number is in a feed, or in a gap.</summary>
    public long LineNo { get; set; }

    /// <summary>Every line of a payout up to this number is counted, or in a gap. It is below <see cref="LineNo"/>
    /// until what was there before is counted too.</summary>
    public long CountedNo { get; set; }
}

/// <summary>Numbers of lines that were not there when later ones were: their transactions are not committed yet, or
/// never will be.</summary>
internal sealed class FeedGap
{
    public required long First { get; init; }

    public required long Last { get; init; }

    /// <summary>A transaction that began after the gap was found. When all before it have ended and the lines are
    /// still not there, they never will be.</summary>
    public required long Until { get; init; }
}
