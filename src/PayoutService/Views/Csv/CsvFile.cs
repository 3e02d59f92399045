using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;
using PayoutService.Payouts;

namespace PayoutService.Views.Csv;

/// <summary>
/// Writes lists as CSV by RFC 4180: UTF-8, CR LF, every line with the same fields. A text that a spreadsheet would run
/// as a formula gets an apostrophe before it. The first field of a line says what it is; the last lines are totals, so
/// a file without any is not whole.
/// </summary>
internal static class CsvFile
{
    public const string ContentType = "text/csv; charset=utf-8";

    private static readonly CsvWriterOptions Options = new() { Injection = CsvInjection.Escape };

    /// <summary>Writes a header and lines as they come: only a few are in memory at a time.</summary>
    public static async Task WriteAsync(
        Stream to, string[] header, IAsyncEnumerable<string?[]> lines, CancellationToken cancel)
    {
        // Not disposed when reading fails: that would send what there is, and nobody could be told of the failure.
        var writer = CsvWriter.Create(to, Options, leaveOpen: true);
        await writer.WriteRecordAsync(header, cancel);
        await foreach (var line in lines.WithCancellation(cancel))
        {
            await writer.WriteRecordAsync(line!, cancel);
        }

        await writer.DisposeAsync();
    }

    /// <summary>The lines of a list that has no amounts, and their number after them.</summary>
    /// <param name="header">The names of the fields.</param>
    /// <param name="record">What a line is.</param>
    /// <param name="rows">The list.</param>
    /// <param name="fields">The fields of a row, between what it is and the count.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static async IAsyncEnumerable<string?[]> Counted<T>(
        string[] header,
        string record,
        IAsyncEnumerable<T> rows,
        Func<T, string?[]> fields,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var count = 0L;
        await foreach (var row in rows.WithCancellation(cancel))
        {
            count++;
            yield return [record, .. fields(row), null];
        }

        yield return ["total", .. new string?[header.Length - 2], Text(count)];
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string? Text(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A word as the API has it.</summary>
    public static string? Text<T>(T? value)
        where T : struct, Enum => value is null ? null : JsonNamingPolicy.CamelCase.ConvertName($"{value}");

    /// <summary>An amount with exactly the currency's decimals.</summary>
    public static string Amount(decimal minor, string currency)
    {
        var decimals = Currency.Decimals(currency) ?? 0;
        return (minor / (decimal)Math.Pow(10, decimals)).ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }
}
