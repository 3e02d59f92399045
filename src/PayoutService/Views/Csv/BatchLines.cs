using System.Runtime.CompilerServices;
using PayoutService.Storage.Batches;

namespace PayoutService.Views.Csv;

/// <summary>Rows of a batch that cannot be paid as they are, to be corrected and sent as another batch. There is no
/// line of totals: it would be read as a payout.</summary>
internal static class BatchLines
{
    private const int AtOnce = 500;

    /// <summary>The columns of all those rows, the known ones first.</summary>
    public static async Task<string[]> ColumnsAsync(
        BatchStore store, Batch batch, IReadOnlyList<string> known, CancellationToken cancel)
    {
        SortedSet<string> more = new(StringComparer.Ordinal);
        await foreach (var row in RowsAsync(store, batch, cancel))
        {
            more.UnionWith(row.Cells.Keys);
        }

        more.ExceptWith(known);
        return [.. known, .. more];
    }

    /// <summary>The rows, each with what is wrong with it in the last field.</summary>
    public static async IAsyncEnumerable<string?[]> LinesAsync(
        BatchStore store, Batch batch, string[] columns, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in RowsAsync(store, batch, cancel))
        {
            var faults = BatchStore.FaultsOf(row).Select(fault => $"{fault.Column} {fault.Message}".Trim());
            yield return
            [
                .. columns.Select(column => row.Cells.GetValueOrDefault(column)),
                string.Join("; ", row.Code is { } code ? faults.Append(code) : faults),
            ];
        }
    }

    private static async IAsyncEnumerable<BatchRow> RowsAsync(
        BatchStore store, Batch batch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var after = 0;
        while (await store.UnpaidRowsAsync(batch.Id, after, AtOnce) is { Count: > 0 } part)
        {
            foreach (var row in part)
            {
                cancel.ThrowIfCancellationRequested();
                yield return row;
            }

            after = part[^1].No;
        }
    }
}
