namespace PayoutService.Storage;

/// <summary>From when on the database goes on from where it was: at its first start, after a restore to an earlier
/// moment, after a failover that lost nothing. The last one is the present. Rows are only ever added.</summary>
internal sealed class Restore
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The setting <c>Payouts:RestoreMarker</c> at that time.</summary>
    public required string Marker { get; init; }

    /// <summary>PostgreSQL's timeline: a new one begins when a server stops recovering and takes writes.</summary>
    public required string Timeline { get; init; }

    /// <summary>What happened, in words.</summary>
    public required string Reason { get; init; }
}
