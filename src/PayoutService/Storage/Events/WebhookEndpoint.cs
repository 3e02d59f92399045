namespace PayoutService.Storage.Events;

/// <summary>Whether events are sent to a webhook endpoint.</summary>
public enum EndpointStatus
{
    /// <summary>Events are sent to it.</summary>
    Enabled,

    /// <summary>Nothing is sent to it: its owner switched it off, it answered 410, or it failed for days.</summary>
    Disabled,
}

/// <summary>An address of a subscriber to which a merchant's events are posted.</summary>
internal sealed class WebhookEndpoint
{
    public required Guid Id { get; init; }

    public required string Merchant { get; init; }

    /// <summary>The natural key within the merchant.</summary>
    public required string Url { get; init; }

    /// <summary>The types that are sent; null: all.</summary>
    public string[]? EventTypes { get; set; }

    public string? Description { get; set; }

    public EndpointStatus Status { get; set; }

    /// <summary>The secret is derived from the id and this number: a rotation raises it.</summary>
    public int Generation { get; set; } = 1;

    /// <summary>The time of the last rotation: the secret before it signs too for a day.</summary>
    public DateTimeOffset? RotatedAt { get; set; }

    /// <summary>Every event up to this sequence was delivered, or has a delivery that is tried again. It moves after
    /// the answers, so what a process that dies was sending is sent again.</summary>
    public long Cursor { get; set; }

    /// <summary>The time of the first attempt after the last one that succeeded; null: the last one did.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>The process that delivers to it now.</summary>
    public Guid? LeasedBy { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    public int Version { get; set; } = 1;
}

/// <summary>What became of an event at an endpoint.</summary>
public enum DeliveryStatus
{
    /// <summary>It is tried again, or waits for an earlier event of the same object.</summary>
    Pending,

    /// <summary>The endpoint answered 2xx.</summary>
    Delivered,

    /// <summary>It was tried for 30 days.</summary>
    Exhausted,
}

/// <summary>An event that was sent to an endpoint at least once, or waits behind one that failed.</summary>
internal sealed class Delivery
{
    public required Guid Id { get; init; }

    public required Guid EndpointId { get; init; }

    /// <summary>The place of the event in the merchant's feed.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the event is about: later events of the same object wait for it.</summary>
    public required Guid ObjectId { get; init; }

    public required string Type { get; init; }

    public DeliveryStatus Status { get; set; }

    /// <summary>The number of attempts.</summary>
    public int Attempts { get; set; }

    /// <summary>The number of attempts that failed since it was made or asked for again: the next wait follows from it.
    /// </summary>
    public int Failures { get; set; }

    /// <summary>The time of the next attempt; null: there is none.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which somebody last asked for it again, by a resend or a recovery.</summary>
    public DateTimeOffset? AskedAgainAt { get; set; }

    public static Delivery Of(WebhookEndpoint endpoint, FeedEvent told, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        EndpointId = endpoint.Id,
        Sequence = told.Entry.Sequence,
        ObjectId = told.ObjectId,
        Type = told.Entry.Type,
        DueAt = now,
        CreatedAt = now,
    };
}

/// <summary>One request to an endpoint, and its answer.</summary>
internal sealed class DeliveryAttempt
{
    public required Guid DeliveryId { get; init; }

    /// <summary>1, 2, 3 …</summary>
    public required int No { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int LatencyMs { get; init; }

    /// <summary>The status of the answer; null: there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Why it failed, in a sentence.</summary>
    public string? Error { get; init; }

    /// <summary>The beginning of the answer's body: 4 KiB at most.</summary>
    public string? Answer { get; init; }
}
