using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases.Batches;

/// <summary>
/// Carries a confirmed batch out, some rows at a time, each as POST /v1/payouts does. When the process dies between
/// accepting a row and writing that down, the row is accepted again: its key finds the one payout.
/// </summary>
internal sealed class RunBatch(
    BatchStore store, IPayoutRows rows, CreatePayout create, PayoutStore payouts)
{
    /// <summary>The number of rows that are accepted together; other callers wait for no more than these.</summary>
    private const int AtOnce = 256;

    /// <summary>Does one step.</summary>
    /// <returns>False: what is left of the batch waits for something else.</returns>
    public Task<bool> StepAsync(Batch batch, CancellationToken cancel) =>
        batch.Status is BatchStatus.Canceling ? CancelAsync(batch, cancel) : AcceptAsync(batch, cancel);

    private async Task<bool> AcceptAsync(Batch batch, CancellationToken cancel)
    {
        var some = await store.RowsAsync(batch.Id, after: 0, AtOnce, RowOutcome.Pending);
        if (some.Count == 0)
        {
            await store.EndAsync(batch);
            return true;
        }

        await Task.WhenAll(some.Select(row => AcceptAsync(batch, row, cancel)));
        var done = some.FindAll(row => row.Outcome is not RowOutcome.Pending);
        var now = await store.RecordAsync(batch, done);
        if (now.Status is BatchStatus.Canceling or BatchStatus.Canceled)
        {
            // Somebody canceled the batch while these were accepted.
            var made = done.Where(row => row.Outcome is RowOutcome.Created).Select(row => row.PayoutId!.Value);
            await CancelPayoutsAsync(now, [.. made], cancel);
        }

        return done.Count > 0 && now.Status is BatchStatus.Running;
    }

    private async Task AcceptAsync(Batch batch, BatchRow row, CancellationToken cancel)
    {
        // The time of the confirmation: a row that is accepted again has the same outcome.
        var faults = rows.Read(row.Cells, Requester.Of(batch), batch.ConfirmedAt!.Value, out var order);
        if (order is null)
        {
            (row.Outcome, row.Code) = (RowOutcome.Refused, faults[0].Cause);
            return;
        }

        var result = await create.RunAsync(
            order with { BatchId = batch.Id, Reason = batch.Reason }, Patience.ForMany, cancel);
        (row.Outcome, row.PayoutId) = result switch
        {
            CreatePayoutResult.Created(var payout) => (RowOutcome.Created, payout.Id),
            CreatePayoutResult.Replayed(var payout) =>
                (payout.BatchId == batch.Id ? RowOutcome.Created : RowOutcome.Replayed, payout.Id),
            // Whether what it replaces was sent is known once the restore is noted: it is tried again then.
            CreatePayoutResult.Restored => (RowOutcome.Pending, null),
            _ => (RowOutcome.Refused, (Guid?)null),
        };
        if (row.Outcome is RowOutcome.Refused)
        {
            row.Code = rows.FaultsOf(new JudgedOrder(result, []))[0].Cause;
        }
    }

    private async Task<bool> CancelAsync(Batch batch, CancellationToken cancel)
    {
        await store.CancelRowsAsync(batch);
        var after = Guid.Empty;
        while (await store.UnsentAsync(batch.Id, after, AtOnce) is { Count: > 0 } unsent)
        {
            await CancelPayoutsAsync(batch, unsent, cancel);
            after = unsent[^1];
        }

        await store.EndAsync(batch);
        return true;
    }

    /// <summary>Cancels payouts that are not sent; what was claimed meanwhile goes on.</summary>
    private async Task CancelPayoutsAsync(Batch batch, IReadOnlyList<Guid> ids, CancellationToken cancel)
    {
        foreach (var id in ids)
        {
            cancel.ThrowIfCancellationRequested();
            await payouts.CancelAsync(
                batch.Merchant, id, ifVersions: null, Actor.ApiKey(batch.CanceledBy!), "The batch was canceled.");
        }
    }
}
