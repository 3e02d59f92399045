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
}
