using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Telemetry;

namespace PayoutService.UseCases;

/// <summary>Pays a payout again that certainly never pays: at most once, and never more.</summary>
internal sealed class PayAgain(IDbContextFactory<PayoutDb> databases, CreatePayout create, PayoutRules rules)
{
    /// <summary>The most characters of an invoice id.</summary>
    private const int MostCharacters = 64;

    /// <summary>Invoice ids that are tried at most: long ones with the same beginning share theirs.</summary>
    private const int MostTries = 1_000;

    /// <param name="by">Who asks.</param>
    /// <param name="id">The payout that is paid again.</param>
    /// <param name="accountId">The account to pay to; null: the same.</param>
    /// <param name="reason">Why; it stands in the history.</param>
    /// <param name="cancel">Gives up; the payout may be created all the same.</param>
    /// <returns>Replayed when it was paid again before; ReplacedNotFound when there is no such payout.</returns>
    /// <exception cref="TimeoutException">The database did not answer in time.</exception>
    public async Task<CreatePayoutResult> RunAsync(
        Requester by, Guid id, Guid? accountId, string reason, CancellationToken cancel)
    {
        while (true)
        {
            if (await FindAsync(by.Merchant, id).InTimeAsync(rules, cancel) is not var (old, replacement))
            {
                return new CreatePayoutResult.ReplacedNotFound();
            }

            if (replacement is not null)
            {
                return accountId is null || accountId == replacement.AccountId
                    ? new CreatePayoutResult.Replayed(replacement) : new CreatePayoutResult.AlreadyReplaced();
            }

            var order = await OrderAsync(old, accountId, reason, by).InTimeAsync(rules, cancel);
            var result = await create.RunAsync(order, rules.CallerPatience, cancel);

            // Somebody took the invoice id, or replaced the payout, meanwhile: the next reading finds it.
            if (result is not (CreatePayoutResult.Differs or CreatePayoutResult.AlreadyReplaced))
            {
                return result;
            }
        }
    }

    /// <summary>The order that pays a payout again.</summary>
    public async Task<PayoutOrder> OrderAsync(Payout old, Guid? accountId, string reason, Requester by) => new()
    {
        Merchant = old.Merchant,
        InvoiceId = await FreeInvoiceIdAsync(old),
        AccountId = accountId ?? old.AccountId,
        Amount = old.Amount,
        Description = old.Description,
        Note = old.Note,
        Subject = old.Subject,
        ProcessingChannel = old.ProcessingChannel,
        Metadata = old.Metadata,
        Replaces = old.Id,
        Reason = reason,
        ApiKey = by.ApiKey,
        Owner = by.Owner,
        Traceparent = Traces.Current,
        TraceId = Traces.CurrentId,
    };

    /// <summary>The invoice id with -r2 at its end, of a replacement with the next number, cut to what an invoice id
    /// may have.</summary>
    /// <param name="invoiceId">The invoice id of what is replaced.</param>
    /// <param name="isReplacement">It is a replacement itself.</param>
    /// <param name="skipped">The number of candidates that are taken.</param>
    public static string InvoiceIdFor(string invoiceId, bool isReplacement, int skipped = 0)
    {
        var (stem, number) = (invoiceId, 2);
        var end = invoiceId.LastIndexOf("-r", StringComparison.Ordinal);
        if (isReplacement && end > 0
            && int.TryParse(invoiceId.AsSpan(end + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last is >= 2 and < 1_000_000)
        {
            (stem, number) = (invoiceId[..end], last + 1);
        }

        var suffix = string.Create(CultureInfo.InvariantCulture, $"-r{number + skipped}");
        return stem[..Math.Min(stem.Length, MostCharacters - suffix.Length)] + suffix;
    }

    private async Task<(Payout Old, Payout? Replacement)?> FindAsync(string merchant, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        var rows = await db.Payouts.AsNoTracking()
            .Where(row => row.Merchant == merchant && (row.Id == id || row.Replaces == id)).ToListAsync();
        await DatabaseState.MarkAsync(db, rules, rows, all => all);
        return rows.Find(row => row.Id == id) is { } old ? (old, rows.Find(row => row.Replaces == id)) : null;
    }

    private async Task<string> FreeInvoiceIdAsync(Payout old)
    {
        await using var db = await databases.CreateDbContextAsync();
        var candidates = Enumerable.Range(0, MostTries)
            .Select(skipped => InvoiceIdFor(old.InvoiceId, old.Replaces is not null, skipped)).ToList();
        var first = candidates[0];
        if (!await db.Payouts.AnyAsync(row => row.Merchant == old.Merchant && row.InvoiceId == first))
        {
            return first;
        }

        var taken = await db.Payouts.Where(row => row.Merchant == old.Merchant && candidates.Contains(row.InvoiceId))
            .Select(row => row.InvoiceId).ToListAsync();
        return candidates.Except(taken).First();
    }
}
