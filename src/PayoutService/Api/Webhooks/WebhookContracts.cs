using System.ComponentModel.DataAnnotations;
using PayoutService.Api.Validation;
using PayoutService.Storage.Events;

namespace PayoutService.Api.Webhooks;

/// <summary>A webhook endpoint to be made.</summary>
public sealed record CreateWebhookEndpointRequest
{
    /// <summary>Where events are posted to; the key of the endpoint.</summary>
    /// <example>https://billing.example.com/webhooks/payouts</example>
    [MaxLength(2048, ErrorMessage = "must have at most 2048 characters")]
    public required string Url { get; init; }

    /// <summary>The types that are sent; absent: all.</summary>
    [MaxLength(100, ErrorMessage = "must have at most 100 types")]
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <example>Billing</example>
    [OwnText(200)]
    public string? Description { get; init; }
}

/// <summary>The time whose missed events are sent.</summary>
public sealed record RecoverRequest
{
    /// <summary>Events of this time and later ones.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>No events of this time or later ones; absent: all that were sent or tried so far.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A change of a webhook endpoint; members that are left out stay as they are.</summary>
public sealed record ChangeWebhookEndpointRequest
{
    /// <summary>The types that are sent; an empty list: all.</summary>
    [MaxLength(100, ErrorMessage = "must have at most 100 types")]
    public IReadOnlyList<string>? EventTypes { get; init; }

    [OwnText(200)]
    public string? Description { get; init; }

    /// <summary>disabled: nothing is sent. enabled: it goes on where it stopped.</summary>
    public EndpointStatus? Status { get; init; }
}
