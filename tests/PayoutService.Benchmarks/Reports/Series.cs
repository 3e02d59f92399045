using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Reports;

/// <summary>One run of one contender in one round.</summary>
internal sealed record Sample(double Rate, double P50, double P99, Usage Usage)
{
    public static Sample Of(LoadResult load, Usage usage) =>
        new(load.Rate, At(load.Latencies, 0.50), At(load.Latencies, 0.99), usage);

    private static double At(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}

/// <summary>A middle, and between what it lay.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>For example <c>1,234/s (1,180 to 1,260)</c>; nothing when nothing was measured.</summary>
    public string Text(string format = "N0", string unit = "/s")
    {
        return double.IsNaN(Median) ? "" : $"{Of(Median)}{unit} ({Of(Least)} to {Of(Most)})";

        string Of(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}

/// <summary>A contender over all rounds.</summary>
/// <param name="what">What was measured.</param>
/// <param name="who">Who ran.</param>
internal sealed class Series(string what, string who)
{
    public string What => what;

    public string Who => who;

    public List<Sample> Samples { get; } = [];

    public Spread Rate => Spread.Of(Samples.Select(sample => sample.Rate));

    public Spread P50 => Spread.Of(Samples.Select(sample => sample.P50));

    public Spread P99 => Spread.Of(Samples.Select(sample => sample.P99));

    public double PeakMib => Samples.Max(sample => sample.Usage.PeakMib);

    public double Cores(string part) => Spread.Of(Samples.Select(sample => sample.Usage.Of(part))).Median;

    /// <summary>Round by round, so that whatever slowed down a whole round cancels out.</summary>
    public Spread RateOver(Series other) =>
        Spread.Of(Samples.Zip(other.Samples, (mine, theirs) => mine.Rate / theirs.Rate));
}
