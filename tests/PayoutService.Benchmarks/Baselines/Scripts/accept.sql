-- One payout accepted, statement by statement: is the invoice id known, whom to pay, the payout, its event.
\set n :n + 1
\set number :first + :client_id + :clients * :n
\set account random(1, :accounts)
BEGIN;
SELECT * FROM payouts WHERE merchant = 'main' AND invoice_id = 'p-' || lpad(:number::text, 12, '0') LIMIT 2;
SELECT * FROM accounts
WHERE merchant = 'main' AND id = ('00000000-0000-7000-8000-' || lpad(:account::text, 12, '0'))::uuid LIMIT 2;
SELECT * FROM payees WHERE id = ('00000000-0000-7000-8000-' || lpad(:account::text, 12, '0'))::uuid LIMIT 2;
INSERT INTO payouts (
    id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency, metadata,
    api_key, content, status, status_since, due_at, version, open_sends, sends, resends, heard, not_seen_count,
    not_sent_count, holds, created_at, updated_at)
VALUES (
    ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid, 'main', 'p-' || lpad(:number::text, 12, '0'),
    ('00000000-0000-7000-8000-' || lpad(:account::text, 12, '0'))::uuid,
    ('00000000-0000-7000-8000-' || lpad(:account::text, 12, '0'))::uuid,
    '2000179527919777200001', '2010179527919777200002', 104, 'USD', '{}', 'benchmark',
    '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
    'queued', now(), now(), 1, '{}', 0, 0, false, 0, 0, 0, now(), now());
INSERT INTO payout_events (payout_id, version, at, actor, kind, to_status, detail)
VALUES (
    ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid, 1, now(), 'benchmark', 'accepted', 'queued',
    '{}');
COMMIT;
