-- One notice of a success taken in, statement by statement: the payout, the notice, the lock, the event, the move.
\set n :n + 1
\set number :first + :client_id + :clients * :n
SELECT * FROM payouts WHERE merchant = 'main' AND invoice_id = 'p-' || lpad(:number::text, 12, '0') LIMIT 2;
BEGIN;
INSERT INTO notices (merchant, hash, invoice_id, payout_id, text, received_at)
VALUES (
    'main', sha256(convert_to('p-' || lpad(:number::text, 12, '0'), 'UTF8')), 'p-' || lpad(:number::text, 12, '0'),
    ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid,
    'accountToken=2010179527919777200002&amount=1.04&currency=USD&invoiceId=p-' || lpad(:number::text, 12, '0')
        || '&paymentTime=2026-11-21&status=success&transactionNo=179527919777200003&vendor=BANK_ACCOUNT',
    now())
ON CONFLICT ON CONSTRAINT one_row_per_notice DO NOTHING;
SELECT * FROM payouts WHERE id = ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid FOR UPDATE;
INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
VALUES (
    ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid, 4, now(), 'pockyt', 'reported', 'processing',
    'succeeded',
    '{"report": "settled", "source": "notice", "transactionNo": "179527919777200003", "providerStatus": "success"}');
UPDATE payouts SET
    due_at = now(), provider_status = 'success', status = 'succeeded', status_since = now(), status_source = 'notice',
    updated_at = now(), version = 4
WHERE id = ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid AND version = 3;
COMMIT;
