using System.Security.Cryptography;
using System.Text;
using PayoutService.Storage.Events;

namespace PayoutService.Events;

/// <summary>The secrets by which endpoints know that an event is ours. They are derived, so none is stored.</summary>
internal sealed class WebhookSecrets(EventRules rules, TimeProvider clock)
{
    /// <summary>The time for which a secret that was rotated away signs too.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>The secret of an endpoint, as its owner is shown it.</summary>
    public string Of(WebhookEndpoint endpoint) => Of(rules.Keys[0], endpoint.Id, endpoint.Generation);

    /// <summary>The secrets that sign an event now, newest first.</summary>
    public IEnumerable<string> SigningOf(WebhookEndpoint endpoint)
    {
        var isRotating = endpoint.RotatedAt is { } at && clock.GetUtcNow() - at < Overlap;
        int[] generations = isRotating ? [endpoint.Generation, endpoint.Generation - 1] : [endpoint.Generation];
        return rules.Keys.SelectMany(key => generations.Select(generation => Of(key, endpoint.Id, generation)));
    }

    private static string Of(string key, Guid id, int generation) => "whsec_" + Convert.ToBase64String(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"webhook|{id}|{generation}")));
}
