namespace PayoutService.Ops.Reports;

/// <summary>A chart of bars.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">What exactly is counted.</param>
/// <param name="Axis">What a column is.</param>
/// <param name="Series">The kinds of values of a column.</param>
/// <param name="Columns">The columns, from left to right.</param>
/// <param name="IsStacked">The values of a column stand upon each other; else side by side.</param>
/// <param name="Format">Writes a value.</param>
public sealed record ChartModel(
    string Title,
    string Note,
    string Axis,
    IReadOnlyList<ChartSeries> Series,
    IReadOnlyList<ChartColumn> Columns,
    bool IsStacked,
    Func<double, string> Format);

/// <summary>A kind of values of a chart.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Colour">The number of its colour in the style: those of statuses are in their order.</param>
public sealed record ChartSeries(string Name, int Colour);

/// <summary>A column of a chart.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Tick">The same for where there is little space.</param>
/// <param name="Values">A value of each series.</param>
public sealed record ChartColumn(string Label, string Tick, IReadOnlyList<double> Values);
