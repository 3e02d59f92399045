using PayoutService.Payouts;
using PayoutService.Storage.Batches;

namespace PayoutService.UseCases.Batches;

/// <summary>The outcome of confirming a batch.</summary>
internal abstract record BatchConfirmed
{
    /// <summary>It runs, or did so before.</summary>
    internal sealed record Done(Batch Batch) : BatchConfirmed;

    internal sealed record NotFound : BatchConfirmed;

    /// <summary>Its status does not allow it.</summary>
    internal sealed record NotPlanned(Batch Batch) : BatchConfirmed;

    /// <summary>Rows have errors, and they were not to be skipped.</summary>
    internal sealed record HasErrors(Batch Batch) : BatchConfirmed;

    /// <summary>The confirmation names another sum.</summary>
    internal sealed record TotalsDiffer(Batch Batch) : BatchConfirmed;
}

/// <summary>Confirms a batch: who does so names the sum that leaves.</summary>
internal sealed class ConfirmBatch(BatchStore store)
{
    /// <param name="merchant">Whose batch.</param>
    /// <param name="id">The batch.</param>
    /// <param name="totals">The sums by currency, as decimal text.</param>
    /// <param name="onErrors">What becomes of rows with errors.</param>
    /// <param name="apiKey">The name of the API key that confirms.</param>
    public async Task<BatchConfirmed> RunAsync(
        string merchant, Guid id, IReadOnlyDictionary<string, string> totals, OnErrors onErrors, string apiKey)
    {
        if (await store.FindAsync(merchant, id) is not { } batch)
        {
            return new BatchConfirmed.NotFound();
        }

        if (batch.Status is BatchStatus.Planning or BatchStatus.Canceling or BatchStatus.Canceled)
        {
            return new BatchConfirmed.NotPlanned(batch);
        }

        if (!AreEqual(batch.Totals, totals))
        {
            return new BatchConfirmed.TotalsDiffer(batch);
        }

        if (batch.Status is BatchStatus.Planned && batch.ErrorCount > 0 && onErrors is OnErrors.Refuse)
        {
            return new BatchConfirmed.HasErrors(batch);
        }

        return await store.ConfirmAsync(merchant, id, apiKey) switch
        {
            null => new BatchConfirmed.NotFound(),
            { ConfirmedAt: null } changed => new BatchConfirmed.NotPlanned(changed),
            var confirmed => new BatchConfirmed.Done(confirmed),
        };
    }

    /// <summary>5 and 5.00 dollars are the same sum.</summary>
    private static bool AreEqual(Dictionary<string, string> ours, IReadOnlyDictionary<string, string> named) =>
        ours.Count == named.Count && ours.All(total =>
            named.TryGetValue(total.Key, out var text)
            && Money.TryParse(text, total.Key, out var sum, out _) && sum.ToString() == total.Value);
}
