using PayoutService.Payouts;
using PayoutService.Storage.Reports;
using PayoutService.Views.Csv;

namespace PayoutService.Views;

/// <summary>Payouts counted.</summary>
public sealed record PayoutReportView
{
    /// <summary>The first day, in UTC, on which they were accepted.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The day after the last.</summary>
    public required DateOnly To { get; init; }

    /// <summary>The number of changes of payouts, of all merchants, that are not counted yet, at most 10,000. 0 means
    /// that the sums are those of all payouts at the moment of the call.</summary>
    /// <example>0</example>
    public required int Behind { get; init; }

    /// <summary>The newest day first.</summary>
    public required IReadOnlyList<PayoutReportLine> Data { get; init; }

    internal static PayoutReportView Of(VolumeQuery query, VolumeReport report) => new()
    {
        From = query.From,
        To = query.To,
        Behind = report.Behind,
        Data = [.. report.Lines.Select(PayoutReportLine.Of)],
    };
}

/// <summary>Payouts that are alike in what the report is by.</summary>
public sealed record PayoutReportLine
{
    /// <summary>The day in UTC on which they were accepted; only by day.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Always there: amounts of two currencies have no sum.</summary>
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>Their status now; only by status.</summary>
    public PayoutStatus? Status { get; init; }

    /// <summary>The type of the account that they pay to; only by rail.</summary>
    /// <example>BANK_ACCOUNT</example>
    public string? Rail { get; init; }

    /// <summary>How many there are.</summary>
    /// <example>12</example>
    public required long Count { get; init; }

    /// <summary>The sum of their amounts.</summary>
    /// <example>6000.00</example>
    public required string Amount { get; init; }

    /// <summary>The same sum by moneyMoved.</summary>
    public required MoneyMovedSums MoneyMoved { get; init; }

    /// <summary>For how many of them Pockyt named a fee.</summary>
    /// <example>10</example>
    public required long FeeCount { get; init; }

    /// <summary>The sum of those fees.</summary>
    /// <example>7.50</example>
    public required string Fees { get; init; }

    /// <summary>How long it took until a final status was confirmed; absent when none was.</summary>
    public TimeToFinalView? TimeToFinal { get; init; }

    internal static PayoutReportLine Of(VolumeLine line) => new()
    {
        Day = line.Day,
        Currency = line.Currency,
        Status = line.Status is null ? null : Enum.Parse<PayoutStatus>(line.Status, ignoreCase: true),
        Rail = line.Rail,
        Count = line.Count,
        Amount = CsvFile.Amount(line.Amount, line.Currency),
        MoneyMoved = new()
        {
            Yes = CsvFile.Amount(line.Yes, line.Currency),
            No = CsvFile.Amount(line.No, line.Currency),
            InFlight = CsvFile.Amount(line.InFlight, line.Currency),
            Unknown = CsvFile.Amount(line.Unknown, line.Currency),
            Returned = CsvFile.Amount(line.Returned, line.Currency),
        },
        FeeCount = line.FeeCount,
        Fees = CsvFile.Amount(line.Fee, line.Currency),
        TimeToFinal = TimeToFinalView.Of(line.Times),
    };
}

/// <summary>A sum of amounts by whether money moved.</summary>
public sealed record MoneyMovedSums
{
    /// <example>5500.00</example>
    public required string Yes { get; init; }

    /// <example>0.00</example>
    public required string No { get; init; }

    /// <example>500.00</example>
    public required string InFlight { get; init; }

    /// <example>0.00</example>
    public required string Unknown { get; init; }

    /// <example>0.00</example>
    public required string Returned { get; init; }
}

/// <summary>How long it took from when a payout was to be sent until its final status was confirmed. The times are at
/// most a fifth too long.</summary>
public sealed record TimeToFinalView
{
    /// <summary>The number of confirmations. A payout that succeeded and was returned later has two.</summary>
    /// <example>11</example>
    public required long Count { get; init; }

    /// <summary>Half of them took at most so long.</summary>
    /// <example>45</example>
    public required int P50Seconds { get; init; }

    /// <summary>Of twenty, nineteen took at most so long.</summary>
    /// <example>304</example>
    public required int P95Seconds { get; init; }

    internal static TimeToFinalView? Of(IReadOnlyList<(int Bucket, long Count)> times) =>
        TimeBuckets.Within(times, 0.5) is { } half && TimeBuckets.Within(times, 0.95) is { } most ? new()
        {
            Count = times.Sum(one => one.Count),
            P50Seconds = (int)Math.Ceiling(half.TotalSeconds),
            P95Seconds = (int)Math.Ceiling(most.TotalSeconds),
        }
        : null;
}
