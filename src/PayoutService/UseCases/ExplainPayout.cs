using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.UseCases;

/// <summary>A payout as it is now, and why.</summary>
/// <param name="Payout">The payout.</param>
/// <param name="Told">Its explanation.</param>
internal sealed record ExplainedPayout(Payout Payout, Explanation Told);

/// <summary>Finds a payout and explains where it is, why, and what happens next.</summary>
internal sealed class ExplainPayout(PayoutDb db, Approvers approvers, PayoutRules rules, TimeProvider clock)
{
    /// <returns>Null when none of the merchants has it.</returns>
    public Task<ExplainedPayout?> FindAsync(
        IReadOnlyList<string> merchants, Guid payoutId, CancellationToken cancel) =>
        FindAsync(db.Payouts.Where(row => row.Id == payoutId && merchants.Contains(row.Merchant)), cancel);

    /// <returns>Null when the merchant has no such payout.</returns>
    public Task<ExplainedPayout?> FindByInvoiceAsync(string merchant, string invoiceId, CancellationToken cancel) =>
        FindAsync(db.Payouts.Where(row => row.Merchant == merchant && row.InvoiceId == invoiceId), cancel);

    private async Task<ExplainedPayout?> FindAsync(IQueryable<Payout> one, CancellationToken cancel)
    {
        var payout = await one.AsNoTracking().SingleOrDefaultAsync(cancel);
        if (payout is null)
        {
            return null;
        }

        await DatabaseState.MarkAsync(db, rules, payout, one => [one]);
        await approvers.MarkAsync([payout], cancel);
        var now = clock.GetUtcNow();
        var history = payout.IsDisputed ? await HistoryAsync(payout, cancel) : [];
        return new(payout, Explanation.Of(payout, await Blockers.FindAsync(db, payout, now), history, now));
    }

    /// <summary>A payout's history, oldest first.</summary>
    public Task<List<PayoutEvent>> HistoryAsync(Payout payout, CancellationToken cancel) =>
        db.PayoutEvents.AsNoTracking()
            .Where(row => row.PayoutId == payout.Id).OrderBy(row => row.Version).ToListAsync(cancel);
}
