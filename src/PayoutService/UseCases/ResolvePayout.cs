using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases;

/// <summary>Resolves a payout by an operator's decision.</summary>
internal sealed class ResolvePayout(
    PayoutStore store, PayoutRules rules, IPayoutGateway gateway, ILogger<ResolvePayout> logger)
{
    /// <param name="merchant">Whose payout it is.</param>
    /// <param name="payoutId">Which payout.</param>
    /// <param name="versions">The versions that If-Match names; null: any.</param>
    /// <param name="decision">What the operator found out, and where.</param>
    /// <param name="cancel">Gives up waiting; the payout may be resolved all the same.</param>
    public async Task<PayoutActionResult> RunAsync(
        string merchant,
        Guid payoutId,
        int[]? versions,
        OperatorDecision decision,
        CancellationToken cancel)
    {
        var result = await store.ResolveAsync(merchant, payoutId, versions, decision, gateway.Meaning)
            .InTimeAsync(rules, cancel);
        if (result is PayoutActionResult.Done(var payout))
        {
            logger.LogWarning(
                "{actor} of {owner} ruled {ruling} on {payoutId} {invoiceId}, now {status}, attention {attention}.",
                decision.Actor, decision.Owner, decision.Ruling, payout.Id, payout.InvoiceId, payout.Status,
                payout.Attention);
        }

        return result;
    }
}
