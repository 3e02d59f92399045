using System.Collections.Concurrent;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>What happened to which messages, over many schedules: a proof says little about a place it never struck.
/// </summary>
internal sealed class Coverage
{
    private readonly ConcurrentDictionary<string, int> struck = new();
    private readonly ConcurrentDictionary<(string Message, int At), byte> cuts = new();
    private readonly ConcurrentDictionary<string, int> longest = new();

    /// <summary>Each kind of event and how often it happened.</summary>
    public IEnumerable<string> Lines => struck.OrderBy(place => place.Key, StringComparer.Ordinal)
        .Select(place => $"{place.Value,8}  {place.Key}");

    /// <summary>After how many different numbers of bytes the exchange with Pockyt was cut.</summary>
    public IEnumerable<string> Cuts => longest.OrderBy(message => message.Key, StringComparer.Ordinal).Select(
        message => $"{message.Key}: cut at {cuts.Keys.Count(cut => cut.Message == message.Key)} places "
            + $"of {message.Value} bytes");

    /// <summary>All that was ever sent to PostgreSQL and struck.</summary>
    public IEnumerable<string> RoundTrips => struck.Keys
        .Where(place => place.StartsWith($"{MessageKind.Query} ", StringComparison.Ordinal))
        .Select(place => place.Split(": ")[0]).Distinct().Order(StringComparer.Ordinal);

    /// <summary>How often something happened to a message.</summary>
    public int OfMessage(string message) => struck
        .Where(place => place.Key.StartsWith($"{message}: ", StringComparison.Ordinal)).Sum(place => place.Value);

    public int Of(string place) => struck.GetValueOrDefault(place);

    public void Count(InterceptedMessage hop, string what) =>
        struck.AddOrUpdate($"{hop.Kind} {hop.Label}: {what}", 1, (_, times) => times + 1);

    public void CountCut(InterceptedMessage hop)
    {
        if (hop.Cut is var (of, at, bytes))
        {
            var message = $"{hop.Label} {of}";
            cuts[(message, at)] = 0;
            longest.AddOrUpdate(message, bytes, (_, known) => Math.Max(known, bytes));
        }
    }
}
