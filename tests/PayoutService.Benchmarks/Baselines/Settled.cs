using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Baselines;

/// <summary>Payouts with their whole life behind them: paid, told by a notice, confirmed; five events and the notice.
/// They were accepted over the last year, and those of the last month are still watched for a return.</summary>
internal static class Settled
{
    private const int Chunk = 200_000;

    /// <param name="postgres">The server.</param>
    /// <param name="database">Where they are written.</param>
    /// <param name="count">How many.</param>
    /// <param name="payees">The number of payees that they are spread over.</param>
    /// <param name="say">Is told how far it is.</param>
    /// <param name="every">Of so many payouts one has its events and its notice.</param>
    public static async Task FillAsync(
        Cluster postgres, string database, int count, int payees, Action<string> say, int every = 1)
    {
        for (var from = 1; from <= count; from += Chunk)
        {
            await FillAsync(postgres, database, from, Math.Min(from + Chunk - 1, count), count, payees, every);
            say($"filling {database}: {Math.Min(from + Chunk - 1, count):N0} of {count:N0}.");
        }
    }

    private static Task FillAsync(
        Cluster postgres, string database, int from, int to, int count, int payees, int every) =>
        postgres.RunAsync(database, $$"""
        SET session_replication_role = replica;
        SET synchronous_commit = off;
        CREATE TEMP TABLE filled ON COMMIT DROP AS
        SELECT
            number, ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid AS id,
            'p-' || lpad(number::text, 12, '0') AS invoice_id, lpad(number::text, 18, '0') AS transaction_no,
            ('00000000-0000-7000-8000-' || lpad((1 + number % {{payees}})::text, 12, '0'))::uuid AS payee_id,
            now() - interval '1 year' * (1 - number / {{count}}::float8) AS at
        FROM generate_series({{from}}, {{to}}) AS number;
        INSERT INTO payouts (
            id, merchant, invoice_id, payee_id, account_id, customer_no, account_token, amount_minor, currency,
            metadata, api_key, content, status, status_since, status_source, confirmed_by, due_at, version, claim,
            claimed_by, lease_until, open_sends, sends, resends, signed_at, request_id, heard, not_seen_count,
            not_sent_count, holds, asked_at, transaction_no, provider_status, provider_code, provider_message,
            created_at, updated_at)
        SELECT
            id, 'main', invoice_id, payee_id, payee_id, '2000179527919777200001', '2010179527919777200002', 10000,
            'USD', '{}', 'benchmark',
            '{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}', 'succeeded', at,
            'notice', 'inquiry', CASE WHEN at > now() - interval '30 days' THEN now() + interval '12 h' END, 5, 2,
            id, at, '{2}', 1, 0, at, id, true, 0, 0, 0, at, transaction_no, 'success', '000100', 'query success', at, at
        FROM filled ORDER BY number;
        INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
        SELECT id, version, at, actor, kind, from_status, to_status, detail::jsonb
        FROM filled, (VALUES
            (1, 'benchmark', 'accepted', NULL, 'queued', '{}'),
            (2, 'dispatcher', 'claimed', 'queued', 'submitting', '{}'),
            (3, 'pockyt', 'reported', 'submitting', 'processing', '{"code": "000100", "claim": "2",
                "report": "acknowledged", "source": "reply", "message": "payout created",
                "transactionNo": "179527919777200003", "providerStatus": "pending"}'),
            (4, 'pockyt', 'reported', 'processing', 'succeeded', '{"report": "settled", "source": "notice",
                "transactionNo": "179527919777200003", "providerStatus": "success"}'),
            (5, 'pockyt', 'confirmed', 'succeeded', 'succeeded', '{"code": "000100", "report": "settled",
                "source": "inquiry", "message": "query success", "transactionNo": "179527919777200003",
                "providerStatus": "success"}')
        ) AS life (version, actor, kind, from_status, to_status, detail)
        WHERE (number - 1) % {{every}} = 0
        ORDER BY number, version;
        INSERT INTO notices (merchant, hash, invoice_id, payout_id, text, received_at)
        SELECT
            'main', sha256(convert_to(invoice_id, 'UTF8')), invoice_id, id,
            'accountToken=2010179527919777200002&amount=100.00&currency=USD&invoiceId=' || invoice_id
                || '&paymentTime=2026-11-21T16:40:03Z&status=success&transactionNo=' || transaction_no
                || '&vendor=BANK_ACCOUNT', at
        FROM filled WHERE (number - 1) % {{every}} = 0;
        """);
}
