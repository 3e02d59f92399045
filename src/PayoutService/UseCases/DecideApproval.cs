using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;

namespace PayoutService.UseCases;

/// <summary>Approves or rejects a payout that waits for a second person.</summary>
internal sealed class DecideApproval(
    ApprovalStore store, ICallers callers, PayoutRules rules, ILogger<DecideApproval> logger)
{
    /// <param name="merchant">Whose payout it is.</param>
    /// <param name="payoutId">Which payout.</param>
    /// <param name="versions">The versions that the caller read.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="cancel">Gives up waiting; it may be decided all the same.</param>
    public async Task<ApprovalResult> RunAsync(
        string merchant, Guid payoutId, int[] versions, ApprovalDecision decision, CancellationToken cancel)
    {
        var result = await store.DecideAsync(merchant, payoutId, versions, decision, callers.OwnerOf)
            .InTimeAsync(rules, cancel);
        if (result is ApprovalResult.Done(var payout))
        {
            logger.LogWarning(
                "{actor} of {owner} {decision} {payoutId} {invoiceId}, now {status}.",
                decision.Actor, decision.Owner, decision.Approves ? "approved" : "rejected", payout.Id,
                payout.InvoiceId, payout.Status);
        }

        return result;
    }

    /// <summary>Approves what waits for approval of a batch.</summary>
    /// <param name="merchant">Whose batch it is.</param>
    /// <param name="batchId">Which batch.</param>
    /// <param name="versions">The versions that the caller read.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="cancel">Gives up waiting; it may be decided all the same.</param>
    public async Task<BatchApprovalResult> ApproveBatchAsync(
        string merchant, Guid batchId, int[] versions, ApprovalDecision decision, CancellationToken cancel)
    {
        var result = await store.ApproveBatchAsync(merchant, batchId, versions, decision, callers.OwnerOf)
            .WaitAsync(Patience.ForMany, cancel);
        if (result is BatchApprovalResult.Done(var batch, var approved, _, _, _, _))
        {
            logger.LogWarning(
                "{actor} of {owner} approved {count} payouts of batch {batchId}.",
                decision.Actor, decision.Owner, approved, batch.Id);
        }

        return result;
    }
}
