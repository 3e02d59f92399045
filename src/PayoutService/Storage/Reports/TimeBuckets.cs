namespace PayoutService.Storage.Reports;

/// <summary>Lengths of time, counted in buckets of which each reaches a fifth further than the one before. A quantile
/// is given as the end of its bucket, so it is never too short, and too long by a fifth at most.</summary>
internal static class TimeBuckets
{
    /// <summary>Four buckets double the time.</summary>
    private const double PerDoubling = 4;

    /// <summary>The bucket of a time; bucket 0 ends at a second.</summary>
    /// <param name="time">The time.</param>
    /// <param name="least">Shorter times count as this.</param>
    public static short Of(TimeSpan time, TimeSpan least) => (short)Math.Ceiling(
        (PerDoubling * Math.Log2(Math.Max(time.TotalSeconds, least.TotalSeconds))) - 1e-9);

    /// <summary>The end of a bucket.</summary>
    public static TimeSpan EndOf(int bucket) => TimeSpan.FromSeconds(Math.Pow(2, bucket / PerDoubling));

    /// <summary>The time within which a share of all ended.</summary>
    /// <param name="counts">How many of each bucket.</param>
    /// <param name="share">0.95: of twenty, nineteen.</param>
    /// <returns>Null: there are none.</returns>
    public static TimeSpan? Within(IEnumerable<(int Bucket, long Count)> counts, double share)
    {
        var all = counts.OrderBy(one => one.Bucket).ToList();
        var left = (long)Math.Ceiling(all.Sum(one => one.Count) * share);
        foreach (var (bucket, count) in all)
        {
            left -= count;
            if (left <= 0 && count > 0)
            {
                return EndOf(bucket);
            }
        }

        return null;
    }
}
