using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Sending;

namespace PayoutService.UseCases;

/// <summary>A payout that rules hold, with what a person decides by.</summary>
/// <param name="Payout">The payout.</param>
/// <param name="Approval">The request for its approval; null: none is needed.</param>
/// <param name="Account">Where it pays.</param>
/// <param name="Paid">How many payouts its payee got before.</param>
/// <param name="Largest">The largest of them in its currency.</param>
/// <param name="Changes">What callers changed of its payee and account since the approval was asked for.</param>
internal sealed record HeldPayout(
    Payout Payout, Approval? Approval, Account Account, int Paid, Money? Largest, IReadOnlyList<HistoryEntry> Changes);

/// <summary>The payouts of a batch that wait for approval.</summary>
/// <param name="Count">How many.</param>
/// <param name="Totals">Their sums by currency.</param>
/// <param name="Changed">Those of the first whose payee or account changed since the approval was asked for.</param>
internal sealed record AwaitingBatch(int Count, IReadOnlyList<Money> Totals, IReadOnlyList<HeldPayout> Changed);

/// <summary>Reads the payouts that rules hold, those that end first before the others.</summary>
internal sealed class ReadHolds(PayoutDb db, Approvers approvers, PayoutRules rules, Searches searches)
{
    /// <summary>The number of payouts that one page shows.</summary>
    public const int Most = 100;

    public async Task<List<HeldPayout>> OfAsync(string merchant, CancellationToken cancel)
    {
        var rows = db.Payouts.AsNoTracking()
            .Where(row => row.Merchant == merchant && row.Status == EF.Constant(PayoutStatus.Held)
                && row.Findings != null)
            .OrderBy(row => row.DueAt).ThenBy(row => row.Id).Take(Most);
        var held = await OfAsync(await searches.RunAsync(rows, cancel), cancel);
        await DatabaseState.MarkAsync(db, rules, held, all => all.Select(one => one.Payout));
        return held;
    }

    /// <summary>What a person decides by about what waits for approval of a batch.</summary>
    public async Task<AwaitingBatch> OfBatchAsync(Guid batchId, CancellationToken cancel)
    {
        var rows = db.Payouts.AsNoTracking().Where(row => row.BatchId == batchId
            && row.Status == PayoutStatus.Held && row.HoldReason == HoldReason.Approval);
        var sums = await rows.GroupBy(row => row.Currency)
            .Select(group => new { group.Key, Count = group.Count(), Minor = group.Sum(row => row.AmountMinor) })
            .OrderBy(sum => sum.Key).ToListAsync(cancel);
        var first = await OfAsync(
            await searches.RunAsync(rows.OrderBy(row => row.Id).Take(Most), cancel), cancel);
        return new(
            sums.Sum(sum => sum.Count),
            sums.ConvertAll(sum => new Money(sum.Minor, sum.Key)),
            first.FindAll(one => one.Changes.Count > 0));
    }

    /// <summary>What a person decides by about one payout.</summary>
    public async Task<HeldPayout> OfAsync(Payout payout, CancellationToken cancel) =>
        (await OfAsync([payout], cancel)).Single();

    /// <summary>Reads each kind of fact at once for all of them.</summary>
    private async Task<List<HeldPayout>> OfAsync(List<Payout> payouts, CancellationToken cancel)
    {
        if (payouts.Count == 0)
        {
            return [];
        }

        var ids = payouts.Select(payout => payout.Id).ToArray();
        var accountIds = payouts.Select(payout => payout.AccountId).ToArray();
        var approvals = await db.Approvals.AsNoTracking().Where(row => ids.Contains(row.PayoutId))
            .ToDictionaryAsync(row => row.PayoutId, cancel);
        var accounts = await db.Accounts.AsNoTracking().Where(row => accountIds.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, cancel);
        var paid = await PaidBefore.OfAsync(db, ids, Most, cancel);
        var changes = await ApprovalStore.ChangesAsync(
            db, payouts, payout => approvals.GetValueOrDefault(payout.Id)?.AskedAt ?? payout.CreatedAt, cancel);
        foreach (var payout in payouts.Where(payout => approvals.ContainsKey(payout.Id)))
        {
            approvers.Mark(payout, approvals[payout.Id]);
        }

        return payouts.ConvertAll(payout => new HeldPayout(
            payout,
            approvals.GetValueOrDefault(payout.Id),
            accounts[payout.AccountId],
            paid[payout.Id].Count,
            paid[payout.Id].Largest is { } largest ? new Money(largest, payout.Currency) : null,
            [.. changes[payout.Id]]));
    }
}
