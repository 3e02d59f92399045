namespace PayoutService.Storage.Sending;

/// <summary>
/// A process that runs on this database. Every commit of it that decides on sending raises its beat, and while it is
/// idle one a second does. It remembers the last beat whose commit was acknowledged to it: when another server has
/// taken over, and that beat is there, then so is everything that was committed before.
/// </summary>
internal sealed class Replica
{
    public required Guid Id { get; init; }

    public required long Beat { get; init; }

    /// <summary>The database's time of the last beat.</summary>
    public required DateTimeOffset BeatAt { get; init; }

    /// <summary>The timeline on which this process last found its beat.</summary>
    public required string Timeline { get; init; }
}
