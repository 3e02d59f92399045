using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage.Reports;

namespace PayoutService.Storage.Events;

/// <summary>An event that is to be sent to an endpoint now.</summary>
/// <param name="Told">The event.</param>
/// <param name="Earlier">Its delivery, when it was tried before or had to wait; null: it is new.</param>
internal sealed record Outgoing(FeedEvent Told, Delivery? Earlier);

/// <summary>The answer to one request to an endpoint.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="LatencyMs">How long it took.</param>
/// <param name="StatusCode">The status; null: there was no answer.</param>
/// <param name="Error">Why it failed; null: it did not.</param>
/// <param name="Answer">The beginning of the body.</param>
internal sealed record WebhookAnswer(
    DateTimeOffset At, int LatencyMs, int? StatusCode, string? Error, string? Answer)
{
    public bool IsSuccess => Error is null;

    /// <summary>The endpoint says that it is gone for good.</summary>
    public bool IsGone => StatusCode is 410;
}

/// <summary>What became of an event in a round.</summary>
/// <param name="Event">The event.</param>
/// <param name="Answer">The answer to it; null: it was not sent.</param>
/// <param name="IsHeldBack">It was not sent because an earlier event of its object is not delivered.</param>
internal sealed record Sent(Outgoing Event, WebhookAnswer? Answer, bool IsHeldBack = false);

/// <summary>
/// What is sent to webhook endpoints. An endpoint is worked by one process at a time, under a lease. Its cursor moves
/// in the transaction that writes the answers, so what was sent by a process that dies before is sent again.
/// </summary>
internal sealed class DeliveryStore(IDbContextFactory<PayoutDb> databases, FeedReader feeds, EventRules rules)
{
    /// <summary>The number of events that a round sends one after the other, at most.</summary>
    private const int InARow = 4;

    /// <summary>The number of deliveries that one trim removes at most.</summary>
    public const int TrimmedAtOnce = 10_000;

    /// <summary>The time for which a process works an endpoint before it writes the answers down.</summary>
    public TimeSpan Lease => (InARow * rules.Timeout) + TimeSpan.FromSeconds(30);

    private int RoundSize => InARow * rules.AtOnce;

    /// <summary>Takes endpoints that have something to be sent, and that no other process works.</summary>
    /// <param name="by">This process.</param>
    /// <param name="now">The time it is.</param>
    public async Task<List<WebhookEndpoint>> LeaseAsync(Guid by, DateTimeOffset now)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.WebhookEndpoints.FromSql($"""
            -- webhook_endpoints.lease
            WITH waiting AS (
                SELECT id FROM webhook_endpoints AS endpoint
                WHERE status = 'enabled' AND (lease_until IS NULL OR lease_until < {now})
                  AND (EXISTS (
                          SELECT FROM feeds WHERE feeds.merchant = endpoint.merchant AND newest > endpoint.cursor)
                      OR EXISTS (
                          SELECT FROM deliveries
                          WHERE endpoint_id = endpoint.id AND status = 'pending' AND due_at <= {now})
                      OR EXISTS (
                          SELECT FROM recoveries WHERE endpoint_id = endpoint.id AND finished_at IS NULL))
                ORDER BY id FOR UPDATE SKIP LOCKED)
            UPDATE webhook_endpoints SET leased_by = {by}, lease_until = {now + Lease}
            FROM waiting WHERE webhook_endpoints.id = waiting.id
            RETURNING webhook_endpoints.*
            """).AsNoTracking().ToListAsync();
    }

    /// <summary>Gives an endpoint back, so that the next process need not wait for the end of the lease.</summary>
    public async Task ReleaseAsync(WebhookEndpoint endpoint)
    {
        await using var db = await databases.CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"""
            -- webhook_endpoints.release
            UPDATE webhook_endpoints SET leased_by = NULL, lease_until = NULL
            WHERE id = {endpoint.Id} AND leased_by = {endpoint.LeasedBy}
            """);
    }

    /// <summary>The next events for an endpoint: deliveries that are due, then what is new. Of each object only what
    /// no earlier delivery holds back; the rest of what is new waits behind it.</summary>
    /// <returns>What is to be sent, what is held back, and the cursor after it.</returns>
    public async Task<(List<Outgoing> Send, List<Sent> HeldBack, long Cursor)> NextAsync(
        WebhookEndpoint endpoint, DateTimeOffset now)
    {
        // An endpoint that fails is tried with little: what is new costs nothing while it waits in the feed.
        var size = endpoint.FailingSince is null ? RoundSize : InARow;
        await using var db = await databases.CreateDbContextAsync();
        var pending = db.Deliveries.AsNoTracking()
            .Where(row => row.EndpointId == endpoint.Id && row.Status == DeliveryStatus.Pending);
        var due = await pending
            .Where(row => row.DueAt <= now)
            .OrderBy(row => row.Sequence).Take(RoundSize).ToListAsync();
        var again = await feeds.ReadAsync(endpoint.Merchant, [.. due.Select(row => row.Sequence)]);
        List<Outgoing> send =
        [
            .. from told in again
               join row in due on told.Entry.Sequence equals row.Sequence
               select new Outgoing(told, row),
        ];

        var (events, cursor) = await feeds.ReadAsync(
            new(endpoint.Merchant, endpoint.Cursor, size, endpoint.EventTypes));

        // An endpoint is not told of itself: it would be told of its failures, and fail again.
        events = [.. events.Where(told => told.ObjectId != endpoint.Id)];
        var objects = events.Select(told => told.ObjectId).Distinct().ToArray();
        var heldBack = await pending.Where(row => objects.Contains(row.ObjectId)).Select(row => row.ObjectId)
            .Distinct().ToListAsync();
        var isHeld = events.ToLookup(told => heldBack.Contains(told.ObjectId), told => new Outgoing(told, null));
        return (
            [.. send, .. isHeld[false]],
            [.. isHeld[true].Select(outgoing => new Sent(outgoing, Answer: null, IsHeldBack: true))],
            cursor);
    }

    /// <summary>Writes down the answers of a round and moves the cursor.</summary>
    /// <returns>The endpoint as it is now; null: the lease was lost, and nothing was written. Another process sends the
    /// same again.</returns>
    public async Task<WebhookEndpoint?> RecordAsync(
        WebhookEndpoint endpoint, IReadOnlyList<Sent> round, long cursor, DateTimeOffset now)
    {
        List<Delivery> added = [];
        List<Delivery> changed = [];
        List<DeliveryAttempt> attempts = [];
        foreach (var sent in round)
        {
            var delivery = sent.Event.Earlier ?? Delivery.Of(endpoint, sent.Event.Told, now);
            (sent.Event.Earlier is null ? added : changed).Add(delivery);
            if (sent.Answer is { } answer)
            {
                attempts.Add(Attempt(delivery, answer, now));
            }
            else
            {
                delivery.DueAt = sent.IsHeldBack ? null : now;
            }
        }

        var failing = attempts.Count == 0 ? endpoint.FailingSince
            : attempts.Exists(attempt => attempt.Error is null) ? null
            : endpoint.FailingSince ?? attempts.Min(attempt => attempt.At);
        var isDisabled = round.Any(sent => sent.Answer is { IsGone: true }) || now - failing > rules.DisableAfter;
        ChangeKind?[] changes =
        [
            endpoint.FailingSince is null && failing is not null ? ChangeKind.Failing : null,
            endpoint.FailingSince is not null && failing is null ? ChangeKind.Recovered : null,
            changed.Exists(delivery => delivery.Status is DeliveryStatus.Exhausted) ? ChangeKind.Exhausted : null,
            isDisabled ? ChangeKind.Disabled : null,
        ];
        ChangeKind[] told = [.. changes.OfType<ChangeKind>()];

        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var rows = await db.WebhookEndpoints.FromSql($"""
            -- webhook_endpoints.record
            UPDATE webhook_endpoints SET cursor = {cursor}, failing_since = {failing}, lease_until = {now + Lease},
                status = CASE WHEN {isDisabled} THEN 'disabled' ELSE status END, version = version + {told.Length}
            WHERE id = {endpoint.Id} AND leased_by = {endpoint.LeasedBy}
            RETURNING *
            """).AsNoTracking().ToListAsync();
        if (rows is not [var row])
        {
            return null;
        }

        List<HistoryEntry> history =
            [.. told.Select((what, at) => LineOf(row, row.Version - told.Length + at + 1, what, now))];
        DeliveryCount[] counts = [.. Counts(endpoint, round)];
        Guid[] ended =
        [
            .. changed.Where(delivery => delivery.Status is not DeliveryStatus.Pending)
                .Select(delivery => delivery.ObjectId).Distinct(),
        ];
        await using var batch = ArrayStatements.Batch(db);
        Add(added, () => ArrayStatements.Insert(db, added));
        Add(changed, () => ArrayStatements.Update(db, changed));
        Add(attempts, () => ArrayStatements.Insert(db, attempts));
        Add(history, () => ArrayStatements.Insert(db, history));
        Add(counts, () => ArrayStatements.Insert(db, counts, """
            ON CONFLICT ON CONSTRAINT delivery_counts_pkey DO UPDATE SET count = delivery_counts.count + excluded.count
            """));
        Add(ended, () => ArrayStatements.Command(
            """
            -- deliveries.go_on
            UPDATE deliveries SET due_at = $3[1]
            FROM (
                SELECT DISTINCT ON (object_id) id FROM deliveries
                WHERE endpoint_id = $1[1] AND object_id = ANY ($2) AND status = 'pending'
                ORDER BY object_id, sequence) AS next
            WHERE deliveries.id = next.id AND due_at IS NULL
            """,
            new[] { endpoint.Id },
            ended,
            new[] { now }));
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return row;

        void Add<T>(IReadOnlyCollection<T> of, Func<NpgsqlBatchCommand> command)
        {
            if (of.Count > 0)
            {
                batch.BatchCommands.Add(command());
            }
        }
    }

    /// <summary>Removes deliveries of events that are not in their feed any more.</summary>
    /// <returns>How many.</returns>
    public async Task<int> TrimAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Database.ExecuteSqlAsync($"""
            -- deliveries.trim
            DELETE FROM deliveries WHERE id IN (
                SELECT deliveries.id FROM webhook_endpoints AS endpoint
                JOIN feeds ON feeds.merchant = endpoint.merchant
                JOIN deliveries ON endpoint_id = endpoint.id AND sequence < oldest
                LIMIT {TrimmedAtOnce})
            """);
    }

    /// <summary>The requests of a round by their day and how they ended. One process works an endpoint at a time, so
    /// nobody waits for these counts.</summary>
    private static IEnumerable<DeliveryCount> Counts(WebhookEndpoint endpoint, IReadOnlyList<Sent> round) =>
        from sent in round
        where sent.Answer is not null
        group sent by (
            Day: DateOnly.FromDateTime(sent.Answer!.At.UtcDateTime),
            Outcome: sent.Answer.IsSuccess ? DeliveryOutcome.Delivered
                : sent.Event.Earlier?.Status is DeliveryStatus.Exhausted ? DeliveryOutcome.Exhausted
                : DeliveryOutcome.Failed) into alike
        select new DeliveryCount
        {
            EndpointId = endpoint.Id,
            Day = alike.Key.Day,
            Outcome = alike.Key.Outcome,
            Count = alike.Count(),
        };

    /// <summary>What an answer makes of a delivery.</summary>
    private DeliveryAttempt Attempt(Delivery delivery, WebhookAnswer answer, DateTimeOffset now)
    {
        delivery.Attempts++;
        delivery.Failures += answer.IsSuccess ? 0 : 1;
        delivery.Status = answer.IsSuccess ? DeliveryStatus.Delivered
            : now - (delivery.AskedAgainAt ?? delivery.CreatedAt) > rules.GiveUpAfter ? DeliveryStatus.Exhausted
            : DeliveryStatus.Pending;
        delivery.DueAt = delivery.Status is DeliveryStatus.Pending ? now + DelayAfter(delivery) : null;
        return new DeliveryAttempt
        {
            DeliveryId = delivery.Id,
            No = delivery.Attempts,
            At = answer.At,
            LatencyMs = answer.LatencyMs,
            StatusCode = answer.StatusCode,
            Error = answer.Error,
            Answer = answer.Answer,
        };
    }

    /// <summary>The line of history that tells subscribers of the endpoint itself.</summary>
    private static HistoryEntry LineOf(WebhookEndpoint endpoint, int version, ChangeKind what, DateTimeOffset now) =>
        new()
        {
            Merchant = endpoint.Merchant,
            Kind = HistoryKind.Endpoint,
            Id = endpoint.Id,
            Version = version,
            At = now,
            Actor = Actor.Deliverer,
            What = what,
            To = PayoutDb.EnumText<EndpointStatus>.Word(endpoint.Status),
            Members = new() { ["url"] = endpoint.Url },
        };

    /// <summary>The wait after a failed attempt, ten percent more or less, so that many do not come back at once.
    /// </summary>
    private TimeSpan DelayAfter(Delivery delivery)
    {
        var delay = rules.RetryDelays[Math.Min(delivery.Failures, rules.RetryDelays.Length) - 1];
        return delay * (0.9 + (0.2 * delivery.Id.ToByteArray()[^1] / byte.MaxValue));
    }
}
