using System.Globalization;

namespace PayoutService.Views.Csv;

/// <summary>A report as lines of a CSV file, and after them a total of each currency.</summary>
internal static class ReportLines
{
    public static readonly string[] Header =
    [
        "record", "day", "currency", "status", "rail", "count", "amount", "movedYes", "movedNo", "movedInFlight",
        "movedUnknown", "movedReturned", "feeCount", "fees", "confirmed", "p50Seconds", "p95Seconds",
    ];

    public static async IAsyncEnumerable<string?[]> Of(PayoutReportView report)
    {
        await Task.CompletedTask;
        foreach (var line in report.Data)
        {
            yield return
            [
                "line", line.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), line.Currency,
                CsvFile.Text(line.Status), line.Rail, CsvFile.Text(line.Count), line.Amount, line.MoneyMoved.Yes,
                line.MoneyMoved.No, line.MoneyMoved.InFlight, line.MoneyMoved.Unknown, line.MoneyMoved.Returned,
                CsvFile.Text(line.FeeCount), line.Fees,
                line.TimeToFinal is { } time ? CsvFile.Text(time.Count) : null,
                line.TimeToFinal is { } half ? CsvFile.Text(half.P50Seconds) : null,
                line.TimeToFinal is { } most ? CsvFile.Text(most.P95Seconds) : null,
            ];
        }

        foreach (var lines in report.Data.GroupBy(line => line.Currency).OrderBy(lines => lines.Key))
        {
            yield return
            [
                "total", null, lines.Key, null, null, CsvFile.Text(lines.Sum(line => line.Count)),
                Sum(lines, line => line.Amount), Sum(lines, line => line.MoneyMoved.Yes),
                Sum(lines, line => line.MoneyMoved.No), Sum(lines, line => line.MoneyMoved.InFlight),
                Sum(lines, line => line.MoneyMoved.Unknown), Sum(lines, line => line.MoneyMoved.Returned),
                CsvFile.Text(lines.Sum(line => line.FeeCount)), Sum(lines, line => line.Fees),
                CsvFile.Text(lines.Sum(line => line.TimeToFinal?.Count ?? 0)), null, null,
            ];
        }

        if (report.Data.Count == 0)
        {
            yield return ["total", .. new string?[4], "0", .. new string?[11]];
        }
    }

    private static string Sum(IEnumerable<PayoutReportLine> lines, Func<PayoutReportLine, string> amount) =>
        lines.Sum(line => decimal.Parse(amount(line), CultureInfo.InvariantCulture))
            .ToString(CultureInfo.InvariantCulture);
}
