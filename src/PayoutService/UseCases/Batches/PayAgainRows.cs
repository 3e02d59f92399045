using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.UseCases.Batches;

/// <summary>The payouts that a batch pays again.</summary>
/// <param name="Merchant">Whose.</param>
/// <param name="FailureReason">Only those that ended for this reason; null: for any.</param>
/// <param name="CreatedFrom">Inclusive.</param>
/// <param name="CreatedTo">Exclusive.</param>
internal sealed record PayAgainFilter(
    string Merchant, FailureReason? FailureReason, DateTimeOffset CreatedFrom, DateTimeOffset CreatedTo);

/// <summary>The rows of a batch that pays again what failed or came back for certain and has no replacement.</summary>
internal sealed class PayAgainRows(
    PayAgain payAgain, IPayoutRows rows, IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The number of payouts that one batch pays again at most, the oldest first.</summary>
    public const int Most = 10_000;

    private const int AtOnce = 500;

    public async IAsyncEnumerable<ReadRow> ReadAsync(
        PayAgainFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        HashSet<string> used = [];
        var nobody = new Requester(filter.Merchant, ApiKey: "", Owner: "");
        var (last, no) = (Guid.Empty, 0);
        while (no < Most && await PartAsync(filter, last, Math.Min(AtOnce, Most - no), cancel) is { Count: > 0 } part)
        {
            foreach (var old in part)
            {
                var order = await payAgain.OrderAsync(old, accountId: null, reason: "", nobody);
                var (invoiceId, skipped) = (order.InvoiceId, 0);
                while (!used.Add(invoiceId))
                {
                    invoiceId = PayAgain.InvoiceIdFor(old.InvoiceId, old.Replaces is not null, ++skipped);
                }

                yield return new ReadRow(++no, rows.CellsOf(order with { InvoiceId = invoiceId }), []);
            }

            last = part[^1].Id;
        }
    }

    private async Task<List<Payout>> PartAsync(
        PayAgainFilter filter, Guid after, int most, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (from, to) = (filter.CreatedFrom.ToUniversalTime(), filter.CreatedTo.ToUniversalTime());
        var (first, end) = (SortableId.FirstAt(from), SortableId.FirstAt(to.AddMilliseconds(1)));
        var rows = db.Payouts.AsNoTracking().Where(row => row.Merchant == filter.Merchant
            && (row.Status == PayoutStatus.Failed || row.Status == PayoutStatus.Returned)
            && row.ConfirmedBy != null && row.Attention == null && row.ReplacedBy == null
            && row.CreatedAt >= from && row.CreatedAt < to && row.Id >= first && row.Id < end && row.Id > after);
        rows = filter.FailureReason is { } reason ? rows.Where(row => row.FailureReason == reason) : rows;
        return await rows.OrderBy(row => row.Id).Take(most).ToListAsync(cancel);
    }
}
