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

/// <summary>Reads the payouts that rules hold, those that end first before the others.</summary>
internal sealed class ReadHolds(PayoutDb db, PayoutRules rules, Searches searches)
{
    /// <summary>The number of payouts that one page shows.</summary>
    public const int Most = 100;

    public async Task<List<HeldPayout>> OfAsync(string merchant, CancellationToken cancel)
    {
        var rows = db.Payouts.AsNoTracking()
            .Where(row => row.Merchant == merchant && row.Status == EF.Constant(PayoutStatus.Held)
                && row.Findings != null)
            .OrderBy(row => row.DueAt).ThenBy(row => row.Id).Take(Most);
        List<HeldPayout> held = [];
        foreach (var payout in await searches.RunAsync(rows, cancel))
        {
            held.Add(await OfAsync(payout, cancel));
        }

        await DatabaseState.MarkAsync(db, rules, held, all => all.Select(one => one.Payout));
        return held;
    }

    /// <summary>What a person decides by about one payout.</summary>
    public async Task<HeldPayout> OfAsync(Payout payout, CancellationToken cancel)
    {
        var approval = await db.Approvals.AsNoTracking()
            .SingleOrDefaultAsync(row => row.PayoutId == payout.Id, cancel);
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == payout.AccountId, cancel);
        var paid = await db.Payouts
            .Where(row => row.PayeeId == payout.PayeeId && row.Id < payout.Id && row.Currency == payout.Currency
                && (row.Status == PayoutStatus.Succeeded || row.Status == PayoutStatus.Processing))
            .OrderByDescending(row => row.Id).Take(Most).Select(row => row.AmountMinor).ToListAsync(cancel);
        var since = approval?.AskedAt ?? payout.CreatedAt;
        return new(
            payout,
            approval,
            account,
            paid.Count,
            paid.Count > 0 ? new Money(paid.Max(), payout.Currency) : null,
            await ApprovalStore.ChangesAsync(db, payout, since, cancel));
    }
}
