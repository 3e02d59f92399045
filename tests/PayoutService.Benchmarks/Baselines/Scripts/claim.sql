-- One due payout claimed, its event included: PayoutClaims.ClaimDueAsync for one row instead of a hundred.
WITH due AS (
    SELECT id FROM (
        SELECT next.*, slots,
            row_number() OVER (PARTITION BY capacity.merchant ORDER BY next.due_at, next.id) AS turn
        FROM unnest(ARRAY['main'], ARRAY[1]) AS capacity (merchant, slots)
        LEFT JOIN LATERAL (
            SELECT no, at + interval '30 days' AS until FROM restores
            WHERE is_lossy AND NOT EXISTS (
                SELECT FROM restore_clearances AS clear
                WHERE clear.restore_no >= no AND clear.merchant = capacity.merchant)
            ORDER BY no DESC LIMIT 1) AS loss ON true
        CROSS JOIN LATERAL queued_currencies(capacity.merchant) AS queued (currency)
        LEFT JOIN LATERAL (
            SELECT older.id FROM payouts AS older
            WHERE older.merchant = capacity.merchant AND older.currency = queued.currency
              AND older.holds > 0 AND older.status IN ('queued', 'held', 'submitting')
              AND (older.status <> 'held' OR older.hold_reason = 'balance')
              AND coalesce(older.attention, '') NOT IN ('contradiction', 'mismatch')
            ORDER BY older.id LIMIT 1) AS first ON true
        CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT id, due_at FROM payouts
                WHERE status = 'queued' AND due_at <= now() AND first.id IS NULL
                  AND merchant = capacity.merchant AND currency = queued.currency
                  AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
                  AND (loss.no IS NULL OR restore_no >= loss.no OR created_at > loss.until)
                ORDER BY due_at, id LIMIT capacity.slots FOR UPDATE SKIP LOCKED) AS unblocked
            UNION ALL
            SELECT * FROM (
                SELECT id, due_at FROM payouts
                WHERE id = first.id AND status = 'queued' AND due_at <= now()
                  AND coalesce(attention, '') NOT IN ('contradiction', 'mismatch')
                  AND (loss.no IS NULL OR restore_no >= loss.no OR created_at > loss.until)
                FOR UPDATE SKIP LOCKED) AS head) AS next
        WHERE NOT EXISTS (SELECT FROM pauses WHERE pauses.merchant = capacity.merchant)
          AND is_present((SELECT marker FROM restores ORDER BY no DESC LIMIT 1))
          AND abs(extract(epoch FROM clock_timestamp() - now())) < 30) AS all_due
    WHERE turn <= slots ORDER BY turn, due_at, id LIMIT 1),
claimed AS (
    UPDATE payouts SET
        status = 'submitting', status_source = NULL,
        status_since = CASE WHEN not_sent_count = 0 THEN now() ELSE status_since END,
        attention = CASE WHEN not_sent_count > 0 THEN attention END,
        version = version + (not_sent_count = 0)::int,
        updated_at = CASE WHEN not_sent_count = 0 THEN now() ELSE updated_at END,
        claim = coalesce(claim, 0) + 1, claimed_by = '00000000-0000-7000-8000-000000000000',
        lease_until = now() + interval '90 s', due_at = now() + interval '90 s',
        open_sends = array_append(open_sends, coalesce(claim, 0) + 1), sends = sends + 1,
        signed_at = now(), request_id = md5(merchant || '/' || invoice_id || '-' || (sends + 1))::uuid,
        not_seen_count = 0, not_seen_since = NULL
    FROM due WHERE payouts.id = due.id
    RETURNING payouts.*),
written AS (
    INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail,
        hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by)
    SELECT id, version, now(), 'dispatcher', 'claimed', 'queued', 'submitting', jsonb_build_object(),
        hold_reason, attention, confirmed_by, transaction_no, fee_minor, replaced_by
    FROM claimed WHERE not_sent_count = 0)
SELECT * FROM claimed;
