using PayoutService.Payouts;
using PayoutService.Storage.Events;

namespace PayoutService.Storage.Reports;

/// <summary>
/// Counts payouts by day, currency, rail, status and whether money moved, from the lines of their history: a line takes
/// its payout out of where the line before left it. If each transaction that changes a payout counted it, all would
/// wait for the same counts; here one process counts, after the commits.
/// </summary>
internal static class PayoutCounts
{
    /// <summary>Counts lines, each once ever, in the transaction that notes that they are counted.</summary>
    public static async Task AddAsync(PayoutDb db, IReadOnlyList<HistoryLine> lines)
    {
        Dictionary<Cell, (long Count, decimal Amount, long FeeCount, decimal Fee)> counts = [];
        Dictionary<(Cell Cell, short Bucket), long> times = [];
        foreach (var (line, of) in lines.Select(line => (line, line.Of)))
        {
            if (of is null)
            {
                continue;
            }

            Count(line.Before, of, -1);
            Count(line.Payout, of, 1);
            if (IsConfirmedBy(line))
            {
                var key = (
                    CellOf(line.Payout!, of) with { MoneyMoved = MoneyMoved.Yes },
                    TimeBuckets.Of(line.Payout!.At - of.ToBeSentAt, TimeSpan.FromSeconds(1)));
                times[key] = times.GetValueOrDefault(key) + 1;
            }
        }

        PayoutCount[] changed =
        [
            .. from pair in counts
               where pair.Value != default
               let cell = pair.Key
               select new PayoutCount
               {
                   Merchant = cell.Merchant,
                   Day = cell.Day,
                   Currency = cell.Currency,
                   Rail = cell.Rail,
                   Status = cell.Status,
                   MoneyMoved = cell.MoneyMoved,
                   Count = pair.Value.Count,
                   AmountMinor = pair.Value.Amount,
                   FeeCount = pair.Value.FeeCount,
                   FeeMinor = pair.Value.Fee,
               },
        ];
        PayoutTime[] ended =
        [
            .. from pair in times
               let cell = pair.Key.Cell
               select new PayoutTime
               {
                   Merchant = cell.Merchant,
                   Day = cell.Day,
                   Currency = cell.Currency,
                   Rail = cell.Rail,
                   Status = cell.Status,
                   Bucket = pair.Key.Bucket,
                   Count = pair.Value,
               },
        ];
        await using var batch = ArrayStatements.Batch(db);
        if (changed.Length > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, changed, """
                ON CONFLICT ON CONSTRAINT payout_counts_pkey DO UPDATE SET
                    count = payout_counts.count + excluded.count,
                    amount_minor = payout_counts.amount_minor + excluded.amount_minor,
                    fee_count = payout_counts.fee_count + excluded.fee_count,
                    fee_minor = payout_counts.fee_minor + excluded.fee_minor
                """));
        }

        if (ended.Length > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, ended, """
                ON CONFLICT ON CONSTRAINT payout_times_pkey DO UPDATE SET count = payout_times.count + excluded.count
                """));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync();
        }

        void Count(PayoutEvent? line, PayoutOfLine of, int sign)
        {
            if (line is null)
            {
                return;
            }

            var cell = CellOf(line, of);
            var (count, amount, feeCount, fee) = counts.GetValueOrDefault(cell);
            counts[cell] = (
                count + sign,
                amount + (sign * of.AmountMinor),
                feeCount + (line.FeeMinor is null ? 0 : sign),
                fee + (sign * (line.FeeMinor ?? 0)));
        }
    }

    /// <summary>The line confirms a final status that was not confirmed before it.</summary>
    private static bool IsConfirmedBy(HistoryLine line) => line.Payout is { ConfirmedBy: not null, To: var to }
        && (line.Before?.ConfirmedBy is null || line.Before.To != to);

    private static Cell CellOf(PayoutEvent line, PayoutOfLine of) => new(
        of.Merchant,
        DateOnly.FromDateTime(of.CreatedAt.UtcDateTime),
        of.Currency,
        of.Rail,
        line.To!.Value,
        Payout.MoneyMovedIn(line.To.Value, line.Attention, line.ConfirmedBy));

    private sealed record Cell(
        string Merchant, DateOnly Day, string Currency, string Rail, PayoutStatus Status, MoneyMoved MoneyMoved);
}
