using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Batches;

/// <summary>One cause of faults in a batch.</summary>
/// <param name="Cause">The kind of fault.</param>
/// <param name="Column">The column that has it.</param>
/// <param name="IsWarning">The rows can be paid all the same.</param>
/// <param name="Message">What is wrong with the first.</param>
/// <param name="Count">The number of rows that have it.</param>
/// <param name="Rows">The first of them.</param>
internal sealed record BatchCause(
    string Cause, string? Column, bool IsWarning, string Message, int Count, int[] Rows);

/// <summary>The counts of a batch.</summary>
/// <param name="Outcomes">Its rows by outcome.</param>
/// <param name="Payouts">Its payouts by status.</param>
/// <param name="AwaitingApproval">Those that wait for approval, and for nothing before it.</param>
internal sealed record BatchCounts(
    IReadOnlyDictionary<RowOutcome, int> Outcomes,
    IReadOnlyDictionary<PayoutStatus, int> Payouts,
    int AwaitingApproval);

/// <summary>Batches and their rows: one public method is one transaction.</summary>
internal sealed class BatchStore(IDbContextFactory<PayoutDb> databases, DatabaseClock clock)
{
    /// <summary>The time for which a worker has a batch from its last step.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>The time after which a plan that nobody confirmed is deleted.</summary>
    public static readonly TimeSpan PlanKept = TimeSpan.FromDays(7);

    /// <summary>The time after which an upload that did not end is deleted.</summary>
    private static readonly TimeSpan UploadKept = TimeSpan.FromHours(1);

    private const int PartSize = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The faults of a row.</summary>
    public static List<RowFault> FaultsOf(BatchRow row) =>
        JsonSerializer.Deserialize<List<RowFault>>(row.Faults, Json)!;

    /// <summary>Writes the faults of a row.</summary>
    public static void SetFaults(BatchRow row, IReadOnlyList<RowFault> faults)
    {
        row.Faults = JsonSerializer.Serialize(faults, Json);
        row.HasError = faults.Any(fault => !fault.IsWarning);
    }

    /// <summary>Stores a batch without its rows.</summary>
    public async Task CreateAsync(Batch batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        db.Add(batch);
        await db.SaveAsync(Actor.ApiKey(batch.ApiKey), ChangeKind.Began, batch.CreatedAt);
    }

    /// <summary>Stores some of its rows.</summary>
    public async Task AddRowsAsync(IReadOnlyList<BatchRow> rows)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Insert(db, rows));
        batch.BatchCommands.Add(ArrayStatements.Commit());
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>All rows of a batch are stored: it can be planned.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="planner">The one who plans it now, as a worker that has it; null: a worker will.</param>
    public Task<Batch?> CompleteAsync(Batch batch, int rows, Guid? planner) =>
        ChangeAsync(batch.Merchant, batch.Id, Actor.ApiKey(batch.ApiKey), ChangeKind.Changed, one =>
        {
            one.RowCount = rows;
            one.LeasedBy = planner;
            one.LeaseUntil = planner is null ? null : clock.GetUtcNow() + Lease;
            return true;
        });

    /// <summary>Deletes a batch that was not confirmed, with its rows.</summary>
    public async Task DeleteAsync(Batch batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        db.Batches.RemoveRange(await db.Batches.Where(
            row => row.Id == batch.Id && row.ConfirmedAt == null).ToListAsync());
        await db.SaveAsync(Actor.ApiKey(batch.ApiKey), ChangeKind.Removed, clock.GetUtcNow());
    }

    public async Task<Batch?> FindAsync(string merchant, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Batches.AsNoTracking().SingleOrDefaultAsync(row => row.Merchant == merchant && row.Id == id);
    }

    /// <summary>A batch of one of these merchants.</summary>
    public async Task<Batch?> FindAsync(IReadOnlyList<string> merchants, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Batches.AsNoTracking()
            .SingleOrDefaultAsync(row => merchants.Contains(row.Merchant) && row.Id == id);
    }

    /// <summary>The newest batches of these merchants.</summary>
    public async Task<List<Batch>> NewestAsync(IReadOnlyList<string> merchants, int most)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Batches.AsNoTracking().Where(row => merchants.Contains(row.Merchant))
            .OrderByDescending(row => row.Id).Take(most).ToListAsync();
    }

    /// <summary>Takes a batch that has something to do, which no other worker has.</summary>
    /// <returns>Null: there is none.</returns>
    public async Task<Batch?> ClaimAsync(Guid worker)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var batch = (await db.Batches.FromSql($"""
            -- batches.claim
            SELECT * FROM batches
            WHERE (status IN ('running', 'canceling') OR (status = 'planning' AND row_count > 0))
              AND (lease_until IS NULL OR lease_until < {now} OR leased_by = {worker})
            ORDER BY lease_until NULLS FIRST, id LIMIT 1 FOR UPDATE SKIP LOCKED
            """).ToListAsync()).SingleOrDefault();
        if (batch is null)
        {
            return null;
        }

        (batch.LeasedBy, batch.LeaseUntil) = (worker, now + Lease);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return batch;
    }

    /// <summary>Rows of a batch in their order.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="after">Only rows after this number.</param>
    /// <param name="most">The number of rows at most.</param>
    /// <param name="outcome">Only rows with this outcome; null: with any.</param>
    /// <param name="withFaults">Only rows with faults.</param>
    public async Task<List<BatchRow>> RowsAsync(
        Guid batchId, int after, int most, RowOutcome? outcome = null, bool withFaults = false)
    {
        await using var db = await databases.CreateDbContextAsync();
        var rows = db.BatchRows.AsNoTracking().Where(row => row.BatchId == batchId && row.No > after);
        rows = outcome is { } wanted ? rows.Where(row => row.Outcome == EF.Constant(wanted)) : rows;
        rows = withFaults ? rows.Where(row => row.Faults != EF.Constant("[]")) : rows;
        return await rows.OrderBy(row => row.No).Take(most).ToListAsync();
    }

    /// <summary>All rows of a batch in their order, of which some are in memory at once.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="onlyUnpaid">Only rows that cannot be paid as they are.</param>
    /// <param name="cancel">Gives up.</param>
    public async IAsyncEnumerable<BatchRow> AllRowsAsync(
        Guid batchId, bool onlyUnpaid, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (int? after = 0; after is not null;)
        {
            List<BatchRow> part;
            await using (var db = await databases.CreateDbContextAsync(cancel))
            {
                part = await db.BatchRows.AsNoTracking()
                    .Where(row => row.BatchId == batchId && row.No > after
                        && (!onlyUnpaid || row.HasError || row.Outcome == EF.Constant(RowOutcome.Refused)))
                    .OrderBy(row => row.No).Take(PartSize).ToListAsync(cancel);
            }

            foreach (var row in part)
            {
                yield return row;
            }

            after = part.Count > 0 ? part[^1].No : null;
        }
    }

    /// <summary>Writes the faults that were found in rows, unless another has the batch by now: its plan is the one
    /// that is confirmed.</summary>
    /// <returns>False: nothing was written.</returns>
    public async Task<bool> SaveFaultsAsync(Batch batch, IReadOnlyList<BatchRow> rows)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await LockAsync(db, batch.Id) is not { Status: BatchStatus.Planning } now || now.LeasedBy != batch.LeasedBy)
        {
            return false;
        }

        await UpdateAsync(db, rows);
        await ExtendAsync(db, batch, done: 0);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>A batch was checked; unless another has it by now.</summary>
    public Task<Batch?> PlannedAsync(Batch planned) =>
        ChangeAsync(planned.Merchant, planned.Id, Actor.Dispatcher, ChangeKind.Planned, batch =>
        {
            if (batch.Status is not BatchStatus.Planning || batch.LeasedBy != planned.LeasedBy)
            {
                return false;
            }

            batch.Status = BatchStatus.Planned;
            batch.PlannedAt = clock.GetUtcNow();
            (batch.ErrorCount, batch.WarningCount) = (planned.ErrorCount, planned.WarningCount);
            (batch.Totals, batch.Balances) = (planned.Totals, planned.Balances);
            (batch.LeasedBy, batch.LeaseUntil) = (null, null);
            return true;
        });

    /// <summary>Confirms a batch that was planned: its rows without errors are paid, the others are skipped.</summary>
    /// <returns>The batch as it is; null when there is none.</returns>
    public async Task<Batch?> ConfirmAsync(string merchant, Guid id, string apiKey)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await LockAsync(db, id) is not { } batch || batch.Merchant != merchant)
        {
            return null;
        }

        if (batch.Status is BatchStatus.Planned)
        {
            var skipped = await db.BatchRows.Where(row => row.BatchId == id && row.HasError)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.Outcome, RowOutcome.Skipped));
            batch.Status = BatchStatus.Running;
            batch.DoneCount = skipped;
            batch.Version++;
            (batch.ConfirmedAt, batch.ConfirmedBy) = (clock.GetUtcNow(), apiKey);
            await db.SaveAsync(Actor.ApiKey(apiKey), ChangeKind.Confirmed, clock.GetUtcNow());
            await transaction.CommitAsync();
        }

        return batch;
    }

    /// <summary>Cancels what is not sent of a batch; a worker does it.</summary>
    /// <returns>The batch as it is; null when there is none.</returns>
    public Task<Batch?> CancelAsync(string merchant, Guid id, string apiKey) =>
        ChangeAsync(merchant, id, Actor.ApiKey(apiKey), ChangeKind.Changed, batch =>
        {
            if (batch.Status is BatchStatus.Canceling or BatchStatus.Canceled)
            {
                return false;
            }

            batch.Status = BatchStatus.Canceling;
            batch.CanceledBy = apiKey;
            return true;
        });

    /// <summary>Writes the outcomes of rows, unless another has the batch by now: it finds them by itself.</summary>
    /// <returns>The batch as it is: somebody may have canceled it meanwhile.</returns>
    public async Task<Batch> RecordAsync(Batch batch, IReadOnlyList<BatchRow> rows)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = await LockAsync(db, batch.Id)
            ?? throw new InvalidOperationException($"There is no batch {batch.Id} to record rows of.");
        if (now.LeasedBy == batch.LeasedBy)
        {
            db.ChangeTracker.Clear();
            await UpdateAsync(db, rows);
            await ExtendAsync(db, batch, rows.Count);
            await transaction.CommitAsync();
        }

        return now;
    }

    /// <summary>Rows without an outcome are not accepted any more.</summary>
    public async Task CancelRowsAsync(Batch batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        await db.BatchRows.Where(row => row.BatchId == batch.Id && row.Outcome == EF.Constant(RowOutcome.Pending))
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.Outcome, RowOutcome.Canceled));
    }

    /// <summary>Some payouts of a batch that were not sent.</summary>
    public async Task<List<Guid>> UnsentAsync(Guid batchId, Guid after, int most)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Payouts.Where(row => row.BatchId == batchId && row.Id > after
                && (row.Status == PayoutStatus.Queued || row.Status == PayoutStatus.Held))
            .OrderBy(row => row.Id).Take(most).Select(row => row.Id).ToListAsync();
    }

    /// <summary>Nothing is left to do for a batch.</summary>
    public Task<Batch?> EndAsync(Batch ended) => ChangeAsync(
        ended.Merchant,
        ended.Id,
        Actor.Dispatcher,
        ended.Status is BatchStatus.Canceling ? ChangeKind.Canceled : ChangeKind.Finished,
        batch =>
        {
            if (batch.Status != ended.Status)
            {
                return false;
            }

            batch.Status = ended.Status is BatchStatus.Canceling ? BatchStatus.Canceled : BatchStatus.Finished;
            batch.FinishedAt = clock.GetUtcNow();
            (batch.LeasedBy, batch.LeaseUntil) = (null, null);
            return true;
        });

    /// <summary>Deletes plans that nobody confirmed in time, and uploads that did not end.</summary>
    public async Task ExpireAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        var (plans, uploads) = (now - PlanKept, now - UploadKept);
        db.Batches.RemoveRange(await db.Batches
            .Where(row => (row.Status == BatchStatus.Planned && row.CreatedAt < plans)
                || (row.Status == BatchStatus.Planning && row.RowCount == 0 && row.CreatedAt < uploads))
            .OrderBy(row => row.Id).Take(100).ToListAsync());
        await db.SaveAsync(Actor.Reconciler, ChangeKind.Removed, now);
    }

    /// <summary>The causes of the faults of a batch, the most frequent first.</summary>
    public async Task<List<BatchCause>> CausesAsync(Guid batchId)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Database.SqlQuery<BatchCause>($"""
            -- batch_rows.causes
            SELECT fault->>'cause' AS "Cause", fault->>'column' AS "Column",
                (fault->>'isWarning')::boolean AS "IsWarning",
                (array_agg(fault->>'message' ORDER BY no))[1] AS "Message",
                count(*)::int AS "Count", (array_agg(no ORDER BY no))[1:20] AS "Rows"
            FROM batch_rows CROSS JOIN jsonb_array_elements(faults) AS fault
            WHERE batch_id = {batchId} AND faults <> '[]'
            GROUP BY 1, 2, 3 ORDER BY 3, 5 DESC, 1, 2 LIMIT 200
            """).ToListAsync();
    }

    public async Task<BatchCounts> CountsAsync(Guid batchId)
    {
        await using var db = await databases.CreateDbContextAsync();
        var outcomes = await db.BatchRows.Where(row => row.BatchId == batchId).GroupBy(row => row.Outcome)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(row => row.Key, row => row.Count);
        var payouts = await db.Payouts.Where(row => row.BatchId == batchId).GroupBy(row => row.Status)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(row => row.Key, row => row.Count);
        var awaiting = await db.Payouts.CountAsync(row => row.BatchId == batchId
            && row.Status == PayoutStatus.Held && row.HoldReason == HoldReason.Approval);
        return new BatchCounts(outcomes, payouts, awaiting);
    }

    /// <summary>A batch, locked until the transaction ends; null: there is none.</summary>
    public static async Task<Batch?> LockAsync(PayoutDb db, Guid id) =>
        (await db.Batches.FromSql($"SELECT * FROM batches WHERE id = {id} FOR UPDATE").ToListAsync()).SingleOrDefault();

    private static async Task UpdateAsync(PayoutDb db, IReadOnlyList<BatchRow> rows)
    {
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Update(db, rows));
        await batch.ExecuteNonQueryAsync();
    }

    private Task<int> ExtendAsync(PayoutDb db, Batch batch, int done)
    {
        var until = clock.GetUtcNow() + Lease;
        return db.Batches.Where(row => row.Id == batch.Id).ExecuteUpdateAsync(row => row
            .SetProperty(one => one.LeaseUntil, until)
            .SetProperty(one => one.DoneCount, one => one.DoneCount + done));
    }

    private async Task<Batch?> ChangeAsync(
        string merchant, Guid id, Actor actor, ChangeKind what, Func<Batch, bool> change)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await LockAsync(db, id) is not { } batch || batch.Merchant != merchant)
        {
            return null;
        }

        if (change(batch))
        {
            batch.Version++;
            await db.SaveAsync(actor, what, clock.GetUtcNow());
            await transaction.CommitAsync();
        }

        return batch;
    }
}
