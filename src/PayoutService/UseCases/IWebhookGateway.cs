using PayoutService.Storage.Events;

namespace PayoutService.UseCases;

/// <summary>The way to subscribers.</summary>
internal interface IWebhookGateway
{
    /// <summary>The secret of an endpoint, by which its owner checks what arrives.</summary>
    string SecretOf(WebhookEndpoint endpoint);

    /// <summary>The reason why nothing would be posted to an address, in words that follow its name; null: there is
    /// none.</summary>
    string? Problem(string url);

    /// <summary>Posts an event to an endpoint that says nothing but that it arrived.</summary>
    Task<WebhookAnswer> TestAsync(WebhookEndpoint endpoint, CancellationToken cancel);
}
