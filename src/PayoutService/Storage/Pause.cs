using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage;

/// <summary>A merchant whose sending is paused: nothing of it is claimed until somebody resumes it.</summary>
internal sealed class Pause
{
    /// <summary>The actor of a pause that a restore of the database began.</summary>
    public const string ByRestore = "restore";

    public required string Merchant { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who paused it: an API key's name, <c>pockyt</c> when it denied access, or <c>restore</c>.</summary>
    public required string Actor { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Pauses a merchant that is not paused yet.</summary>
    public Task KeepAsync(PayoutDb db, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"""
        INSERT INTO pauses (merchant, reason, actor, since) VALUES ({Merchant}, {Reason}, {Actor}, {Since})
        ON CONFLICT ON CONSTRAINT one_pause_per_merchant DO NOTHING
        """, cancel);
}
