using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Sending;

/// <summary>From when on the database goes on from where it was: at its first start, after a restore to an earlier
/// moment, after a failover that lost nothing. The last one is the present. Rows are only ever added.</summary>
internal sealed class DatabaseEpoch
{
    /// <summary>Counts them: the last one is the present, whatever the clocks said.</summary>
    public required long No { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>True when the database may have lost what was committed before it: then nothing is sent for the first
    /// time before Pockyt was asked about it.</summary>
    public required bool IsLossy { get; init; }

    /// <summary>The setting <c>Payouts:RestoreMarker</c> at that time.</summary>
    public required string Marker { get; init; }

    /// <summary>PostgreSQL's timeline: a new one begins when a server stops recovering and takes writes.</summary>
    public required string Timeline { get; init; }

    /// <summary>The event, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>True when a marker was that of an earlier time: then it is not a new restore but a replica that was not
    /// told of the last one.</summary>
    public static async Task<bool> IsOutdatedAsync(PayoutDb db, string marker)
    {
        var markers = await db.Restores.OrderBy(row => row.No).Select(row => row.Marker).ToListAsync();
        return markers.Contains(marker) && markers[^1] != marker;
    }

    /// <summary>The same in words.</summary>
    public static string Outdated(string marker) =>
        $"Payouts:RestoreMarker is {marker}, which the database had before it was restored: this replica sends nothing "
        + "until it has the present one, or, if the database was restored again, one that was never used.";
}
