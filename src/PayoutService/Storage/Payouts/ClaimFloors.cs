using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <summary>
/// Where claims begin to read. A row that was claimed stays in the index until VACUUM may remove it, which a long
/// transaction anywhere in the database prevents; a claim that began with the oldest entry would read all of those each
/// time. So most claims begin a little before the last row that was claimed. What is older, because it was committed
/// late or something stopped blocking it, is found by a full look, once in two hundred times what the last one took.
/// </summary>
internal sealed class ClaimFloors(TimeProvider clock)
{
    /// <summary>A row is committed this much later than it is due, as a rule.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>The longest time without a full look.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>A full look that takes no longer reads little in vain: the next claim is one too.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(4);

    private const int TimesAsLong = 200;

    private const string BeforeAll = "";

    /// <summary>After every code of three letters.</summary>
    private const string AfterAll = "ZZZZZ";

    private readonly Lock gate = new();
    private readonly Dictionary<(string Merchant, string Currency), DateTimeOffset> floors = [];
    private TimeSpan rest;
    private long lastFull;

    /// <summary>Where the next claim begins; empty: everywhere.</summary>
    public Floor[] Next()
    {
        lock (gate)
        {
            return clock.GetElapsedTime(lastFull) >= rest
                ? []
                : [.. floors.Select(floor => new Floor(floor.Key.Merchant, floor.Key.Currency, floor.Value))];
        }
    }

    /// <summary>Between the currencies of each merchant that have floors: there others are looked for, without reading
    /// what was claimed of those.</summary>
    public static Gap[] GapsOf(IEnumerable<Floor> floors) =>
    [
        .. from floor in floors
           group floor.Currency by floor.Merchant into currencies
           let sorted = currencies.Order(StringComparer.Ordinal).ToList()
           from gap in sorted.Prepend(BeforeAll).Zip(sorted.Append(AfterAll))
           select new Gap(currencies.Key, gap.First, gap.Second),
    ];

    /// <summary>Learns from a claim how far it came.</summary>
    /// <param name="wasFull">It began everywhere.</param>
    /// <param name="claimed">What was claimed. None of it was due before it was created, nor before its time.</param>
    /// <param name="took">The time that the statement took.</param>
    public void Learn(bool wasFull, IEnumerable<Payout> claimed, TimeSpan took)
    {
        lock (gate)
        {
            foreach (var payout in claimed)
            {
                var key = (payout.Merchant, payout.Currency);
                var since = (payout.ExecuteAt > payout.CreatedAt ? payout.ExecuteAt.Value : payout.CreatedAt) - Slack;
                if (since > floors.GetValueOrDefault(key))
                {
                    floors[key] = since;
                }
            }

            if (wasFull)
            {
                lastFull = clock.GetTimestamp();
                rest = took < Short ? TimeSpan.Zero : took * TimesAsLong < Longest ? took * TimesAsLong : Longest;
            }
        }
    }
}

/// <summary>Nothing of a merchant and a currency that is due before this is looked for.</summary>
internal readonly record struct Floor(string Merchant, string Currency, DateTimeOffset Since);

/// <summary>The currencies of a merchant after one and before another.</summary>
internal readonly record struct Gap(string Merchant, string After, string Before);
