using System.Runtime.CompilerServices;
using CsvHelper;
using PayoutService.Storage.Batches;

namespace PayoutService.UseCases.Batches;

/// <summary>A file that is no table of payouts: nothing of it is kept.</summary>
internal sealed class UnreadableFileException(IReadOnlyList<RowFault> faults, int row)
    : Exception($"Row {row} cannot be read.")
{
    /// <summary>What is wrong, each with its column.</summary>
    public IReadOnlyList<RowFault> Faults => faults;

    /// <summary>The row; the header is row 1.</summary>
    public int Row => row;
}

/// <summary>A row of a file, with what is wrong with its form.</summary>
internal sealed record ReadRow(int No, Dictionary<string, string> Cells, IReadOnlyList<RowFault> Faults);

/// <summary>Reads a CSV file of payouts, a row at a time: UTF-8 with or without a byte order mark, CR LF or LF, quoted
/// fields.</summary>
internal static class CsvRows
{
    /// <summary>The number of rows that a file may have.</summary>
    public const int MostRows = 100_000;

    /// <summary>The most bytes of a row: an open quote would take the rest of the file for one.</summary>
    private const int MostBytes = 64 * 1024;

    private const int MostColumns = 64;

    /// <summary>What stands for bytes that are no UTF-8.</summary>
    public const char Broken = '\uFFFD';

    /// <exception cref="UnreadableFileException">The header is wrong, a row is too long, or there are too many.
    /// </exception>
    public static async IAsyncEnumerable<ReadRow> ReadAsync(
        Stream file, [EnumeratorCancellation] CancellationToken cancel)
    {
        Dictionary<long, RowFault> misquoted = [];
        var reader = CsvReader.Create(
            file,
            new CsvReaderOptions
            {
                Separator = ',',
                DetectSeparatorHint = false,
                SkipEmptyLines = false,
                HasHeader = false,
                MaxRecordSize = MostBytes,
                IncludeValuesInExceptions = false,
                OnMalformedRecord = found => misquoted[found.RecordNumber] = new RowFault(
                    "quotes", null, "a quote stands inside a field, or is not closed: double it, and quote the field"),
            },
            leaveOpen: true);
        await using (reader)
        {
            if (!await NextAsync(reader, 1, cancel))
            {
                throw Unreadable(1, "empty", null, "the file is empty: its first row names the columns");
            }

            var columns = Header(Fields(reader));
            for (var no = 2; await NextAsync(reader, no, cancel); no++)
            {
                var fields = Fields(reader);
                if (fields.All(string.IsNullOrEmpty))
                {
                    continue;
                }

                if (no - 1 > MostRows)
                {
                    throw Unreadable(no, "too-many-rows", null, $"a file has {MostRows} rows at most: send several");
                }

                yield return RowOf(no, columns, fields, misquoted.GetValueOrDefault(no));
            }
        }
    }

    private static async Task<bool> NextAsync(CsvReader reader, int no, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadAsync(cancel);
        }
        catch (CsvFormatException)
        {
            throw Unreadable(no, "quotes", null, "the row does not end within 64 KiB: a quote may not be closed");
        }
    }

    private static string[] Fields(CsvReader reader) =>
        [.. Enumerable.Range(0, Math.Min(reader.FieldCount, MostColumns + 1)).Select(reader.GetString)];

    private static string[] Header(string[] columns)
    {
        List<RowFault> faults = [];
        if (columns is [var only] && only.AsSpan().ContainsAny(";\t|"))
        {
            throw Unreadable(
                1, "separator", null, "the columns are not separated by commas: save the file with commas");
        }

        if (columns.Any(column => column.AsSpan().ContainsAny(Broken, '\0')))
        {
            throw Unreadable(1, "encoding", null, "the file is not in UTF-8: save it as CSV in UTF-8");
        }

        if (columns.Length > MostColumns)
        {
            throw Unreadable(1, "unknown-column", null, $"a file has {MostColumns} columns at most");
        }

        faults.AddRange(columns.Where(column => !BatchColumns.IsOfFile(column)).Select(column => new RowFault(
            "unknown-column",
            column,
            $"is no column: there are {string.Join(", ", BatchColumns.OfFile)} and metadata.*")));
        faults.AddRange(columns.GroupBy(column => column).Where(group => group.Count() > 1).Select(group =>
            new RowFault("column-twice", group.Key, "stands twice")));
        faults.AddRange(BatchColumns.Required.Except(columns).Select(column =>
            new RowFault("missing-column", column, "is missing: the first row names the columns")));
        return faults.Count == 0 ? columns : throw new UnreadableFileException(faults, 1);
    }

    private static ReadRow RowOf(int no, string[] columns, string[] fields, RowFault? misquoted)
    {
        Dictionary<string, string> cells = [];
        List<RowFault> faults = misquoted is null ? [] : [misquoted];
        for (var at = 0; at < Math.Min(columns.Length, fields.Length); at++)
        {
            if (fields[at].Length > 0 && columns[at] != BatchColumns.Error)
            {
                cells[columns[at]] = Bare(fields[at]);
            }
        }

        if (fields.Length != columns.Length)
        {
            faults.Add(new RowFault(
                "field-count",
                fields.Length < columns.Length ? columns[fields.Length] : null,
                $"the row has {fields.Length} fields and the first row {columns.Length}: quote fields with commas"));
        }

        faults.AddRange(cells.Where(cell => cell.Value.Contains(Broken)).Select(cell => new RowFault(
            "encoding", cell.Key, "has bytes that are no UTF-8: save the file as UTF-8")));
        return new ReadRow(no, cells, faults);
    }

    /// <summary>A text without the apostrophe that keeps a spreadsheet from running it as a formula, as in our own
    /// files.</summary>
    private static string Bare(string text) =>
        text is ['\'', '=' or '+' or '-' or '@' or '\t' or '\r', ..] ? text[1..] : text;

    private static UnreadableFileException Unreadable(int row, string cause, string? column, string message) =>
        new([new RowFault(cause, column, message)], row);
}
