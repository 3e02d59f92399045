-- The same as one statement.
\set n :n + 1
\set number :first + :client_id + :clients * :n
\set account random(1, :accounts)
WITH known AS (
    SELECT id FROM payouts WHERE merchant = 'main' AND invoice_id = 'p-' || lpad(:number::text, 12, '0')),
account AS (
    SELECT * FROM accounts
    WHERE merchant = 'main' AND id = ('00000000-0000-7000-8000-' || lpad(:account::text, 12, '0'))::uuid
      AND status = 'active' AND currency = 'USD'),
payee AS (
    SELECT payees.* FROM payees JOIN account ON payees.id = account.payee_id WHERE payees.status = 'active'),
accepted AS (
    INSERT INTO payouts (
        id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency, metadata,
        api_key, content, status, status_since, due_at, version, open_sends, sends, resends, heard, not_seen_count,
        not_sent_count, holds, created_at, updated_at)
    SELECT
        ('00000000-0000-7000-8000-' || lpad(:number::text, 12, '0'))::uuid, 'main',
        'p-' || lpad(:number::text, 12, '0'), payee.id, account.id, payee.customer_no, account.account_token, 104,
        'USD', '{}', 'benchmark',
        '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
        'queued', now(), now(), 1, '{}', 0, 0, false, 0, 0, 0, now(), now()
    FROM account, payee WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id, version),
noted AS (
    INSERT INTO payout_events (payout_id, version, at, actor, kind, to_status, detail)
    SELECT id, version, now(), 'benchmark', 'accepted', 'queued', '{}' FROM accepted)
SELECT id, version FROM accepted;
