using System.Net;

namespace PayoutService.Storage.Events;

/// <summary>Rules of the feeds and webhooks. Section <c>Events</c> of the settings.</summary>
internal sealed class EventRules
{
    /// <summary>The shortest time for which events are kept: what was promised to subscribers.</summary>
    private static readonly TimeSpan LeastKept = TimeSpan.FromDays(90);

    /// <summary>The time for which an event stays in its feed, whether anybody reads it or not.</summary>
    public TimeSpan KeptFor { get; set; } = LeastKept;

    /// <summary>Secrets from which the secrets of webhook endpoints are derived. The first is shown to new ones; all of
    /// them sign, so that a key is changed by adding one in front.</summary>
    public string[] Keys { get; set; } = [];

    /// <summary>True to take webhook endpoints without TLS.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Private networks whose addresses webhook endpoints may have, such as 10.1.0.0/16. Link-local addresses
    /// are never among them.</summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>The time that a webhook endpoint has to answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The waits after the failed attempts of a delivery; the last repeats.</summary>
    public TimeSpan[] RetryDelays { get; set; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(10), TimeSpan.FromDays(1),
    ];

    /// <summary>The age at which a delivery is given up.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>An endpoint that answered no attempt for this time is disabled.</summary>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>The number of requests to one endpoint at once.</summary>
    public int AtOnce { get; set; } = 16;

    /// <summary>Problems of these settings: sentences that name the setting.</summary>
    public IEnumerable<string> Problems()
    {
        if (KeptFor < LeastKept)
        {
            yield return $"Events:KeptFor must be at least {LeastKept.TotalDays} days.";
        }

        foreach (var one in AllowedNetworks.Where(one => !IPNetwork.TryParse(one, out _)))
        {
            yield return $"Events:AllowedNetworks has {one}, which is no network such as 10.1.0.0/16.";
        }

        if (Timeout <= TimeSpan.Zero || AtOnce < 1 || RetryDelays.Length == 0
            || RetryDelays.Any(delay => delay <= TimeSpan.Zero))
        {
            yield return "Events:Timeout, AtOnce and RetryDelays must be more than zero.";
        }
    }
}
