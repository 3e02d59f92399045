using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;

namespace PayoutService.UseCases;

/// <summary>The filters of a search for payouts; null filters nothing.</summary>
internal sealed record PayoutFilter
{
    public required string Merchant { get; init; }

    public PayoutStatus? Status { get; init; }

    /// <summary>Only payouts with an attention, whatever it is.</summary>
    public bool NeedsAttention { get; init; }

    public Attention? Attention { get; init; }

    public Guid? PayeeId { get; init; }

    public Guid? AccountId { get; init; }

    public Guid? BatchId { get; init; }

    public string? InvoiceId { get; init; }

    public string? TransactionNo { get; init; }

    public HoldReason? HoldReason { get; init; }

    public string? Currency { get; init; }

    /// <summary>In the currency's unit, exclusive.</summary>
    public decimal? MoreThan { get; init; }

    /// <summary>In the currency's unit, exclusive.</summary>
    public decimal? LessThan { get; init; }

    /// <summary>No index has what is asked for, so what is read is bounded: see <see cref="SearchPayouts.PageAsync"/>.
    /// </summary>
    public bool IsUnindexed => Currency is not null || MoreThan is not null || LessThan is not null;

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? CreatedTo { get; init; }
}

/// <summary>Searches payouts. Each filter reads an index of its own.</summary>
internal sealed class SearchPayouts(PayoutDb db, Searches searches, PayoutRules rules)
{
    /// <summary>The most payouts that one search reads where no index has what is asked for.</summary>
    public const int MostRead = 100_000;

    /// <summary>The payouts that a filter lets through, in no order.</summary>
    public IQueryable<Payout> Rows(PayoutFilter filter)
    {
        var rows = db.Payouts.AsNoTracking().Where(row => row.Merchant == filter.Merchant);
        if (filter.Status is { } status)
        {
            // As a literal, so that PostgreSQL knows which index has only such rows; and what is open is not confirmed.
            rows = rows.Where(row => row.Status == EF.Constant(status));
            if (PayoutStatuses.Open.Contains(status))
            {
                rows = rows.Where(row => row.ConfirmedBy == null);
            }
        }

        rows = filter.NeedsAttention ? rows.Where(row => row.Attention != null) : rows;
        rows = filter.Attention is { } attention ? rows.Where(row => row.Attention == attention) : rows;
        rows = filter.PayeeId is { } payee ? rows.Where(row => row.PayeeId == payee) : rows;
        rows = filter.AccountId is { } account ? rows.Where(row => row.AccountId == account) : rows;
        rows = filter.BatchId is { } batch ? rows.Where(row => row.BatchId == batch) : rows;
        rows = filter.InvoiceId is { } invoiceId ? rows.Where(row => row.InvoiceId == invoiceId) : rows;
        rows = filter.TransactionNo is { } number ? rows.Where(row => row.TransactionNo == number) : rows;
        rows = filter.HoldReason is { } reason ? rows.Where(row => row.HoldReason == reason) : rows;
        rows = filter.Currency is { } currency ? rows.Where(row => row.Currency == currency) : rows;
        rows = filter.MoreThan is { } more ? rows.Where(IsAbove(more, isBelow: false)) : rows;
        rows = filter.LessThan is { } less ? rows.Where(IsAbove(less, isBelow: true)) : rows;
        if (filter.CreatedFrom is { } from)
        {
            // An id begins with the millisecond in which it was made: it bounds what is read, in the index by age.
            var (utc, first) = (from.ToUniversalTime(), SortableId.FirstAt(from));
            rows = rows.Where(row => row.CreatedAt >= utc && row.Id >= first);
        }

        if (filter.CreatedTo is { } to)
        {
            var (utc, after) = (to.ToUniversalTime(), SortableId.FirstAt(to.AddMilliseconds(1)));
            rows = rows.Where(row => row.CreatedAt < utc && row.Id < after);
        }

        return rows;
    }

    /// <summary>Payouts by their ids, newest first.</summary>
    public async Task<List<Payout>> ByIdsAsync(Guid[] ids, CancellationToken cancel)
    {
        var rows = await db.Payouts.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderByDescending(row => row.Id)
            .ToListAsync(cancel);
        await MarkAsync(rows);
        return rows;
    }

    /// <summary>A page of payouts, newest first.</summary>
    /// <param name="filter">What is searched.</param>
    /// <param name="before">Only payouts before this one; null: from the newest.</param>
    /// <param name="most">The number of payouts at most.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The payouts, and the id down to which was read; null: all that is left was read.</returns>
    public async Task<(List<Payout> Rows, Guid? Floor)> PageAsync(
        PayoutFilter filter, Guid? before, int most, CancellationToken cancel)
    {
        var (rows, floor) = await ReachAsync(filter, before, cancel);
        var page = await searches.RunAsync(rows.Take(most), cancel);
        await MarkAsync(page);
        return (page, floor);
    }

    /// <summary>All payouts that a filter lets through, newest first, each as it is when it is read.</summary>
    public IAsyncEnumerable<Payout> AllAsync(PayoutFilter filter, CancellationToken cancel) =>
        searches.AllAsync<Payout>(last => PartAsync(filter, last?.Id, cancel), cancel);

    /// <summary>What a search reads, and the id down to which it reads, that one included: where no index serves it,
    /// the newest <see cref="MostRead"/> payouts, and one more.</summary>
    private async Task<(IQueryable<Payout> Rows, Guid? Floor)> ReachAsync(
        PayoutFilter filter, Guid? before, CancellationToken cancel)
    {
        var all = db.Payouts.Where(row => row.Merchant == filter.Merchant);
        var rows = Rows(filter);
        if (before is { } last)
        {
            all = all.Where(row => row.Id < last);
            rows = rows.Where(row => row.Id < last);
        }

        Guid? floor = null;
        if (filter.IsUnindexed)
        {
            floor = await all.OrderByDescending(row => row.Id).Select(row => (Guid?)row.Id).Skip(MostRead)
                .FirstOrDefaultAsync(cancel);
            rows = floor is { } oldest ? rows.Where(row => row.Id >= oldest) : rows;
        }

        return (rows.OrderByDescending(row => row.Id), floor);
    }

    /// <summary>Marks payouts that were just read, should the database not be the present.</summary>
    public Task MarkAsync(IReadOnlyList<Payout> page) => DatabaseState.MarkAsync(db, rules, page, all => all);

    private async Task<List<Payout>> PartAsync(PayoutFilter filter, Guid? before, CancellationToken cancel)
    {
        while (true)
        {
            var (rows, floor) = await ReachAsync(filter, before, cancel);
            var part = await searches.RunPartAsync(rows, cancel);
            if (part.Count > 0 || floor is null)
            {
                await MarkAsync(part);
                return part;
            }

            before = floor;
        }
    }

    /// <summary>Compares amounts in the unit of their currencies: each number of decimals has its own limit.</summary>
    private static Expression<Func<Payout, bool>> IsAbove(decimal limit, bool isBelow)
    {
        var (two, three, six, none) = (MinorOf(2), MinorOf(3), MinorOf(6), MinorOf(0));
        string[] ofNone = Currency.OfDecimals(0), ofThree = Currency.OfDecimals(3), ofSix = Currency.OfDecimals(6);
        return isBelow
            ? row => row.AmountMinor < (ofNone.Contains(row.Currency) ? none : ofThree.Contains(row.Currency) ? three
                : ofSix.Contains(row.Currency) ? six : two)
            : row => row.AmountMinor > (ofNone.Contains(row.Currency) ? none : ofThree.Contains(row.Currency) ? three
                : ofSix.Contains(row.Currency) ? six : two);

        decimal MinorOf(int decimals) => limit * (decimal)Math.Pow(10, decimals);
    }
}
