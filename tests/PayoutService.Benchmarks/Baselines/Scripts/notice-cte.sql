-- The same as one statement.
\set n :n + 1
\set number :first + :client_id + :clients * :n
WITH payout AS (
    SELECT id, version FROM payouts
    WHERE merchant = 'main' AND invoice_id = 'p-' || lpad(:number::text, 12, '0') FOR UPDATE),
kept AS (
    INSERT INTO notices (merchant, hash, invoice_id, payout_id, text, received_at)
    SELECT
        'main', sha256(convert_to('p-' || lpad(:number::text, 12, '0'), 'UTF8')),
        'p-' || lpad(:number::text, 12, '0'), payout.id,
        'accountToken=2010179527919777200002&amount=1.04&currency=USD&invoiceId=p-' || lpad(:number::text, 12, '0')
            || '&paymentTime=2026-11-21&status=success&transactionNo=179527919777200003&vendor=BANK_ACCOUNT',
        now()
    FROM payout
    ON CONFLICT ON CONSTRAINT one_row_per_notice DO NOTHING
    RETURNING payout_id),
moved AS (
    UPDATE payouts SET
        due_at = now(), provider_status = 'success', status = 'succeeded', status_since = now(),
        status_source = 'notice', updated_at = now(), version = payout.version + 1
    FROM payout, kept WHERE payouts.id = payout.id AND payouts.version = 3 AND kept.payout_id = payout.id
    RETURNING payouts.id, payouts.version),
noted AS (
    INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
    SELECT
        id, version, now(), 'pockyt', 'reported', 'processing', 'succeeded',
        '{"report": "settled", "source": "notice", "transactionNo": "179527919777200003", "providerStatus": "success"}'
    FROM moved)
SELECT id, version FROM moved;
