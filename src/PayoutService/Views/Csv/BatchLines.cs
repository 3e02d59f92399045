using System.Runtime.CompilerServices;
using PayoutService.Storage.Batches;

namespace PayoutService.Views.Csv;

/// <summary>Files of payouts: an empty one, and one of the rows of a batch that cannot be paid as they are, to be
/// corrected and sent as another batch. That has no line of totals: it would be read as a payout.</summary>
internal static class BatchLines
{
    /// <summary>A file without rows.</summary>
    public static string Template { get; } = string.Join(',', BatchColumns.OfFile) + "\r\n";

    /// <summary>Writes the rows of a batch that cannot be paid as they are, with what is wrong in the last column.
    /// </summary>
    public static async Task WriteAsync(Stream to, BatchStore store, Batch batch, CancellationToken cancel)
    {
        SortedSet<string> more = new(StringComparer.Ordinal);
        await foreach (var row in store.AllRowsAsync(batch.Id, onlyUnpaid: true, cancel))
        {
            more.UnionWith(row.Cells.Keys);
        }

        more.ExceptWith(BatchColumns.OfFile);
        string[] columns = [.. BatchColumns.OfFile, .. more];
        await CsvFile.WriteAsync(
            to, [.. columns, BatchColumns.Error], LinesAsync(store, batch, columns, cancel), cancel);
    }

    private static async IAsyncEnumerable<string?[]> LinesAsync(
        BatchStore store, Batch batch, string[] columns, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in store.AllRowsAsync(batch.Id, onlyUnpaid: true, cancel))
        {
            var faults = BatchStore.FaultsOf(row).Select(fault => $"{fault.Column} {fault.Message}".Trim());
            yield return
            [
                .. columns.Select(column => row.Cells.GetValueOrDefault(column)),
                string.Join("; ", row.Code is { } code ? faults.Append(code) : faults),
            ];
        }
    }
}
