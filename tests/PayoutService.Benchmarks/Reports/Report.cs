using System.Globalization;
using System.Text;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Reports;

/// <summary>A run as people read it.</summary>
internal sealed record Report(string Title, Origin Origin, Findings Findings)
{
    private static readonly string[] Parts = ["measured", "PostgreSQL", "simulator", "driver", Usage.Others];

    /// <summary>Head and table, as printed.</summary>
    public string Head()
    {
        var text = new StringBuilder();
        Append(text, $"# {Title}");
        Append(text, $"{Origin.Date:yyyy-MM-dd HH:mm} UTC, commit {Origin.Commit}. {Origin.Machine}.");
        if (Origin.Disturbance is { } disturbance)
        {
            Append(text, $"**{disturbance}**");
        }

        text.AppendLine("| what | measured | against | ratio | must reach | met |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var line in Findings.Lines)
        {
            var met = line.Met switch { true => "yes", false => "**no**", null => "–" };
            text.AppendLine(
                $"| {line.What} | {line.Measured} | {line.Against} | {line.Ratio} | {line.MustReach} | {met} |");
        }

        return text.ToString();
    }

    /// <summary>All of it, as kept.</summary>
    /// <param name="plots">The beginning of the names of its plots' files; null: they are not kept.</param>
    public string Whole(string? plots = null)
    {
        var text = new StringBuilder(Head()).AppendLine();
        Append(text, "Rates and ratios are medians over the rounds, with the least and the most in parentheses; a "
            + "ratio is taken round by round. Latencies are the medians of the rounds' percentiles.");
        foreach (var note in Findings.Notes)
        {
            text.AppendLine($"- {note}");
        }

        foreach (var plot in plots is null ? [] : Findings.Plots)
        {
            text.AppendLine().AppendLine($"![{plot.Title}]({plots}-{plot.Slug}.svg)");
        }

        if (Findings.Series.Count == 0)
        {
            return text.ToString();
        }

        text.AppendLine();
        Append(text, "## Who used the processors");
        Append(text, "In cores, the medians of the rounds. \"Others\" is everything on the machine that is not ours.");
        text.AppendLine($"| run | rate | p50 | p99 | {string.Join(" | ", Parts)} | peak memory |");
        text.AppendLine($"|{string.Concat(Enumerable.Repeat(" --- |", Parts.Length + 5))}");
        foreach (var series in Findings.Series)
        {
            var cores = Parts.Select(part => series.Cores(part).ToString("F2", CultureInfo.InvariantCulture));
            var peak = series.PeakMib > 0 ? $"{series.PeakMib:N0} MiB" : "";
            text.AppendLine(
                $"| {series.What}: {series.Who} | {series.Rate.Text()} | {series.P50.Text("N2", " ms")} "
                    + $"| {series.P99.Text("N2", " ms")} | {string.Join(" | ", cores)} | {peak} |");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string line) => text.AppendLine(line).AppendLine();
}
