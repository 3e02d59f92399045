using PayoutService.Storage.Events;

namespace PayoutService.Views.Events;

/// <summary>A webhook endpoint.</summary>
public sealed record WebhookEndpointView
{
    /// <example>whe_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>https://billing.example.com/webhooks/payouts</example>
    public required string Url { get; init; }

    /// <summary>The types that are sent; absent: all.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    public string? Description { get; init; }

    /// <summary>Whether events are sent to it. A disabled one is enabled by PATCH, and goes on where it stopped.
    /// </summary>
    public required EndpointStatus Status { get; init; }

    /// <summary>The time of the first attempt that failed since one succeeded; absent: the last one succeeded.
    /// </summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The number of events that happened and are not sent yet.</summary>
    /// <example>0</example>
    public long? Behind { get; init; }

    /// <summary>The secret by which you check signatures: shown when the endpoint is made and when the secret is
    /// rotated, and never again.</summary>
    /// <example>whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD</example>
    public string? Secret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change; the ETag.</summary>
    /// <example>1</example>
    public required int Version { get; init; }

    internal static WebhookEndpointView Of(
        WebhookEndpoint endpoint, string? secret = null, long? newest = null) => new()
        {
            Id = PublicId.Of(PublicId.Endpoint, endpoint.Id),
            Url = endpoint.Url,
            EventTypes = endpoint.EventTypes,
            Description = endpoint.Description,
            Status = endpoint.Status,
            FailingSince = endpoint.FailingSince,
            Behind = newest - endpoint.Cursor,
            Secret = secret,
            CreatedAt = endpoint.CreatedAt,
            UpdatedAt = endpoint.UpdatedAt,
            Version = endpoint.Version,
        };

    internal static string Link(WebhookEndpoint endpoint) =>
        $"/v1/webhook-endpoints/{PublicId.Of(PublicId.Endpoint, endpoint.Id)}";
}

/// <summary>What became of an event at an endpoint.</summary>
public sealed record DeliveryView
{
    /// <example>whd_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <summary>The place of the event in your feed.</summary>
    /// <example>42</example>
    public required long Sequence { get; init; }

    /// <example>payout.confirmed</example>
    public required string Type { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>The number of attempts.</summary>
    /// <example>1</example>
    public required int Attempts { get; init; }

    /// <summary>The time of the next attempt; absent when there is none, or it waits for an earlier event of the same
    /// object.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The last attempt.</summary>
    public AttemptView? LastAttempt { get; init; }

    internal static DeliveryView Of(Delivery delivery, DeliveryAttempt? last) => new()
    {
        Id = PublicId.Of(PublicId.Delivery, delivery.Id),
        Sequence = delivery.Sequence,
        Type = delivery.Type,
        Status = delivery.Status,
        Attempts = delivery.Attempts,
        NextAttemptAt = delivery.DueAt,
        LastAttempt = last is null ? null : new AttemptView
        {
            At = last.At,
            StatusCode = last.StatusCode,
            LatencyMs = last.LatencyMs,
            Error = last.Error,
            Answer = last.Answer,
        },
    };
}

/// <summary>One request to an endpoint, and its answer.</summary>
public sealed record AttemptView
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The status of the answer; absent: there was none.</summary>
    /// <example>503</example>
    public int? StatusCode { get; init; }

    /// <example>120</example>
    public required int LatencyMs { get; init; }

    /// <summary>Why it failed.</summary>
    /// <example>It answered 503.</example>
    public string? Error { get; init; }

    /// <summary>The beginning of the answer.</summary>
    public string? Answer { get; init; }
}

/// <summary>The outcome of a test of an endpoint.</summary>
public sealed record WebhookTestView
{
    /// <summary>True when the endpoint answered 2xx.</summary>
    public required bool Delivered { get; init; }

    /// <summary>The status of the answer; absent: there was none.</summary>
    /// <example>204</example>
    public int? StatusCode { get; init; }

    /// <example>12</example>
    public required int LatencyMs { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    internal static WebhookTestView Of(WebhookAnswer answer) => new()
    {
        Delivered = answer.IsSuccess,
        StatusCode = answer.StatusCode,
        LatencyMs = answer.LatencyMs,
        Error = answer.Error,
    };
}
