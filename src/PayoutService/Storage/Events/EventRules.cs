namespace PayoutService.Storage.Events;

/// <summary>Rules of the feeds. Section <c>Events</c> of the settings.</summary>
internal sealed class EventRules
{
    /// <summary>The shortest time for which events are kept: what was promised to subscribers.</summary>
    public static readonly TimeSpan LeastKept = TimeSpan.FromDays(90);

    /// <summary>The time for which an event stays in its feed, whether anybody reads it or not.</summary>
    public TimeSpan KeptFor { get; set; } = LeastKept;

    /// <summary>Problems of these settings: sentences that name the setting.</summary>
    public IEnumerable<string> Problems() => KeptFor >= LeastKept ? []
        : [$"Events:KeptFor must be at least {LeastKept.TotalDays} days."];
}
