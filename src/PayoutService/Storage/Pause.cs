namespace PayoutService.Storage;

/// <summary>A merchant whose sending is paused: nothing of it is claimed until somebody resumes it.</summary>
internal sealed class Pause
{
    public required string Merchant { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who paused it: an API key's name, or <c>pockyt</c> when it denied access.</summary>
    public required string Actor { get; init; }

    public required DateTimeOffset Since { get; init; }
}
