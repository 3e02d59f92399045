using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases.Batches;

/// <summary>Checks the rows of a batch: each as POST /v1/payouts would judge it, and all of them against each other and
/// against earlier payouts. Doing it twice finds the same.</summary>
internal sealed class PlanBatch(
    BatchStore store,
    IPayoutRows rows,
    CreatePayout create,
    IPayoutGateway gateway,
    IDbContextFactory<PayoutDb> databases,
    DatabaseClock clock)
{
    /// <summary>The number of rows that are judged together.</summary>
    private const int AtOnce = 500;

    /// <returns>The batch as it is now; null when it is not there any more.</returns>
    public async Task<Batch?> RunAsync(Batch batch, CancellationToken cancel)
    {
        var profile = new ColumnProfile();
        await foreach (var row in store.AllRowsAsync(batch.Id, onlyUnpaid: false, cancel))
        {
            profile.Add(row.Cells);
        }

        var plan = new Plan(batch, profile, clock.GetUtcNow());
        var all = store.AllRowsAsync(batch.Id, onlyUnpaid: false, cancel);
        await foreach (var some in all.Chunk(AtOnce).WithCancellation(cancel))
        {
            await JudgeAsync(plan, some, cancel);
            if (!await store.SaveFaultsAsync(batch, some))
            {
                return await store.FindAsync(batch.Merchant, batch.Id);
            }
        }

        (batch.ErrorCount, batch.WarningCount) = (plan.Errors, plan.Warnings);
        batch.Totals = plan.Totals.ToDictionary(
            total => total.Key, total => new Money(total.Value, total.Key).ToString());
        batch.Balances = [];
        foreach (var currency in batch.Totals.Keys)
        {
            if (await gateway.BalancesAsync(batch.Merchant, currency, cancel) is { } told
                && told.FirstOrDefault(balance => balance.Currency == currency) is { Currency: not null } balance)
            {
                batch.Balances[currency] = balance.ToString();
            }
        }

        return await store.PlannedAsync(batch);
    }

    private async Task JudgeAsync(Plan plan, BatchRow[] some, CancellationToken cancel)
    {
        var faults = some.ToDictionary(
            row => row.No, row => BatchStore.FaultsOf(row).Where(one => one.IsOfForm).ToList());
        List<(BatchRow Row, PayoutOrder Order)> read = [];
        foreach (var row in some)
        {
            // Of what could not be read there is nothing more to say.
            PayoutOrder? order = null;
            var known = faults[row.No].Select(fault => fault.Column).ToHashSet();
            var found = row.Cells.Count == 0 && known.Count > 0 ? []
                : rows.Read(row.Cells, Requester.Of(plan.Batch), plan.Now, out order)
                    .Where(fault => fault.Column is null || !known.Contains(fault.Column));
            var inFile = plan.InFile(row).ToList();
            faults[row.No].AddRange([.. found, .. inFile, .. plan.Profile.FaultsOf(row.Cells)]);

            // A repeat of a row is no order of its own: it would only say that the row before it was first.
            if (order is not null && inFile.Count == 0)
            {
                read.Add((row, order));
            }
        }

        var judged = await create.JudgeAsync([.. read.Select(one => one.Order)], Patience.ForMany, cancel);
        var past = await PastAsync(plan, [.. read.Select(one => one.Order)], judged);
        foreach (var ((row, order), verdict) in read.Zip(judged))
        {
            faults[row.No].AddRange(
                [.. rows.FaultsOf(verdict), .. plan.OfPayout(row, order, verdict), .. past.FaultsOf(order, verdict)]);
        }

        var orderOf = read.ToDictionary(one => one.Row.No, one => one.Order);
        foreach (var row in some)
        {
            BatchStore.SetFaults(row, faults[row.No]);
            plan.Count(row, faults[row.No], orderOf.GetValueOrDefault(row.No));
        }
    }

    /// <summary>What was paid before that may be the same as the orders.</summary>
    private async Task<Past> PastAsync(Plan plan, PayoutOrder[] orders, IReadOnlyList<JudgedOrder> judged)
    {
        await using var db = await databases.CreateDbContextAsync();
        var zeros = orders.SelectMany(order => ColumnProfile.WithZeros(order.InvoiceId)).ToArray();
        var known = zeros.Length == 0 ? [] : await db.Payouts
            .Where(row => row.Merchant == plan.Batch.Merchant && zeros.Contains(row.InvoiceId))
            .Select(row => row.InvoiceId).ToListAsync();
        var payees = judged.Select(one => one.Result).OfType<CreatePayoutResult.Created>()
            .Select(made => made.Payout.PayeeId).Distinct().ToArray();
        var since = new DateTimeOffset(plan.Now.UtcDateTime.Date, TimeSpan.Zero);
        var first = SortableId.FirstAt(since);
        var paid = await db.Payouts
            .Where(row => payees.Contains(row.PayeeId) && row.Id >= first
                && row.Status != PayoutStatus.Canceled && row.Status != PayoutStatus.Failed
                && row.Status != PayoutStatus.Returned)
            .Select(row => new
            {
                row.PayeeId,
                row.AmountMinor,
                row.Currency,
                row.CreatedAt,
                row.ExecuteAt,
                row.InvoiceId,
            })
            .ToListAsync();
        return new Past(
            [.. known],
            paid.GroupBy(row => new PaidKey(
                    row.PayeeId, row.AmountMinor, row.Currency, DayOf(row.ExecuteAt ?? row.CreatedAt)))
                .ToDictionary(group => group.Key, group => group.First().InvoiceId));
    }

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>A payee, an amount and a day.</summary>
    private readonly record struct PaidKey(Guid PayeeId, long AmountMinor, string Currency, DateOnly Day);

    private sealed record Past(HashSet<string> Known, Dictionary<PaidKey, string> Paid)
    {
        public IEnumerable<RowFault> FaultsOf(PayoutOrder order, JudgedOrder judged)
        {
            if (judged.Result is not CreatePayoutResult.Created(var payout))
            {
                yield break;
            }

            if (ColumnProfile.WithZeros(order.InvoiceId).FirstOrDefault(Known.Contains) is { } whole)
            {
                yield return new RowFault(
                    "leading-zeros-lost", BatchColumns.InvoiceId,
                    $"may be {whole}, which was paid before: a spreadsheet may have dropped the zeros");
            }

            var key = new PaidKey(
                payout.PayeeId, payout.AmountMinor, payout.Currency, DayOf(order.ExecuteAt ?? payout.CreatedAt));
            if (Paid.TryGetValue(key, out var invoiceId))
            {
                yield return new RowFault(
                    "paid-today", BatchColumns.Amount,
                    $"is what {invoiceId} pays the same payee on the same day", IsWarning: true);
            }
        }
    }

    /// <summary>What is found out about a batch while its rows are checked.</summary>
    private sealed class Plan(Batch batch, ColumnProfile profile, DateTimeOffset now)
    {
        private readonly Dictionary<string, int> firstRowOf = [];
        private readonly Dictionary<PaidKey, int> paidInRow = [];

        public Batch Batch => batch;

        public ColumnProfile Profile => profile;

        public DateTimeOffset Now => now;

        public int Errors { get; private set; }

        public int Warnings { get; private set; }

        public Dictionary<string, long> Totals { get; } = [];

        /// <summary>A key stands for one payout: of two rows with the same key the later is a mistake.</summary>
        public IEnumerable<RowFault> InFile(BatchRow row)
        {
            if (row.Cells.TryGetValue(BatchColumns.InvoiceId, out var invoiceId)
                && !firstRowOf.TryAdd(invoiceId, row.No))
            {
                yield return new RowFault(
                    "duplicate-in-file", BatchColumns.InvoiceId,
                    string.Create(CultureInfo.InvariantCulture, $"is that of row {firstRowOf[invoiceId]} too"));
            }
        }

        public IEnumerable<RowFault> OfPayout(BatchRow row, PayoutOrder order, JudgedOrder judged)
        {
            if (judged.Result is CreatePayoutResult.Replayed(var known))
            {
                yield return new RowFault(
                    "paid-before", BatchColumns.InvoiceId,
                    $"is that of a payout of {known.CreatedAt:yyyy-MM-dd}: nothing more is paid for it");
            }

            if (judged.Result is CreatePayoutResult.Created(var payout))
            {
                var key = new PaidKey(
                    payout.PayeeId, payout.AmountMinor, payout.Currency, DayOf(order.ExecuteAt ?? now));
                if (!paidInRow.TryAdd(key, row.No))
                {
                    yield return new RowFault(
                        "paid-twice-in-file",
                        BatchColumns.Amount,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"is what row {paidInRow[key]} pays the same payee on the same day"),
                        IsWarning: true);
                }
            }
        }

        public void Count(BatchRow row, List<RowFault> faults, PayoutOrder? order)
        {
            Errors += row.HasError ? 1 : 0;
            Warnings += !row.HasError && faults.Count > 0 ? 1 : 0;
            if (!row.HasError && order is { Amount: var amount })
            {
                Totals[amount.Currency] = Totals.GetValueOrDefault(amount.Currency) + amount.Minor;
            }
        }
    }
}
