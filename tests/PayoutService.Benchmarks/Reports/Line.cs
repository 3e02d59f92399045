namespace PayoutService.Benchmarks.Reports;

/// <summary>A line of the table. <paramref name="Met"/> is null where nothing was demanded.</summary>
internal sealed record Line(
    string What, string Measured, string Against, string Ratio, string MustReach, bool? Met)
{
    /// <summary>A rate against another that was measured in the same rounds.</summary>
    public static Line Faster(string what, Series measured, Series against, double times)
    {
        var ratio = measured.RateOver(against);
        return new Line(
            what,
            Shown(measured),
            $"{against.Who}: {Shown(against)}",
            ratio.Text("F2", ""),
            $"{times:0.##} x",
            ratio.Median >= times);
    }

    public static Line Told(string what, string measured, string against = "", string ratio = "") =>
        new(what, measured, against, ratio, "reported", null);

    private static string Shown(Series series) => double.IsNaN(series.P50.Median)
        ? series.Rate.Text()
        : $"{series.Rate.Text()}, p50 {series.P50.Median:N1} ms, p99 {series.P99.Median:N1} ms";
}
