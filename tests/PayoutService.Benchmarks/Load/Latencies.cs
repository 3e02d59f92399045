namespace PayoutService.Benchmarks.Load;

/// <summary>Counts times by their size, each within three percent, from many threads.</summary>
internal sealed class Latencies
{
    private const double LeastMs = 0.01;
    private const int Sizes = 800;

    private static readonly double Step = Math.Log(1.03);

    private readonly int[] counts = new int[Sizes];

    public long Count => counts.Sum(count => (long)count);

    public double MeanMs => Count == 0 ? double.NaN : counts.Select((count, at) => count * SizeOf(at)).Sum() / Count;

    public void Add(double milliseconds) => Interlocked.Increment(
        ref counts[Math.Clamp((int)(Math.Log(Math.Max(milliseconds, LeastMs) / LeastMs) / Step), 0, Sizes - 1)]);

    /// <summary>All that several counted.</summary>
    public static Latencies Of(IEnumerable<Latencies> parts)
    {
        var all = new Latencies();
        foreach (var part in parts)
        {
            for (var at = 0; at < Sizes; at++)
            {
                all.counts[at] += part.counts[at];
            }
        }

        return all;
    }

    /// <summary>The time that this share of all took at most; NaN of nothing.</summary>
    public double At(double share)
    {
        var left = share * Count;
        for (var at = 0; at < Sizes; at++)
        {
            left -= counts[at];
            if (left <= 0 && counts[at] > 0)
            {
                return SizeOf(at);
            }
        }

        return double.NaN;
    }

    private static double SizeOf(int at) => LeastMs * Math.Exp((at + 0.5) * Step);
}
