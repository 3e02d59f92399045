using System.Collections.Concurrent;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>What happened to which messages, over many schedules: a proof says little about a place it never struck.</summary>
internal sealed class Coverage
{
    private readonly ConcurrentDictionary<string, int> struck = new();

    public void Count(Hop hop, string what) => struck.AddOrUpdate($"{hop.Kind} {hop.Label}: {what}", 1, (_, n) => n + 1);

    public int Of(string place) => struck.GetValueOrDefault(place);

    public IEnumerable<string> Lines => struck.OrderBy(place => place.Key, StringComparer.Ordinal)
        .Select(place => $"{place.Value,8}  {place.Key}");
}
