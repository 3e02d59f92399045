using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;

namespace PayoutService.UseCases;

/// <summary>Finds what waits for approval while not enough people are left who may give it.</summary>
internal sealed class Approvers(PayoutDb db, ICallers callers)
{
    /// <param name="merchant">Whose payout it is.</param>
    /// <param name="requestedBy">The API key that asked for it.</param>
    /// <param name="requestedOwner">The person behind that key.</param>
    /// <param name="firstOwner">Who approved it first, of two.</param>
    /// <param name="needed">How many people have to approve it.</param>
    public bool AreMissing(
        string merchant, string requestedBy, string requestedOwner, string? firstOwner, int needed)
    {
        string[] involved = [requestedOwner, callers.OwnerOf(requestedBy), firstOwner ?? requestedOwner];
        return callers.ApproversOf(merchant).Except(involved, StringComparer.OrdinalIgnoreCase).Count()
            < needed - (firstOwner is null ? 0 : 1);
    }

    /// <summary>Marks those of some payouts that nobody may approve.</summary>
    public async Task MarkAsync(IEnumerable<Payout> payouts, CancellationToken cancel)
    {
        var awaiting = payouts.Where(payout => payout.AwaitsApproval).ToDictionary(payout => payout.Id);
        if (awaiting.Count > 0)
        {
            foreach (var approval in await db.Approvals.AsNoTracking()
                .Where(row => awaiting.Keys.Contains(row.PayoutId)).ToListAsync(cancel))
            {
                Mark(awaiting[approval.PayoutId], approval);
            }
        }
    }

    /// <summary>Marks a payout if nobody may approve it.</summary>
    public void Mark(Payout payout, Approval approval)
    {
        if (payout is { AwaitsApproval: true, HoldReason: HoldReason.Approval } && AreMissing(
            payout.Merchant, approval.RequestedBy, approval.RequestedOwner, approval.FirstOwner, approval.Approvers))
        {
            payout.MarkWithoutApprover();
        }
    }
}
