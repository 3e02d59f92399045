using PayoutService.Storage;
using PayoutService.Storage.Batches;

namespace PayoutService.UseCases.Batches;

/// <summary>Stores the rows of a batch as they come. No transaction is open while we wait for the caller: the rows
/// count once the last is stored.</summary>
internal sealed class UploadBatch(BatchStore store, PlanBatch plan, DatabaseClock clock)
{
    /// <summary>The number of rows that are written together.</summary>
    private const int AtOnce = 1_000;

    /// <summary>The number of rows up to which the caller waits for the plan.</summary>
    private const int PlannedAtOnce = 1_000;

    /// <param name="maker">Who makes it.</param>
    /// <param name="source">The form of the rows.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="reason">The reason for paying again.</param>
    /// <param name="cancel">Gives up; nothing is kept.</param>
    /// <returns>The batch; null: there was no row.</returns>
    /// <exception cref="UnreadableFileException">The file is no table of payouts; nothing is kept.</exception>
    public async Task<Batch?> RunAsync(
        Requester maker,
        BatchSource source,
        IAsyncEnumerable<ReadRow> rows,
        string? reason,
        CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var batch = new Batch
        {
            Id = Guid.CreateVersion7(now),
            Merchant = maker.Merchant,
            ApiKey = maker.ApiKey,
            Owner = maker.Owner,
            Source = source,
            CreatedAt = now,
            Reason = reason,
        };
        await store.CreateAsync(batch);
        var (count, isWhole) = (0, false);
        try
        {
            await foreach (var some in rows.Chunk(AtOnce).WithCancellation(cancel))
            {
                await store.AddRowsAsync([.. some.Select(row => RowOf(batch, row))]);
                count += some.Length;
            }

            isWhole = count > 0;
        }
        finally
        {
            if (!isWhole)
            {
                await store.DeleteAsync(batch);
            }
        }

        if (!isWhole)
        {
            return null;
        }

        var plansNow = count <= PlannedAtOnce;
        batch = (await store.CompleteAsync(batch, count, plansNow ? Guid.CreateVersion7(now) : null))!;
        return plansNow ? await plan.RunAsync(batch, cancel) ?? batch : batch;
    }

    private static BatchRow RowOf(Batch batch, ReadRow read)
    {
        // jsonb takes no NUL.
        var cells = read.Cells.ToDictionary(
            cell => cell.Key.Replace('\0', CsvRows.Broken), cell => cell.Value.Replace('\0', CsvRows.Broken));
        var row = new BatchRow { BatchId = batch.Id, No = read.No, Cells = cells };
        BatchStore.SetFaults(row, [.. read.Faults.Select(fault => fault with { IsOfForm = true })]);
        return row;
    }
}
