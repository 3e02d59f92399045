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

    public string? InvoiceId { get; init; }

    public string? TransactionNo { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? CreatedTo { get; init; }
}

/// <summary>Searches payouts. Each filter reads an index of its own.</summary>
internal sealed class SearchPayouts(PayoutDb db, PayoutRules rules)
{
    /// <summary>The payouts that a filter lets through, in no order.</summary>
    public IQueryable<Payout> Rows(PayoutFilter filter)
    {
        var rows = db.Payouts.AsNoTracking().Where(row => row.Merchant == filter.Merchant);
        if (filter.Status is { } status)
        {
            // As a literal, so that PostgreSQL knows which index has only such rows; and what is open is not confirmed.
            rows = rows.Where(row => row.Status == EF.Constant(status));
            if (status is not PayoutStatus.Canceled && !status.IsFinal())
            {
                rows = rows.Where(row => row.ConfirmedBy == null);
            }
        }

        rows = filter.NeedsAttention ? rows.Where(row => row.Attention != null) : rows;
        rows = filter.Attention is { } attention ? rows.Where(row => row.Attention == attention) : rows;
        rows = filter.PayeeId is { } payee ? rows.Where(row => row.PayeeId == payee) : rows;
        rows = filter.AccountId is { } account ? rows.Where(row => row.AccountId == account) : rows;
        rows = filter.InvoiceId is { } invoiceId ? rows.Where(row => row.InvoiceId == invoiceId) : rows;
        rows = filter.TransactionNo is { } number ? rows.Where(row => row.TransactionNo == number) : rows;
        if (filter.CreatedFrom is { } from)
        {
            // An id begins with the millisecond in which it was made: it bounds what is read, in the index by age.
            var (utc, first) = (from.ToUniversalTime(), FirstIdOf(from.ToUnixTimeMilliseconds()));
            rows = rows.Where(row => row.CreatedAt >= utc && row.Id >= first);
        }

        if (filter.CreatedTo is { } to)
        {
            var (utc, after) = (to.ToUniversalTime(), FirstIdOf(to.ToUnixTimeMilliseconds() + 1));
            rows = rows.Where(row => row.CreatedAt < utc && row.Id < after);
        }

        return rows;
    }

    /// <summary>Marks payouts that were just read, should the database not be the present.</summary>
    public Task MarkAsync(IReadOnlyList<Payout> page) => DatabaseState.MarkAsync(db, rules, page, all => all);

    /// <summary>The first id that can be made in a millisecond.</summary>
    private static Guid FirstIdOf(long unixMilliseconds)
    {
        var time = Math.Max(0, unixMilliseconds);
        return new Guid((int)(time >> 16), (short)time, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
