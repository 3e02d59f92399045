-- A hundred payouts and their events inserted in one transaction, and nothing asked: the most that a batch could reach.
\set n :n + 1
\set number 100 * (:first + :client_id + :clients * :n)
BEGIN;
INSERT INTO payouts (
    id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency, metadata,
    api_key, content, status, status_since, due_at, version, open_sends, sends, resends, heard, not_seen_count,
    not_sent_count, holds, created_at, updated_at)
SELECT
    ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, 'main', 'p-' || lpad(number::text, 12, '0'),
    ('00000000-0000-7000-8000-' || lpad((1 + number % :accounts)::text, 12, '0'))::uuid,
    ('00000000-0000-7000-8000-' || lpad((1 + number % :accounts)::text, 12, '0'))::uuid,
    '2000179527919777200001', '2010179527919777200002', 104, 'USD', '{}', 'benchmark',
    '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
    'queued', now(), now(), 1, '{}', 0, 0, false, 0, 0, 0, now(), now()
FROM generate_series(:number::bigint, :number::bigint + 99) AS number;
INSERT INTO payout_events (payout_id, version, at, actor, kind, to_status, detail)
SELECT
    ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, 1, now(), 'benchmark', 'accepted', 'queued', '{}'
FROM generate_series(:number::bigint, :number::bigint + 99) AS number;
COMMIT;
