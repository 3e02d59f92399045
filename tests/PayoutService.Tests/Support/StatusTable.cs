using System.Text.RegularExpressions;

namespace PayoutService.Tests.Support;

/// <summary>A table of docs/machine.md: statuses down, reports across.</summary>
internal sealed partial class StatusTable
{
    private readonly Dictionary<(string Status, string Report), string> cells = [];

    /// <param name="name">The word after <c>```text</c>.</param>
    public StatusTable(string name)
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, "docs", "machine.md"))
            .SkipWhile(line => line != $"```text {name}").Skip(1).TakeWhile(line => line != "```").ToList();
        var reports = Gap().Split(lines[0])[1..];
        foreach (var row in lines[1..].Select(line => Gap().Split(line)))
        {
            for (var at = 0; at < reports.Length; at++)
            {
                cells.Add((row[0], reports[at]), row[at + 1]);
            }
        }
    }

    /// <summary>The cells as lines that a test can compare.</summary>
    public IEnumerable<string> Lines =>
        cells.Select(cell => Line(cell.Key.Status, cell.Key.Report, cell.Value)).Order();

    public static string Line(string status, string report, string effect) => $"{Camel(status)}, {report}: {effect}";

    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gap();
}
