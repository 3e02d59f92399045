using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Telemetry;

namespace PayoutService.Storage.Payouts;

/// <summary>Claims payouts for sending and for inquiries, and ends claims that nobody came back to. A commit in doubt
/// is never repeated blindly: the rows are found by their claim.</summary>
internal sealed class PayoutClaims(
    IDbContextFactory<PayoutDb> databases,
    PayoutRules rules,
    DatabaseClock clock,
    Witness witness,
    ILogger<PayoutClaims> logger)
{
    /// <summary>The number of rows one statement touches at most.</summary>
    public const int BatchSize = 100;

    private readonly ClaimFloors floors = new(clock.Machine);

    /// <summary>Claims due payouts for sending. What is not answered before the lease ends is unconfirmed.</summary>
    /// <param name="capacities">Whose payouts the caller can send, and how many of each. Round-robin: each
    /// merchant's earliest payout before any merchant's second.</param>
    /// <param name="limit">How many of all.</param>
    /// <param name="batch">Names the claim, so that it is found again should its commit be in doubt.</param>
    public async Task<List<Payout>> ClaimDueAsync(IReadOnlyList<Capacity> capacities, int limit, Guid batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.Machine.GetUtcNow();
        var began = clock.GetTimestamp();
        var known = floors.Next();
        var (merchants, currencies, since) = (
            known.Select(floor => floor.Merchant).ToArray(),
            known.Select(floor => floor.Currency).ToArray(),
            known.Select(floor => floor.Since).ToArray());
        var gaps = ClaimFloors.GapsOf(known);
        var (gapsOf, after, before) = (
            gaps.Select(gap => gap.Merchant).ToArray(),
            gaps.Select(gap => gap.After).ToArray(),
            gaps.Select(gap => gap.Before).ToArray());
        var claimed = await witness.BeatAsync(beat => ReadAsync(db, $"""
            -- payouts.claim_due
            -- prepared
            WITH due AS (
                SELECT id FROM (
                    SELECT next.*, slots,
                        row_number() OVER (PARTITION BY capacity.merchant ORDER BY next.due_at, next.id) AS turn
                    FROM unnest({MerchantsOf(capacities)}, {SlotsOf(capacities)}) AS capacity (merchant, slots)
                    LEFT JOIN LATERAL (
                        SELECT no, at + {rules.RestoreHorizon} AS until FROM restores
                        WHERE is_lossy AND NOT EXISTS (
                            SELECT FROM restore_clearances AS clear
                            WHERE clear.restore_no >= no AND clear.merchant = capacity.merchant)
                        ORDER BY no DESC LIMIT 1) AS loss ON true
                    CROSS JOIN LATERAL (
                        SELECT currency, timestamptz '-infinity' AS since
                        FROM queued_currencies(capacity.merchant) AS currency
                        WHERE capacity.merchant <> ALL ({merchants})
                        UNION ALL
                        SELECT currency, since FROM unnest({merchants}, {currencies}, {since})
                            AS floors (merchant, currency, since)
                        WHERE floors.merchant = capacity.merchant
                        UNION ALL
                        SELECT other.currency, '-infinity'
                        FROM unnest({gapsOf}, {after}, {before}) AS gaps (merchant, after, before)
                        CROSS JOIN LATERAL (
                            SELECT currency FROM payouts
                            WHERE status = 'queued' AND merchant = capacity.merchant
                              AND currency > gaps.after AND currency < gaps.before
                            ORDER BY currency LIMIT 1) AS other
                        WHERE gaps.merchant = capacity.merchant) AS queued
                    LEFT JOIN LATERAL (
                        SELECT older.id FROM payouts AS older
                        WHERE older.merchant = capacity.merchant AND older.currency = queued.currency
                          AND older.holds > 0 AND older.status IN ('queued', 'held', 'submitting')
                          AND (older.status <> 'held' OR older.hold_reason = 'balance')
                          AND coalesce(older.attention, '') NOT IN ('contradiction', 'mismatch')
                        ORDER BY older.id LIMIT 1) AS first ON true
                    CROSS JOIN LATERAL (
                        SELECT id, due_at FROM (
                            SELECT id, due_at FROM payouts
                            WHERE status = 'queued' AND due_at <= {now} AND first.id IS NULL
                              AND due_at >= queued.since
                              AND merchant = capacity.merchant AND currency = queued.currency
                              AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
                              AND (loss.no IS NULL OR restore_no >= loss.no OR created_at > loss.until)
                            ORDER BY due_at, id LIMIT capacity.slots FOR UPDATE SKIP LOCKED) AS unblocked
                        UNION ALL
                        SELECT id, due_at FROM (
                            SELECT id, due_at FROM payouts
                            WHERE id = first.id AND status = 'queued' AND due_at <= {now}
                              AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
                              AND (loss.no IS NULL OR restore_no >= loss.no OR created_at > loss.until)
                            FOR UPDATE SKIP LOCKED) AS head) AS next
                    WHERE NOT EXISTS (SELECT FROM pauses WHERE pauses.merchant = capacity.merchant)
                      AND is_present({rules.RestoreMarker})
                      AND abs(extract(epoch FROM clock_timestamp() - {now})) < {Skew}) AS all_due
                WHERE turn <= slots ORDER BY turn, due_at, id LIMIT {limit}),
            claimed AS (
                UPDATE payouts SET
                    status = 'submitting', status_source = NULL,
                    status_since = CASE WHEN not_sent_count = 0 THEN {now} ELSE status_since END,
                    attention = CASE WHEN not_sent_count > 0 THEN attention END,
                    version = version + (not_sent_count = 0)::int,
                    updated_at = CASE WHEN not_sent_count = 0 THEN {now} ELSE updated_at END,
                    claim = coalesce(claim, 0) + 1, claimed_by = {batch},
                    lease_until = {now + rules.Lease}, due_at = {now + rules.Lease},
                    open_sends = array_append(open_sends, coalesce(claim, 0) + 1), sends = sends + 1,
                    signed_at = {now}, request_id = md5(merchant || '/' || invoice_id || '-' || (sends + 1))::uuid,
                    not_seen_count = 0, not_seen_since = NULL
                WHERE id = ANY (ARRAY (SELECT id FROM due))
                RETURNING payouts.*),
            written AS (
                INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
                    hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason)
                SELECT id, version, {now}, 'dispatcher', 'claimed', 'queued', 'submitting', jsonb_build_object(),
                    hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by, failure_reason
                FROM claimed WHERE not_sent_count = 0),
            beat AS (
                UPDATE replicas SET beat = {beat},
                    beat_at = CASE WHEN is_present({rules.RestoreMarker}) THEN clock_timestamp() ELSE beat_at END
                WHERE id = {witness.Id} AND beat >= {witness.Acknowledged})
            SELECT * FROM claimed
            """, row => row.ClaimedBy == batch && row.Status == PayoutStatus.Submitting));
        var elapsed = clock.GetElapsedTime(began);
        floors.Learn(known.Length == 0, claimed, elapsed);
        Metrics.Claimed("send", claimed.Count, elapsed);
        Traces.Add("claim payouts", elapsed, claimed.Select(payout => payout.Traceparent));
        return claimed;
    }

    /// <summary>Claims one unconfirmed payout to send the same request again.
    /// Null when anything was heard since.</summary>
    public async Task<Payout?> ClaimAgainAsync(Payout seen, Guid batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.Machine.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var free = await db.Payouts.FromSql($"""
            -- payouts.claim_again
            SELECT * FROM payouts
            WHERE id = {seen.Id} AND version = {seen.Version} AND status = 'unconfirmed'
              AND (attention IS NULL OR attention = 'slow') AND findings IS NULL
              AND (NOT heard OR resend_granted_at IS NOT NULL)
              AND NOT EXISTS (SELECT FROM pauses WHERE pauses.merchant = payouts.merchant)
              AND is_present({rules.RestoreMarker})
              AND abs(extract(epoch FROM clock_timestamp() - {now})) < {Skew}
            FOR UPDATE SKIP LOCKED
            """).ToListAsync();
        var payout = free.SingleOrDefault();
        if (payout is not null)
        {
            Keep(db, payout.ClaimForSending(batch, now, rules));
            await db.SaveChangesAsync();
            await witness.CommitAsync(db, transaction);
        }

        return payout;
    }

    /// <summary>Claims payouts that Pockyt is due to be asked about, by moving the next look one lease ahead; of each
    /// merchant as those to be sent.</summary>
    public async Task<List<Payout>> ClaimInquiriesAsync(IReadOnlyList<Capacity> capacities, int limit)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.Machine.GetUtcNow();
        var began = clock.GetTimestamp();
        var claimed = await ReadAsync(db, $"""
            -- payouts.claim_inquiries
            -- prepared
            WITH due AS (
                SELECT id FROM (
                    SELECT next.*, row_number() OVER (PARTITION BY capacity.merchant ORDER BY due_at, id) AS turn
                    FROM unnest({MerchantsOf(capacities)}, {SlotsOf(capacities)}) AS capacity (merchant, slots)
                    CROSS JOIN LATERAL (
                        SELECT id, due_at FROM payouts
                        WHERE status <> 'submitting'
                          AND (status <> 'queued' OR attention IN ('contradiction', 'mismatch'))
                          AND (status <> 'held' OR findings IS NULL)
                          AND due_at IS NOT NULL AND due_at <= {now} AND merchant = capacity.merchant
                          AND abs(extract(epoch FROM clock_timestamp() - {now})) < {Skew}
                        ORDER BY due_at, id LIMIT capacity.slots FOR UPDATE SKIP LOCKED) AS next) AS all_due
                ORDER BY turn, due_at, id LIMIT {limit}),
            claimed AS (
                UPDATE payouts SET due_at = {now + rules.Lease}, asked_at = {now}
                WHERE id = ANY (ARRAY (SELECT id FROM due))
                RETURNING payouts.*)
            SELECT * FROM claimed
            """, row => row.AskedAt == now && row.Status != PayoutStatus.Submitting);
        Metrics.Claimed("inquiry", claimed.Count, clock.GetElapsedTime(began));
        return claimed;
    }

    /// <summary>Ends the leases of workers that did not report back, each row for itself: one that cannot be read must
    /// not hold up the others.</summary>
    /// <returns>How many were due; <see cref="BatchSize"/> at most.</returns>
    public async Task<int> EndLeasesAsync()
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        var over = await db.Payouts.Where(row => row.Status == PayoutStatus.Submitting && row.DueAt <= now)
            .OrderBy(row => row.DueAt).Select(row => row.Id).Take(BatchSize).ToListAsync();
        await EachAsync(over, payout => payout.EndLease(now));
        return over.Count;
    }

    /// <summary>A claim was committed or not, we cannot know, and nothing was sent for it:
    /// says so on its rows.</summary>
    public async Task RecordNotSentAsync(Guid batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        var claimed = await db.Payouts.Where(row => row.Status == PayoutStatus.Submitting && row.ClaimedBy == batch)
            .Select(row => row.Id).ToListAsync();
        await EachAsync(claimed, NotSent);

        PayoutEvent? NotSent(Payout payout) => payout.ClaimedBy != batch ? null : payout.Apply(
            Report.Unsent(payout, "The claim's commit was in doubt, so nothing was sent."), clock.GetUtcNow(), rules);
    }

    private static string[] MerchantsOf(IReadOnlyList<Capacity> capacities) =>
        [.. capacities.Select(capacity => capacity.Merchant)];

    private static int[] SlotsOf(IReadOnlyList<Capacity> capacities) =>
        [.. capacities.Select(capacity => capacity.Slots)];

    private double Skew => rules.MaxClockSkew.TotalSeconds;

    /// <summary>Changes rows one by one. A row that cannot be changed is logged and left: it stays due, and the
    /// others are not held up by it.</summary>
    private async Task EachAsync(List<Guid> ids, Func<Payout, PayoutEvent?> change)
    {
        foreach (var id in ids)
        {
            try
            {
                await using var db = await databases.CreateDbContextAsync();
                await using var transaction = await db.Database.BeginTransactionAsync();
                if (await PayoutStore.LockAsync(db, id) is { } payout)
                {
                    Keep(db, change(payout));
                    await db.SaveChangesAsync();
                    await transaction.CommitAsync();
                }
            }
            catch (Exception broken)
                when (!PostgresFailures.IsUnavailable(broken) && broken is not OperationCanceledException)
            {
                logger.LogError(broken, "The row of {payoutId} cannot be changed; a human must look.", id);
            }
        }
    }

    /// <summary>The rows a statement claimed. Should one not be readable, the others are read one by one.</summary>
    private async Task<List<Payout>> ReadAsync(
        PayoutDb db, FormattableString claim, Expression<Func<Payout, bool>> isClaimed)
    {
        try
        {
            return await db.Payouts.FromSql(claim).AsNoTracking().ToListAsync();
        }
        catch (Exception broken) when (!PostgresFailures.IsUnavailable(broken))
        {
            logger.LogError(broken, "A claimed row cannot be read; the others go on.");
        }

        var readable = new List<Payout>();
        foreach (var id in await db.Payouts.Where(isClaimed).Select(row => row.Id).ToListAsync())
        {
            try
            {
                readable.Add(await db.Payouts.AsNoTracking().SingleAsync(row => row.Id == id));
            }
            catch (Exception broken) when (!PostgresFailures.IsUnavailable(broken))
            {
                logger.LogError(broken, "The row of {payoutId} cannot be read; a human must look.", id);
            }
        }

        return readable;
    }

    private static void Keep(PayoutDb db, PayoutEvent? happened)
    {
        if (happened is not null)
        {
            db.Add(happened);
        }
    }
}
