namespace PayoutService.Storage.Events;

/// <summary>A request to send an endpoint the events that it missed. It is worked in steps by the process that delivers
/// to the endpoint.</summary>
internal sealed class Recovery
{
    public required Guid Id { get; init; }

    public required Guid EndpointId { get; init; }

    /// <summary>Events of this time and later ones are sent.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Events of this time and later ones are not; null: all that the endpoint's cursor has passed.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The sequence after which it began.</summary>
    public required long First { get; init; }

    /// <summary>The sequence that was checked last.</summary>
    public required long Checked { get; set; }

    /// <summary>The sequence at which it ends: later events come by the endpoint's cursor.</summary>
    public required long Last { get; init; }

    /// <summary>The number of deliveries that it began.</summary>
    public int Scheduled { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which everything was checked; null: it is running.</summary>
    public DateTimeOffset? FinishedAt { get; set; }
}
