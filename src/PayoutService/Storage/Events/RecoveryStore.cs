using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Events;

/// <summary>What became of a request to recover an endpoint.</summary>
internal abstract record RecoveryStarted
{
    public sealed record Created(Recovery Recovery) : RecoveryStarted;

    /// <summary>The merchant has no such endpoint.</summary>
    public sealed record NotFound : RecoveryStarted;

    /// <summary>Nothing is sent to the endpoint.</summary>
    public sealed record Disabled : RecoveryStarted;

    /// <summary>Another recovery of the endpoint is running.</summary>
    public sealed record Running(Recovery Recovery) : RecoveryStarted;
}

/// <summary>
/// Recoveries of webhook endpoints. A recovery schedules every event of its time that was not delivered: those that
/// were given up, and those that were never sent, because the endpoint did not exist or took other types.
/// </summary>
internal sealed class RecoveryStore(
    IDbContextFactory<PayoutDb> databases, FeedReader feeds, EventRules rules, DatabaseClock clock, WakeUps wakeUps)
{
    /// <summary>The number of events that one step schedules at most.</summary>
    private const int StepSize = 1_000;

    /// <summary>Begins a recovery; one endpoint has one at a time.</summary>
    /// <param name="merchant">Whose endpoint.</param>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="since">Events of this time and later ones are sent.</param>
    /// <param name="until">Events of this time and later ones are not; null: none is too late.</param>
    public async Task<RecoveryStarted> StartAsync(
        string merchant, Guid endpointId, DateTimeOffset since, DateTimeOffset? until)
    {
        var first = await feeds.BeforeAsync(merchant, since);
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var rows = await db.WebhookEndpoints
            .FromSql($"SELECT * FROM webhook_endpoints WHERE id = {endpointId} FOR UPDATE").AsNoTracking()
            .ToListAsync();
        if (rows.SingleOrDefault(row => row.Merchant == merchant) is not { } endpoint)
        {
            return new RecoveryStarted.NotFound();
        }

        if (endpoint.Status is EndpointStatus.Disabled)
        {
            return new RecoveryStarted.Disabled();
        }

        if (await RunningAsync(db, endpointId) is { } running)
        {
            return new RecoveryStarted.Running(running);
        }

        var now = clock.GetUtcNow();
        await db.Recoveries.Where(row => row.EndpointId == endpointId && row.FinishedAt < now - rules.KeptFor)
            .ExecuteDeleteAsync();
        var recovery = new Recovery
        {
            Id = Guid.CreateVersion7(now),
            EndpointId = endpointId,
            Since = since,
            Until = until,
            First = Math.Min(first, endpoint.Cursor),
            Checked = Math.Min(first, endpoint.Cursor),
            Last = endpoint.Cursor,
            CreatedAt = now,
        };
        db.Add(recovery);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        wakeUps.Signal(Work.Feeds);
        return new RecoveryStarted.Created(recovery);
    }

    /// <summary>One recovery of an endpoint; null when there is none.</summary>
    public async Task<Recovery?> FindAsync(string merchant, Guid endpointId, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Recoveries.AsNoTracking()
            .Where(row => row.Id == id && row.EndpointId == endpointId)
            .Where(row => db.WebhookEndpoints.Any(one => one.Id == endpointId && one.Merchant == merchant))
            .SingleOrDefaultAsync();
    }

    /// <summary>Schedules the next events of an endpoint's recovery.</summary>
    /// <param name="endpoint">The endpoint, leased by this process.</param>
    /// <param name="lease">The time for which the process then has it.</param>
    /// <param name="now">The time it is.</param>
    /// <returns>Whether there is more to schedule.</returns>
    public async Task<bool> StepAsync(WebhookEndpoint endpoint, TimeSpan lease, DateTimeOffset now)
    {
        await using var db = await databases.CreateDbContextAsync();
        if (await RunningAsync(db, endpoint.Id) is not { } recovery)
        {
            return false;
        }

        var (events, next) = await feeds.ReadAsync(
            new(endpoint.Merchant, recovery.Checked, StepSize, endpoint.EventTypes));
        List<FeedEvent> missed =
        [
            .. events.Where(told => told.Entry.Sequence <= recovery.Last && told.ObjectId != endpoint.Id)
                .Where(told => told.At >= recovery.Since && (recovery.Until is null || told.At < recovery.Until)),
        ];
        await using var transaction = await db.Database.BeginTransactionAsync();
        var isOurs = await db.Database.ExecuteSqlAsync($"""
            -- webhook_endpoints.recover
            UPDATE webhook_endpoints SET lease_until = {now + lease}
            WHERE id = {endpoint.Id} AND leased_by = {endpoint.LeasedBy}
            """);
        if (isOurs == 0)
        {
            return false;
        }

        recovery.Checked = Math.Min(next, recovery.Last);
        recovery.FinishedAt = recovery.Checked == recovery.Last ? now : null;
        recovery.Scheduled += missed.Count == 0 ? 0 : await ScheduleAsync(db, endpoint, missed, now);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return recovery.FinishedAt is null;
    }

    /// <summary>Schedules what was not delivered, of each object in order: the first is due, the others wait for it.
    /// </summary>
    /// <returns>How many.</returns>
    private static async Task<int> ScheduleAsync(
        PayoutDb db, WebhookEndpoint endpoint, List<FeedEvent> missed, DateTimeOffset now)
    {
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Insert(
            db,
            [.. missed.Select(told => Delivery.Of(endpoint, told, now))],
            """
            ON CONFLICT (endpoint_id, sequence) DO UPDATE
            SET status = excluded.status, asked_again_at = excluded.created_at, failures = 0
            WHERE deliveries.status = 'exhausted'
            """));
        batch.BatchCommands.Add(ArrayStatements.Command(
            """
            -- deliveries.line_up
            UPDATE deliveries SET due_at = CASE WHEN place = 1 THEN coalesce(due_at, $3[1]) END
            FROM (
                SELECT id AS waiting, row_number() OVER (PARTITION BY object_id ORDER BY sequence) AS place
                FROM deliveries WHERE endpoint_id = $1[1] AND object_id = ANY ($2) AND status = 'pending') AS line
            WHERE id = waiting
            """,
            new[] { endpoint.Id },
            missed.Select(told => told.ObjectId).Distinct().ToArray(),
            new[] { now }));
        await batch.ExecuteNonQueryAsync();
        return (int)batch.BatchCommands[0].RecordsAffected;
    }

    private static Task<Recovery?> RunningAsync(PayoutDb db, Guid endpointId) =>
        db.Recoveries.SingleOrDefaultAsync(row => row.EndpointId == endpointId && row.FinishedAt == null);
}
