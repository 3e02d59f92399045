using PayoutService.Storage.Events;

namespace PayoutService.Views.Events;

/// <summary>Whether a recovery goes on.</summary>
public enum RecoveryStatus
{
    /// <summary>Events are checked and scheduled.</summary>
    Running,

    /// <summary>Every event that was missed is scheduled; deliveries that are pending are not sent yet.</summary>
    Finished,
}

/// <summary>The progress of a recovery: the events of its time are checked one after the other, and each that was not
/// delivered is scheduled.</summary>
public sealed record RecoveryView
{
    /// <example>whr_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    public required RecoveryStatus Status { get; init; }

    /// <summary>Events of this time and later ones are sent.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Events of this time and later ones are not; absent: none is too late.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The number of events of your feed to check.</summary>
    /// <example>1200</example>
    public required long Events { get; init; }

    /// <summary>The number of events that were checked.</summary>
    /// <example>1000</example>
    public required long Checked { get; init; }

    /// <summary>The number of events that were not delivered, and are sent now.</summary>
    /// <example>17</example>
    public required int Scheduled { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    internal static RecoveryView Of(Recovery recovery) => new()
    {
        Id = PublicId.Of(PublicId.Recovery, recovery.Id),
        Status = recovery.FinishedAt is null ? RecoveryStatus.Running : RecoveryStatus.Finished,
        Since = recovery.Since,
        Until = recovery.Until,
        Events = recovery.Last - recovery.First,
        Checked = recovery.Checked - recovery.First,
        Scheduled = recovery.Scheduled,
        CreatedAt = recovery.CreatedAt,
        FinishedAt = recovery.FinishedAt,
    };

    internal static string Link(Recovery recovery) =>
        $"/v1/webhook-endpoints/{PublicId.Of(PublicId.Endpoint, recovery.EndpointId)}/recoveries/"
        + PublicId.Of(PublicId.Recovery, recovery.Id);
}
