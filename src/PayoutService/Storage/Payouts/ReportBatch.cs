using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Telemetry;

namespace PayoutService.Storage.Payouts;

/// <summary>
/// Reports that are recorded in one transaction: their payouts are locked first, in the order of their ids, then each
/// is taken in as if it came alone, after those before it, and what has changed is written at the end.
/// </summary>
internal sealed class ReportBatch
{
    /// <summary>The ids are an array because a row that had to be waited for is judged again by PostgreSQL, and would
    /// not be found again by a join. Each is looked up in the only index that has the order.</summary>
    private const string LockWaiting = """
        -- payouts.lock_reported
        -- prepared
        SET LOCAL lock_timeout = '2s';
        SELECT * FROM payouts
        WHERE id = ANY (ARRAY (
            SELECT unnest({0})
            UNION ALL
            SELECT next.id FROM unnest({1}, {2}) AS told (merchant, invoice_id), LATERAL (
                SELECT id, merchant, invoice_id FROM payouts
                WHERE (payouts.merchant, payouts.invoice_id) >= (told.merchant, told.invoice_id)
                ORDER BY merchant, invoice_id LIMIT 1) AS next
            WHERE (next.merchant, next.invoice_id) = (told.merchant, told.invoice_id)
            UNION ALL
            SELECT next.id FROM unnest({3}, {4}) AS told (merchant, transaction_no), LATERAL (
                SELECT id, merchant, transaction_no FROM payouts
                WHERE (payouts.merchant, payouts.transaction_no) >= (told.merchant, told.transaction_no)
                    AND transaction_no IS NOT NULL
                ORDER BY merchant, transaction_no LIMIT 1) AS next
            WHERE (next.merchant, next.transaction_no) = (told.merchant, told.transaction_no)))
        ORDER BY id FOR UPDATE
        """;

    private const string LockFree = LockWaiting + " SKIP LOCKED";

    private const string LockReplacements = """
        -- payouts.lock_replacements
        SET LOCAL lock_timeout = '2s';
        SELECT * FROM payouts WHERE id = ANY ({0}) ORDER BY id FOR UPDATE
        """;

    private readonly PayoutDb db;
    private readonly IReadOnlyList<IncomingReport> reports;

    /// <summary>Reports about payouts that somebody else keeps locked.</summary>
    private readonly HashSet<IncomingReport> locked = [];

    private readonly Dictionary<Guid, Payout> byId = [];
    private readonly Dictionary<(string Merchant, string InvoiceId), Payout> byInvoice = [];
    private readonly Dictionary<TransactionKey, Guid> owners = [];
    private readonly HashSet<(string Merchant, string Hash)> kept = [];
    private readonly HashSet<Payout> moved = [];
    private readonly List<PayoutEvent> events = [];
    private readonly List<Payout> confirmed = [];
    private readonly List<Payout> ended = [];
    private readonly Dictionary<Guid, (bool IsAccountInvalid, bool IsPayeeInactive)> unpayable = [];

    /// <summary>Payouts that were replaced, and of which a report now says that they are or may be paid.</summary>
    private readonly List<Payout> paidAfterAll = [];
    private readonly Dictionary<string, (Pause Pause, PayoutEvent? Cause)> pauses = [];

    private ReportBatch(PayoutDb db, IReadOnlyList<IncomingReport> reports)
    {
        this.db = db;
        this.reports = reports;
    }

    /// <summary>In the history of the payout whose answer paused its merchant's sending.</summary>
    public const string PausedSending = "pausedSending";

    /// <summary>Merchants to pause.</summary>
    public IEnumerable<Pause> Pauses => pauses.Values.Select(one => one.Pause);

    /// <summary>Locks the reported payouts, so that nothing else moves them until the reports are recorded; reads whose
    /// the transactions are already that they tell of.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="mayWait">Waits a while for rows that somebody else keeps locked; else the reports about them are
    /// left out.</param>
    public static async Task<ReportBatch> LockAsync(PayoutDb db, IReadOnlyList<IncomingReport> reports, bool mayWait)
    {
        var group = new ReportBatch(db, reports);
        var ids = reports.Select(one => one.PayoutId).OfType<Guid>().Distinct().ToArray();
        var notices = reports.Select(one => one.Notice).OfType<Notice>().ToList();
        var merchants = notices.Select(notice => notice.Merchant).ToArray();
        var invoiceIds = notices.Select(notice => notice.InvoiceId!).ToArray();
        var transactions = reports.Select(one => one.Transaction).Where(one => one.No is not null).ToArray();
        var owners = transactions.Select(one => one.Merchant).ToArray();
        var transactionNos = transactions.Select(one => one.No).ToArray();

        foreach (var payout in await db.Payouts.FromSqlRaw(
            mayWait ? LockWaiting : LockFree, ids, merchants, invoiceIds, owners, transactionNos)
            .AsNoTracking().ToListAsync())
        {
            group.byId[payout.Id] = payout;
            group.byInvoice[(payout.Merchant, payout.InvoiceId)] = payout;
            group.Owns(payout);
        }

        if (!mayWait)
        {
            await group.FindLockedAsync();
        }

        return group;
    }

    /// <summary>Keeps the notices, and applies the reports one after the other.</summary>
    public async Task<Served<Recorded>[]> ApplyAsync(DateTimeOffset now, PayoutRules rules)
    {
        var told = reports.Select(one => locked.Contains(one) ? default : Read(one)).ToArray();
        await MarkUnsentAsync(now, rules);
        await KeepAsync();
        await ReadUnpayableAsync([.. told.Where(one => EndsUnpaid(one.Report)).Select(one => one.Payout!.AccountId)]);
        for (var at = 0; at < told.Length; at++)
        {
            if (told[at] is { Payout: { } payout, Report: { } report }
                && (reports[at].Notice is not { } notice || kept.Remove(KeyOf(notice))))
            {
                Apply(payout, report, now, rules);
            }
        }

        await NameReplacementsAsync(now, rules);
        return [.. reports.Zip(told, (one, recorded) =>
            locked.Contains(one) ? Served<Recorded>.Locked : (Served<Recorded>)recorded)];
    }

    /// <summary>The pause is new: the history of the payout that made it says so.</summary>
    public void Began(Pause pause)
    {
        if (pauses[pause.Merchant].Cause is { } cause)
        {
            cause.Detail[PausedSending] = "true";
        }
    }

    /// <summary>Writes what the reports changed; COMMIT is the last statement of the batch.</summary>
    /// <param name="prepares">The statements are prepared (<see cref="PreparedStatements"/>).</param>
    public async Task WriteAsync(bool prepares)
    {
        await using var batch = ArrayStatements.Batch(db);
        if (prepares)
        {
            PreparedStatements.Begin(batch);
        }

        if (moved.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Update(db, [.. moved]));
        }

        if (events.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, events));
        }

        batch.BatchCommands.Add(ArrayStatements.Commit());
        if (prepares)
        {
            await batch.PrepareAsync();
        }

        await batch.ExecuteNonQueryAsync();
        confirmed.ForEach(payout => Metrics.Confirmed(
            payout.Status, payout.ConfirmedBy!, payout.UpdatedAt - payout.CreatedAt));
        ended.ForEach(payout => Metrics.Failed(payout.FailureReason!, payout.FailureCode is not null));
    }

    private static bool EndsUnpaid(Report? report) => report?.Kind is ReportKind.Refused or ReportKind.Reversed;

    /// <summary>Reads which of the accounts, and whose payees, our own rows call other than active.</summary>
    private async Task ReadUnpayableAsync(Guid[] accountIds)
    {
        if (accountIds.Length == 0)
        {
            return;
        }

        var rows = await db.Accounts.Where(account => accountIds.Contains(account.Id))
            .Join(db.Payees, account => account.PayeeId, payee => payee.Id, (account, payee) => new
            {
                account.Id,
                IsAccountInvalid = account.Status != AccountStatus.Active,
                IsPayeeInactive = payee.Status != PayeeStatus.Active,
            })
            .Where(row => row.IsAccountInvalid || row.IsPayeeInactive).ToListAsync();
        rows.ForEach(row => unpayable[row.Id] = (row.IsAccountInvalid, row.IsPayeeInactive));
    }

    /// <summary>Names the replacement too, and keeps it from being sent. It is the younger row, so the locks are taken
    /// in the order of the ids all the same.</summary>
    private async Task NameReplacementsAsync(DateTimeOffset now, PayoutRules rules)
    {
        var missing = paidAfterAll.Select(one => one.ReplacedBy!.Value).Where(id => !byId.ContainsKey(id)).ToArray();
        if (missing.Length > 0)
        {
            foreach (var payout in await db.Payouts.FromSqlRaw(LockReplacements, missing).AsNoTracking().ToListAsync())
            {
                byId[payout.Id] = payout;
            }
        }

        foreach (var replaced in paidAfterAll)
        {
            var replacement = byId[replaced.ReplacedBy!.Value];
            if (replacement.ContradictedBy(replaced, now, rules) is { } raised)
            {
                moved.Add(replacement);
                events.Add(raised);
            }
        }
    }

    /// <summary>Finds reports whose payout is locked by another transaction, as against notices of payouts that we do
    /// not have.</summary>
    private async Task FindLockedAsync()
    {
        locked.UnionWith(reports.Where(one => one.PayoutId is { } id && !byId.ContainsKey(id)));
        var unknown = reports.Where(one => one.Notice is { } notice
            && !byInvoice.ContainsKey((notice.Merchant, notice.InvoiceId!))).ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        var merchants = unknown.Select(one => one.Notice!.Merchant).ToArray();
        var invoiceIds = unknown.Select(one => one.Notice!.InvoiceId!).ToArray();
        var known = await db.Payouts.AsNoTracking()
            .Where(row => merchants.Contains(row.Merchant) && invoiceIds.Contains(row.InvoiceId))
            .Select(row => new { row.Merchant, row.InvoiceId }).ToListAsync();
        locked.UnionWith(unknown.Where(one => known.Exists(row =>
            row.Merchant == one.Notice!.Merchant && row.InvoiceId == one.Notice.InvoiceId)));
    }

    /// <summary>Payouts that an outdated database calls unsent may have been sent: reports about them contradict
    /// nothing.</summary>
    private async Task MarkUnsentAsync(DateTimeOffset now, PayoutRules rules)
    {
        var unsent = byId.Values.Where(payout => payout.Status is PayoutStatus.Queued or PayoutStatus.Held).ToList();
        if (unsent.Count == 0 || await DatabaseState.IsPresentAsync(db, rules))
        {
            return;
        }

        foreach (var payout in unsent)
        {
            moved.Add(payout);
            events.Add(payout.MarkPossiblySent(now));
        }
    }

    private Recorded Read(IncomingReport one)
    {
        var payout = one.PayoutId is { } id
            ? byId.GetValueOrDefault(id)
            : byInvoice.GetValueOrDefault((one.Notice!.Merchant, one.Notice.InvoiceId!));
        one.Notice?.PayoutId = payout?.Id;
        return payout is null ? default : new Recorded(payout, one.Read(payout));
    }

    private void Apply(Payout payout, Report report, DateTimeOffset now, PayoutRules rules)
    {
        moved.Add(payout);
        var (wasConfirmed, wasDisputed, before) = (payout.ConfirmedBy is not null, payout.IsDisputed, payout.Status);
        report = WithTransactionOfItsOwn(payout, report);
        if (unpayable.TryGetValue(payout.AccountId, out var known))
        {
            report = report with { IsAccountInvalid = known.IsAccountInvalid, IsPayeeInactive = known.IsPayeeInactive };
        }

        var happened = payout.Apply(report, now, rules);
        if (payout.FailureReason is not null && payout.Status != before)
        {
            ended.Add(payout);
        }

        if (payout is { ReplacedBy: not null, IsDisputed: true } && !wasDisputed)
        {
            paidAfterAll.Add(payout);
        }

        if (!wasConfirmed && payout.ConfirmedBy is not null)
        {
            confirmed.Add(payout);
        }

        if (happened is not null)
        {
            events.Add(happened);
        }

        Owns(payout);
        if (payout.Status is PayoutStatus.Held && report.HoldReason is HoldReason.Access)
        {
            // What was denied to one payout would be denied to all.
            var pause = new Pause
            {
                Merchant = payout.Merchant,
                Kind = PauseKind.Pockyt,
                Actor = Actor.Provider,
                Reason = $"{report.Code}: {report.Message}",
                Since = now,
                CausedBy = payout.Id,
            };
            pauses.TryAdd(payout.Merchant, (pause, happened));
        }
    }

    /// <summary>A transaction number that another payout already has cannot be this one's too.</summary>
    private Report WithTransactionOfItsOwn(Payout payout, Report report) =>
        report.TransactionNo is { } transactionNo && payout.TransactionNo is null
        && owners.TryGetValue(new(payout.Merchant, transactionNo), out var owner) && owner != payout.Id
            ? report with { TransactionNo = null, Mismatch = "transactionNo belongs to another payout" }
            : report;

    private void Owns(Payout payout)
    {
        if (payout.TransactionNo is { } transactionNo)
        {
            owners[new(payout.Merchant, transactionNo)] = payout.Id;
        }
    }

    /// <summary>Keeps the notices, finding out which are new.</summary>
    private async Task KeepAsync()
    {
        var notices = reports.Except(locked).Select(one => one.Notice).OfType<Notice>().DistinctBy(KeyOf).OrderBy(
            notice => Convert.ToHexString(notice.Hash), StringComparer.Ordinal).ToList();
        if (notices.Count == 0)
        {
            return;
        }

        await using var batch = ArrayStatements.Batch(db);

        // One that was kept when its payout did not exist counts when it comes again.
        batch.BatchCommands.Add(ArrayStatements.Insert(
            db,
            notices,
            """
            ON CONFLICT ON CONSTRAINT one_row_per_notice DO UPDATE SET payout_id = excluded.payout_id
            WHERE notices.payout_id IS NULL AND excluded.payout_id IS NOT NULL RETURNING merchant, hash
            """));
        await using var rows = await batch.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            kept.Add((rows.GetString(0), Convert.ToHexString((byte[])rows[1])));
        }
    }

    private static (string Merchant, string Hash) KeyOf(Notice notice) =>
        (notice.Merchant, Convert.ToHexString(notice.Hash));
}
