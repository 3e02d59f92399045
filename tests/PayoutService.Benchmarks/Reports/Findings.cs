namespace PayoutService.Benchmarks.Reports;

/// <summary>What a run found out.</summary>
internal sealed class Findings
{
    /// <summary>The table.</summary>
    public List<Line> Lines { get; } = [];

    /// <summary>Who used what, below the table.</summary>
    public List<Series> Series { get; } = [];

    /// <summary>Drawn beside the table.</summary>
    public List<Plot> Plots { get; } = [];

    /// <summary>What one must know to read it, a sentence each.</summary>
    public List<string> Notes { get; } = [];
}
