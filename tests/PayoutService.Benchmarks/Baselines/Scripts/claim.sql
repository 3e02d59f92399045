-- One due payout claimed, its event included: the service's own statement, for one row instead of a hundred.
WITH due AS (
    SELECT id FROM (
        SELECT next.*, row_number() OVER (PARTITION BY room.merchant ORDER BY due_at, id) AS turn
        FROM unnest(ARRAY['main'], ARRAY[1]) AS room (merchant, places)
        CROSS JOIN LATERAL (
            SELECT id, due_at FROM payouts
            WHERE status = 'queued' AND due_at <= now() AND attention IS NULL
              AND merchant = room.merchant
              AND NOT EXISTS (SELECT FROM pauses WHERE pauses.merchant = room.merchant)
              AND (SELECT marker = '0' AND timeline = left(pg_walfile_name(pg_current_wal_lsn()), 8)
                  FROM restores ORDER BY at DESC LIMIT 1)
              AND NOT EXISTS (
                  SELECT FROM payouts AS older
                  WHERE older.merchant = payouts.merchant AND older.currency = payouts.currency
                    AND older.id < payouts.id
                    AND older.holds > 0 AND older.status IN ('queued', 'held', 'submitting')
                    AND (older.hold_reason = 'balance'
                        OR (older.status IN ('queued', 'submitting') AND older.attention IS NULL)))
              AND abs(extract(epoch FROM clock_timestamp() - now())) < 30
            ORDER BY due_at, id LIMIT room.places FOR UPDATE SKIP LOCKED) AS next) AS all_due
    ORDER BY turn, due_at, id LIMIT 1),
claimed AS (
    UPDATE payouts SET
        status = 'submitting', status_since = now(), status_source = NULL,
        version = version + 1, updated_at = now(),
        claim = version + 1, claimed_by = '00000000-0000-7000-8000-000000000000',
        lease_until = now() + interval '90 s', due_at = now() + interval '90 s',
        open_sends = array_append(open_sends, version + 1), sends = sends + 1,
        signed_at = now(), request_id = md5(payouts.id::text || '-' || (sends + 1))::uuid,
        not_seen_count = 0, not_seen_since = NULL
    FROM due WHERE payouts.id = due.id
    RETURNING payouts.*),
noted AS (
    INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
    SELECT id, version, now(), 'dispatcher', 'claimed', 'queued', 'submitting', jsonb_build_object() FROM claimed)
SELECT * FROM claimed;
