using System.Runtime.CompilerServices;
using PayoutService.Payouts;

namespace PayoutService.Views.Csv;

/// <summary>Payouts as lines of a CSV file, and after them a total of each currency.</summary>
internal static class PayoutLines
{
    public static readonly string[] Header =
    [
        "record", "id", "invoiceId", "status", "holdReason", "attention", "moneyMoved", "confirmedBy", "amount",
        "currency", "fee", "payeeId", "accountId", "transactionNo", "description", "executeAt", "createdAt",
        "updatedAt", "count",
    ];

    public static async IAsyncEnumerable<string?[]> Of(
        IAsyncEnumerable<Payout> payouts, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        SortedDictionary<string, (long Count, decimal Amount, decimal Fee)> totals = new(StringComparer.Ordinal);
        await foreach (var payout in payouts.WithCancellation(cancel))
        {
            var (count, amount, fee) = totals.GetValueOrDefault(payout.Currency);
            totals[payout.Currency] = (count + 1, amount + payout.AmountMinor, fee + (payout.FeeMinor ?? 0));
            yield return Of(PayoutView.Of(payout));
        }

        foreach (var (currency, (count, amount, fee)) in totals)
        {
            yield return Total(count, CsvFile.Amount(amount, currency), currency, CsvFile.Amount(fee, currency));
        }

        if (totals.Count == 0)
        {
            yield return Total(0);
        }
    }

    private static string?[] Of(PayoutView payout) =>
    [
        "payout", payout.Id, payout.InvoiceId, CsvFile.Text<PayoutStatus>(payout.Status),
        CsvFile.Text(payout.HoldReason), CsvFile.Text(payout.Attention), CsvFile.Text<MoneyMoved>(payout.MoneyMoved),
        CsvFile.Text(payout.ConfirmedBy), payout.Amount, payout.Currency, payout.Fee, payout.PayeeId, payout.AccountId,
        payout.Provider.TransactionNo, payout.Description, CsvFile.Text(payout.ExecuteAt),
        CsvFile.Text(payout.CreatedAt), CsvFile.Text(payout.UpdatedAt), null,
    ];

    private static string?[] Total(long count, string? amount = null, string? currency = null, string? fee = null) =>
    [
        "total", null, null, null, null, null, null, null, amount, currency, fee, null, null, null, null, null, null,
        null, CsvFile.Text(count),
    ];
}
