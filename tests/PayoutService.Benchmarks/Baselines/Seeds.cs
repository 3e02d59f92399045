using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Baselines;

/// <summary>Fills databases from within, with rows as the service writes them. The ids count upwards, as the service's
/// do: new rows go to the end of every index on them.</summary>
internal static class Seeds
{
    private const string Invoice = "'p-' || lpad(number::text, 12, '0')";

    private static string IdOf(string number) =>
        $"('00000000-0000-7000-8000-' || lpad({number}::text, 12, '0'))::uuid";

    /// <summary>Payees with an account each, numbered from 1.</summary>
    public static Task PayeesAsync(Cluster postgres, string database, int count) => postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        INSERT INTO payees (
            id, merchant, customer_code, status, profile_type, first_name, last_name, email, country_code, customer_no,
            provider_status, metadata, content, created_at, updated_at, version, checked_at, due_at, looks)
        SELECT
            {{IdOf("number")}}, 'main', 'seed-' || number, 'active', 'INDIVIDUAL', 'Ada', 'Lovelace',
            'seed-' || number || '@example.com', 'US', '3000' || lpad(number::text, 18, '0'), 'Activated', '{}', '{}',
            now(), now(), 2, now(), now() + interval '1 day', 0
        FROM generate_series(1, {{count}}) AS number;
        INSERT INTO accounts (
            id, merchant, payee_id, account_tag, status, account_type, country, currency, last4, account_token,
            provider_status, content, created_at, updated_at, version, checked_at)
        SELECT
            {{IdOf("number")}}, 'main', {{IdOf("number")}}, 'main-bank', 'active', 'BANK_ACCOUNT', 'US', 'USD', '3298',
            '3010' || lpad(number::text, 18, '0'), 'ACTIVATED', '{}', now(), now(), 2, now()
        FROM generate_series(1, {{count}}) AS number;
        ANALYZE payees, accounts;
        """);

    /// <summary>A year of those payees: an account number of their own, the lines of history that made them, and three
    /// payouts each, of other amounts, the last of them four days ago.</summary>
    public static Task PastAsync(Cluster postgres, string database, int payees) => postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        UPDATE payees SET created_at = now() - interval '1 year', updated_at = now() - interval '1 year';
        UPDATE accounts SET created_at = now() - interval '1 year', number_fingerprint = md5(id::text);
        INSERT INTO history (merchant, kind, id, version, at, actor, what, to_status, members)
        SELECT 'main', kind, {{IdOf("number")}}, version, now() - interval '1 year', 'benchmark',
            CASE version WHEN 1 THEN 'began' ELSE 'changed' END, 'active',
            CASE version WHEN 1 THEN '{}' ELSE '{"changed": "metadata"}' END::jsonb
        FROM generate_series(1, {{payees}}) AS number, unnest(ARRAY['payee', 'account']) AS kind,
            generate_series(1, 2) AS version;
        INSERT INTO payouts (
            id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency,
            metadata, api_key, content, status, status_since, status_source, confirmed_by, version, open_sends, sends,
            resends, heard, not_seen_count, not_sent_count, holds, transaction_no, provider_status, created_at,
            updated_at)
        SELECT
            overlay(overlay({{IdOf("number")}}::text PLACING lpad(to_hex(times.ms / 65536), 8, '0') FROM 1 FOR 8)
                PLACING lpad(to_hex(times.ms % 65536), 4, '0') FROM 10 FOR 4)::uuid,
            'main', 'past-' || week || '-' || number, {{IdOf("number")}}, {{IdOf("number")}}, '2000179527919777200001',
            '2010179527919777200002', 9000 + week, 'USD', '{}', 'benchmark', '{}', 'succeeded', times.at, 'inquiry',
            'inquiry', 4, '{}', 1, 0, true, 0, 0, 0, week || lpad(number::text, 17, '0'), 'success', times.at, times.at
        FROM generate_series(3, 1, -1) AS week, generate_series(1, {{payees}}) AS number,
            LATERAL (SELECT now() - week * interval '4 d' + number * interval '1 ms') AS moment (at),
            LATERAL (SELECT at, (extract(epoch FROM at) * 1000)::bigint) AS times (at, ms);
        """);

    /// <summary>Payouts that wait to be sent.</summary>
    public static Task QueuedAsync(Cluster postgres, string database, long from, long to, int payees) =>
        postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        INSERT INTO payouts (
            id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency,
            metadata, api_key, content, status, status_since, due_at, version, open_sends, sends, resends, heard,
            not_seen_count, not_sent_count, holds, created_at, updated_at)
        SELECT
            {{IdOf("number")}}, 'main', {{Invoice}}, {{IdOf($"(1 + number % {payees})")}},
            {{IdOf($"(1 + number % {payees})")}}, '2000179527919777200001', '2010179527919777200002', 104, 'USD', '{}',
            'benchmark', '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
            'queued', at, at, 1, '{}', 0, 0, false, 0, 0, 0, at, at
        FROM generate_series({{from}}, {{to}}) AS number,
            LATERAL (SELECT now() - (1 + {{to}} - number) * interval '1 millisecond') AS times (at);
        INSERT INTO payout_events (payout_id, version, at, actor, kind, to_status, detail)
        SELECT {{IdOf("number")}}, 1, now(), 'benchmark', 'accepted', 'queued', '{}'
        FROM generate_series({{from}}, {{to}}) AS number;
        """);

    /// <summary>The same to those who are registered, so that the simulator takes them.</summary>
    /// <param name="postgres">The server.</param>
    /// <param name="database">A copy of the registered database.</param>
    /// <param name="count">How many.</param>
    /// <param name="cents">What each pays.</param>
    /// <param name="prefix">Of their invoice ids, which the simulator knows for ever.</param>
    public static Task QueuedOfRegisteredAsync(
        Cluster postgres, string database, int count, int cents, string prefix) => postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        SET synchronous_commit = off;
        CREATE TEMP TABLE paid AS
        SELECT row_number() OVER (ORDER BY accounts.id) - 1 AS at, accounts.id AS account_id, payees.id AS payee_id,
            payees.customer_no, accounts.account_token
        FROM accounts JOIN payees ON payees.id = accounts.payee_id WHERE accounts.merchant = 'main';
        INSERT INTO payouts (
            id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency,
            metadata, api_key, content, status, status_since, due_at, version, open_sends, sends, resends, heard,
            not_seen_count, not_sent_count, holds, created_at, updated_at)
        SELECT
            {{IdOf("number")}}, 'main', '{{prefix}}-' || number, payee_id, account_id, customer_no, account_token,
            {{cents}}, 'USD', '{}', 'benchmark',
            '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
            'queued', times.at, times.at, 1, '{}', 0, 0, false, 0, 0, 0, times.at, times.at
        FROM generate_series(1, {{count}}) AS number
        JOIN paid ON paid.at = number % (SELECT count(*) FROM paid),
            LATERAL (SELECT now() - (1 + {{count}} - number) * interval '1 millisecond') AS times (at)
        ORDER BY number;
        INSERT INTO payout_events (payout_id, version, at, actor, kind, to_status, detail)
        SELECT {{IdOf("number")}}, 1, now(), 'benchmark', 'accepted', 'queued', '{}'
        FROM generate_series(1, {{count}}) AS number;
        DROP TABLE paid;
        """);

    /// <summary>Payouts that Pockyt has and whose outcome is open.</summary>
    public static Task ProcessingAsync(Cluster postgres, string database, long from, long to, int payees) =>
        postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        INSERT INTO payouts (
            id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency,
            metadata, api_key, content, status, status_since, status_source, due_at, version, claim, claimed_by,
            lease_until, open_sends, sends, resends, signed_at, request_id, heard, not_seen_count,
            not_sent_count, holds, transaction_no, provider_status, provider_code, provider_message, created_at,
            updated_at)
        SELECT
            {{IdOf("number")}}, 'main', {{Invoice}}, {{IdOf($"(1 + number % {payees})")}},
            {{IdOf($"(1 + number % {payees})")}}, '2000179527919777200001', '2010179527919777200002', 104, 'USD', '{}',
            'benchmark', '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}',
            'processing', now(), 'reply', now() + interval '12 h', 3, 2, {{IdOf("number")}}, now() + interval '90 s',
            '{2}', 1, 0, now(), {{IdOf("number")}}, true, 0, 0, 0, lpad(number::text, 18, '0'), 'pending',
            '000100', 'payout created', now(), now()
        FROM generate_series({{from}}, {{to}}) AS number;
        INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
        SELECT {{IdOf("number")}}, version, now(), 'pockyt', 'reported', 'submitting', 'processing',
            '{"code": "000100", "claim": "2", "report": "acknowledged", "source": "reply", "message": "payout created"}'
        FROM generate_series({{from}}, {{to}}) AS number, generate_series(1, 3) AS version;
        """);

    /// <summary>Lets the service's workers claim in a database that no service has used yet.</summary>
    public static Task FirstUseAsync(Cluster postgres, string database) => postgres.RunAsync(database, """
        INSERT INTO restores (no, at, is_lossy, marker, timeline, reason)
        SELECT 1, now(), false, '0', left(pg_walfile_name(pg_current_wal_lsn()), 8),
            'Used for the first time, by the benchmark.'
        """);

    /// <summary>As autovacuum leaves a table that has been in use.</summary>
    public static Task SettleAsync(Cluster postgres, string database) =>
        postgres.RunAsync(database, "VACUUM ANALYZE");
}
