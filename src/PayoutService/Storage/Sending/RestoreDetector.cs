using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>Detects that the database was restored or that another server took over, and marks the payouts that may
/// have been sent.</summary>
internal sealed class RestoreDetector(
    IDbContextFactory<PayoutDb> databases, PayoutRules rules, DatabaseClock clock, Witness witness)
{
    /// <summary>The number of payouts one transaction marks as possibly sent.</summary>
    public const int MarkedAtOnce = 1_000;

    /// <summary>A payout scheduled for later than this was not sent, however far a clock was off.</summary>
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromHours(1);

    /// <summary>The timeline that is not noted yet, and since when this process sees it.</summary>
    private (string Timeline, long SeenAt)? unnoted;

    /// <summary>
    /// Notes that the database was restored or that another server took over. Where it may have lost something, what it
    /// calls unsent is marked as possibly sent, and is not sent before Pockyt was asked about it.
    /// </summary>
    /// <param name="merchants">Those of this replica; those the database knows are added.</param>
    /// <returns>What happened or keeps us from sending, in words; null when nothing does.</returns>
    public async Task<string?> DetectAsync(string[] merchants)
    {
        await using var db = await databases.CreateDbContextAsync();

        // Before the database is read: a claim that commits meanwhile is not in what was read.
        var acknowledged = witness.Acknowledged;
        var present = await PresentAsync(db);
        if (present.LastNo is null)
        {
            await NoteAsync(
                db, present, clock.GetUtcNow(), isLossy: false, "The database was used for the first time.");
            await RegisterAsync(db, present.Timeline);
            return "The database was used for the first time.";
        }

        var isRemembered = present.Beat >= acknowledged;
        if (present.IsNoted && isRemembered)
        {
            unnoted = null;
            if (acknowledged == 0)
            {
                await RegisterAsync(db, present.Timeline);
            }

            return null;
        }

        if (!present.IsNoted && present.Marker != rules.RestoreMarker)
        {
            return await DatabaseEpoch.IsOutdatedAsync(db, rules.RestoreMarker)
                ? DatabaseEpoch.Outdated(rules.RestoreMarker)
                : await NoteLossAsync(
                    db, present, merchants, pauses: true,
                    $"The database was restored: Payouts:RestoreMarker is {rules.RestoreMarker}, it was "
                    + $"{present.Marker}.");
        }

        if (!isRemembered)
        {
            return await NoteLossAsync(
                db, present, merchants, pauses: true,
                "The database goes on from an earlier moment: a commit that this service acted on is gone.");
        }

        return await AwaitWitnessesAsync(db, present, merchants);
    }

    /// <summary>Raises this process's beat, so that what was committed until now is witnessed.</summary>
    public async Task BeatAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await witness.CommitAsync(db, transaction);
    }

    /// <summary>This process ends and sends nothing any more: nobody has to wait for it to bear witness. Its row stays
    /// where the database may have lost something of it, which the others then find out by its silence.</summary>
    public async Task LeaveAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"""
            -- replicas.leave
            DELETE FROM replicas
            WHERE id = {witness.Id} AND beat >= {witness.Acknowledged} AND is_present({rules.RestoreMarker})
            """);
    }

    /// <summary>Marks payouts that were scheduled before a restore and have fallen due since: they are asked about
    /// before they are sent for the first time.</summary>
    /// <returns>How many; <see cref="MarkedAtOnce"/> at most.</returns>
    public async Task<int> MarkDueAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        if (!await db.Restores.AnyAsync(row => row.IsLossy))
        {
            return 0;
        }

        var now = clock.GetUtcNow();
        return await db.Database.ExecuteSqlAsync($"""
            -- restores.mark_due
            WITH unsent AS (
                SELECT payouts.id, status, loss.no, loss.at FROM payouts
                CROSS JOIN LATERAL (
                    SELECT no, at FROM restores
                    WHERE is_lossy AND NOT EXISTS (
                        SELECT FROM restore_clearances AS clear
                        WHERE clear.restore_no >= no AND clear.merchant = payouts.merchant)
                    ORDER BY no DESC LIMIT 1) AS loss
                WHERE status = 'queued' AND due_at <= {now} AND coalesce(restore_no, 0) < loss.no
                  AND created_at <= loss.at + {rules.RestoreHorizon}
                LIMIT {MarkedAtOnce} FOR UPDATE OF payouts SKIP LOCKED),
            marked AS (
                UPDATE payouts SET
                    status = 'unconfirmed', status_since = {now}, status_source = NULL,
                    version = version + 1, updated_at = {now},
                    due_at = greatest({now}, unsent.at + {rules.ResendNotSeenSpan}),
                    resend_granted_at = greatest({now}, unsent.at + {rules.ResendNotSeenSpan}),
                    not_seen_count = 0, not_seen_since = NULL, not_sent_count = 0, restore_no = unsent.no,
                    attention = CASE WHEN attention IN ('contradiction', 'mismatch') THEN attention END,
                    open_sends = ARRAY[{Payout.LostClaim}], request_id = NULL, signed_at = NULL
                FROM unsent WHERE payouts.id = unsent.id
                RETURNING payouts.*, unsent.status AS was)
            INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
            SELECT id, version, {now}, 'restore', 'doubted', was, 'unconfirmed', jsonb_build_object(),
                hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
            FROM marked
            """);
    }

    /// <summary>A new timeline with the marker of before: another server took over. It lost nothing when every process
    /// that was alive finds its last beat there.</summary>
    private async Task<string?> AwaitWitnessesAsync(
        PayoutDb db, Position present, string[] merchants)
    {
        if (witness.Acknowledged > 0)
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE replicas SET timeline = {present.Timeline} WHERE id = {witness.Id}");
        }

        // Who was silent for a lease before the last beat was dead by then: nothing that it sent can be missing.
        var replicas = await db.Replicas.AsNoTracking().ToListAsync();
        var newest = replicas.Select(row => row.BeatAt).DefaultIfEmpty().Max();
        var alive = replicas.Where(row => row.BeatAt > newest - rules.Lease).ToList();
        if (alive.Count > 0 && alive.All(row => row.Timeline == present.Timeline))
        {
            const string Lossless = "Another server of the cluster took over, and had everything.";
            await NoteAsync(db, present, clock.GetUtcNow(), isLossy: false, Lossless);
            return Lossless;
        }

        if (unnoted?.Timeline != present.Timeline)
        {
            unnoted = (present.Timeline, clock.GetTimestamp());
        }

        return clock.GetElapsedTime(unnoted.Value.SeenAt) > rules.Lease
            ? await NoteLossAsync(
                db, present, merchants, pauses: false,
                "Another server took over, and a process that could tell whether it has everything is gone.")
            : "Another server took over. Sending waits until every process has said whether it has everything.";
    }

    private async Task<string?> NoteLossAsync(
        PayoutDb db, Position present, string[] merchants, bool pauses, string reason)
    {
        // What may be sent again is reckoned from now, and our clock may have been set since it was compared.
        await PresentAsync(db);
        var now = clock.GetUtcNow();
        var known = await db.Database.SqlQuery<string>($"SELECT known_merchants() AS \"Value\"").ToListAsync();
        merchants = [.. merchants.Union(known)];
        if (pauses)
        {
            await db.Database.ExecuteSqlAsync($"""
                -- pauses.pause_restored
                WITH paused AS (
                    INSERT INTO pauses (merchant, kind, reason, actor, since)
                    SELECT merchant, 'restore', {reason}, {Actor.Restore.Name}, {now}
                    FROM unnest({merchants}) AS merchant
                    ON CONFLICT ON CONSTRAINT one_pause_per_kind
                    DO UPDATE SET reason = excluded.reason, actor = excluded.actor, since = excluded.since
                    RETURNING *)
                INSERT INTO history (merchant, kind, id, version, at, actor, what, members)
                SELECT merchant, 'sending', {Guid.Empty}, nextval('sending_versions'), since, actor, 'paused',
                    jsonb_build_object('pause', kind, 'reason', reason)
                FROM paused
                """);
        }

        foreach (var merchant in merchants)
        {
            await MarkAllAsync(db, merchant, present.NextNo, now);
        }

        await NoteAsync(db, present, now, isLossy: true, reason, async () =>
        {
            foreach (var merchant in merchants)
            {
                await MarkAllAsync(db, merchant, present.NextNo, now);
            }
        });

        if (pauses)
        {
            // The rows of before tell nothing of this database any more.
            await db.Database.ExecuteSqlAsync($"DELETE FROM replicas WHERE timeline <> {present.Timeline}");
        }

        // Who was silent may come late, from the server of before, and finds its last beat then, or that it is gone.
        if (pauses || witness.Acknowledged == 0)
        {
            await RegisterAsync(db, present.Timeline);
        }

        return reason;
    }

    /// <summary>Writes that this is the present. A second writer finds it written.</summary>
    private async Task NoteAsync(
        PayoutDb db,
        Position present,
        DateTimeOffset now,
        bool isLossy,
        string reason,
        Func<Task>? before = null)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await DatabaseState.LockAsync(db);
        if (before is not null)
        {
            await before();
        }

        await db.Database.ExecuteSqlAsync($"""
            -- restores.note
            INSERT INTO restores (no, at, is_lossy, marker, timeline, reason)
            VALUES ({present.NextNo}, {now}, {isLossy}, {rules.RestoreMarker}, {present.Timeline}, {reason})
            ON CONFLICT ON CONSTRAINT restores_pkey DO NOTHING
            """);
        await transaction.CommitAsync();
    }

    /// <summary>Marks what is not sent as far as this database knows, and has questions and grants of before begin
    /// anew. In the order of the ids, so that a payout that is scheduled for later is passed once.</summary>
    private async Task MarkAllAsync(
        PayoutDb db, string merchant, long restoreNo, DateTimeOffset now)
    {
        var provedFrom = now + rules.ResendNotSeenSpan;
        var dueSoon = now + ClocksDiffer;
        foreach (var status in new[] { "queued", "held", "submitting", "unconfirmed", "processing", "failed" })
        {
            var after = Guid.Empty;
            while (true)
            {
                var ids = await db.Database.SqlQuery<Guid>($"""
                    -- restores.next_unsent
                    SELECT id AS "Value" FROM payouts
                    WHERE merchant = {merchant} AND status = {status} AND confirmed_by IS NULL AND id > {after}
                      AND coalesce(restore_no, 0) < {restoreNo}
                      AND (status <> 'queued' OR execute_at IS NULL OR execute_at <= {dueSoon})
                    ORDER BY id LIMIT {MarkedAtOnce}
                    """).ToListAsync();
                if (ids.Count == 0)
                {
                    break;
                }

                after = ids[^1];
                await db.Database.ExecuteSqlAsync($"""
                    -- restores.mark_unsent
                    WITH unsent AS (
                        SELECT id, status,
                            resend_granted_at IS NOT NULL
                                OR (status = 'unconfirmed' AND NOT heard AND open_sends = ARRAY[{Payout.LostClaim}])
                                AS is_granted
                        FROM payouts
                        WHERE id = ANY ({ids.ToArray()}) AND status = {status} AND coalesce(restore_no, 0) < {restoreNo}
                        ORDER BY id FOR UPDATE),
                    marked AS (
                        UPDATE payouts SET
                            status = 'unconfirmed', status_since = {now}, status_source = NULL, hold_reason = NULL,
                            version = version + 1, updated_at = {now},
                            due_at = {provedFrom}, resend_granted_at = {provedFrom}, restore_no = {restoreNo},
                            not_seen_count = 0, not_seen_since = NULL, not_sent_count = 0,
                            open_sends = ARRAY[{Payout.LostClaim}], request_id = NULL, signed_at = NULL,
                            attention = CASE WHEN attention IN ('contradiction', 'mismatch') THEN attention END
                        FROM unsent WHERE payouts.id = unsent.id AND unsent.status IN ('queued', 'held')
                        RETURNING payouts.*, unsent.status AS was),
                    asked AS (
                        UPDATE payouts SET
                            not_seen_count = 0, not_seen_since = NULL, restore_no = {restoreNo},
                            open_sends = CASE WHEN payouts.status IN ('submitting', 'unconfirmed')
                                THEN array_append(array_remove(open_sends, {Payout.LostClaim}), {Payout.LostClaim})
                                ELSE open_sends END,
                            due_at = CASE WHEN payouts.status = 'submitting' THEN due_at
                                WHEN unsent.is_granted THEN greatest({provedFrom}, execute_at)
                                ELSE {now} END,
                            resend_granted_at = CASE WHEN unsent.is_granted
                                THEN greatest({provedFrom}, execute_at) END
                        FROM unsent WHERE payouts.id = unsent.id AND unsent.status NOT IN ('queued', 'held'))
                    INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                        hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
                    SELECT id, version, {now}, 'restore', 'doubted', was, 'unconfirmed', jsonb_build_object(),
                        hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
                    FROM marked
                    """);
            }
        }

        await InquireAgainAsync(db, merchant, restoreNo, now);
    }

    /// <summary>Statements against a confirmed status may be lost: recent payouts are asked about once more.
    /// </summary>
    private async Task InquireAgainAsync(
        PayoutDb db, string merchant, long restoreNo, DateTimeOffset now)
    {
        var after = Guid.CreateVersion7(now - rules.RestoreHorizon);
        int asked;
        do
        {
            var ids = await db.Database.SqlQuery<Guid>($"""
                -- restores.next_confirmed
                SELECT id AS "Value" FROM payouts
                WHERE merchant = {merchant} AND id > {after} AND confirmed_by IS NOT NULL
                  AND coalesce(restore_no, 0) < {restoreNo}
                ORDER BY id LIMIT {MarkedAtOnce}
                """).ToListAsync();
            asked = ids.Count;
            after = ids.LastOrDefault(after);
            await db.Database.ExecuteSqlAsync($"""
                -- restores.inquire_again
                UPDATE payouts SET due_at = {now}, restore_no = {restoreNo}
                WHERE id = ANY ({ids.ToArray()}) AND confirmed_by IS NOT NULL
                """);
        }
        while (asked == MarkedAtOnce);
    }

    /// <summary>Writes a row for this process, which begins to remember its beats.</summary>
    private Task RegisterAsync(PayoutDb db, string timeline)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        return witness.BeginAsync(id, beat => db.Database.ExecuteSqlAsync($"""
            -- replicas.register
            INSERT INTO replicas (id, beat, beat_at, timeline) VALUES ({id}, {beat}, clock_timestamp(), {timeline});
            DELETE FROM replicas WHERE beat_at < clock_timestamp() - interval '7 days'
            """));
    }

    /// <summary>The position of the database; our clock is compared with its time. A time that took long to come would
    /// be taken for a clock that is off, so it is asked for again.</summary>
    private async Task<Position> PresentAsync(PayoutDb db)
    {
        Position present;
        long asked;
        do
        {
            asked = clock.GetTimestamp();
            present = await ReadPositionAsync(db);
        }
        while (clock.GetElapsedTime(asked) > rules.MaxClockSkew);

        clock.Compare(present.Now);
        return present;
    }

    private Task<Position> ReadPositionAsync(PayoutDb db) =>
        db.Database.SqlQuery<Position>($"""
            -- restores.position
            SELECT clock_timestamp() AS "Now", left(pg_walfile_name(pg_current_wal_lsn()), 8) AS "Timeline",
                last.no AS "LastNo",
                coalesce(last.marker, '') AS "Marker",
                coalesce(is_present({rules.RestoreMarker}), false) AS "IsNoted",
                coalesce((SELECT beat FROM replicas WHERE id = {witness.Id}), 0) AS "Beat"
            FROM (VALUES (1)) AS one LEFT JOIN (SELECT * FROM restores ORDER BY no DESC LIMIT 1) AS last ON true
            """).SingleAsync();

    /// <summary>The position of the database, and what it last wrote of that.</summary>
    private sealed record Position(
        DateTimeOffset Now, string Timeline, long? LastNo, string Marker, bool IsNoted, long Beat)
    {
        public long NextNo => (LastNo ?? 0) + 1;
    }
}
