using Microsoft.EntityFrameworkCore;
using PayoutService.Storage;

namespace PayoutService.UseCases;

/// <summary>What an id names.</summary>
/// <param name="PayoutId">A payout; null: a payee.</param>
/// <param name="PayeeId">A payee; null: a payout.</param>
internal sealed record Found(Guid? PayoutId, Guid? PayeeId);

/// <summary>Finds what an id names, of whatever kind it is. Each kind is looked up by an index of its own.</summary>
internal sealed class FindAnything(PayoutDb db)
{
    /// <summary>Payees of one e-mail: nobody reads more than a few.</summary>
    private const int Most = 20;

    /// <summary>The payee that has an account; null: none of the merchants has it.</summary>
    public Task<Guid?> PayeeOfAccountAsync(
        IReadOnlyList<string> merchants, Guid accountId, CancellationToken cancel) =>
        db.Accounts.Where(row => row.Id == accountId && merchants.Contains(row.Merchant))
            .Select(row => (Guid?)row.PayeeId).SingleOrDefaultAsync(cancel);

    /// <param name="merchants">The merchants that are searched.</param>
    /// <param name="text">The X-Request-Id of a call that created payouts, a Pockyt-Request-ID, an invoiceId,
    /// transactionNo, customerNo, accountToken, customerCode, or the e-mail of a payee.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<List<Found>> RunAsync(
        IReadOnlyList<string> merchants, string text, CancellationToken cancel)
    {
        var payouts = db.Payouts.AsNoTracking().Where(row => merchants.Contains(row.Merchant));
        var payees = db.Payees.AsNoTracking().Where(row => merchants.Contains(row.Merchant));
        var ofRequest = Guid.TryParse(text, out var id)
            ? db.ProviderCalls.Where(row => row.RequestId == id && row.PayoutId != null)
                .Select(row => row.PayoutId!.Value)
                .Union(db.PayoutEvents.Where(row => row.TraceId == id).Select(row => row.PayoutId))
            : null;
        var accounts = db.Accounts.AsNoTracking().Where(row => merchants.Contains(row.Merchant));
        return
        [
            .. new[]
            {
                await OfPayouts(payouts.Where(row => row.InvoiceId == text).Select(row => row.Id)),
                await OfPayouts(payouts.Where(row => row.TransactionNo == text).Select(row => row.Id)),
                ofRequest is null ? [] : await OfPayouts(
                    payouts.Where(row => ofRequest.Contains(row.Id)).Select(row => row.Id)),
                await OfPayees(payees.Where(row => row.CustomerCode == text).Select(row => row.Id)),
                await OfPayees(payees.Where(row => row.CustomerNo == text).Select(row => row.Id)),
                await OfPayees(payees.Where(row => row.Email == text).Select(row => row.Id)),
                await OfPayees(accounts.Where(row => row.AccountToken == text).Select(row => row.PayeeId)),
            }.SelectMany(found => found).Distinct(),
        ];

        async Task<List<Found>> OfPayouts(IQueryable<Guid> ids) =>
            [.. (await ids.Take(Most).ToListAsync(cancel)).Select(id => new Found(id, PayeeId: null))];

        async Task<List<Found>> OfPayees(IQueryable<Guid> ids) =>
            [.. (await ids.Take(Most).ToListAsync(cancel)).Select(id => new Found(PayoutId: null, id))];
    }
}
