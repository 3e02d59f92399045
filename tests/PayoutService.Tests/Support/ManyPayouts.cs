namespace PayoutService.Tests.Support;

/// <summary>Very many payouts, copies of one that was accepted, written past the service.</summary>
internal static class ManyPayouts
{
    private const int AtOnce = 20_000;

    /// <summary>Writes payouts many-1, many-2, … of the merchant main, the first the youngest, and cancels what there
    /// was before.</summary>
    public static async Task FillAsync(ServiceFixture stage, int count, string status, string currency = "USD")
    {
        await stage.PayAsync();
        var confirmed = status is "succeeded" ? "'inquiry'" : "NULL";
        for (var first = 1; first <= count; first += AtOnce)
        {
            await TestDatabase.ExecuteAsync(stage.ConnectionString, $"""
                INSERT INTO payouts
                SELECT made.*
                FROM payouts CROSS JOIN generate_series({first}, {Math.Min(count, first + AtOnce - 1)}) AS number
                CROSS JOIN LATERAL jsonb_populate_record(payouts, jsonb_build_object(
                    'id', lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - number::bigint * 5000), 12, '0')
                        || '7000800000000' || lpad(number::text, 7, '0'),
                    'invoice_id', 'many-' || number, 'status', '{status}', 'currency', '{currency}',
                    'confirmed_by', {confirmed},
                    'created_at', now() - number * interval '5 s',
                    'due_at', now() - interval '1 minute')) AS made
                WHERE payouts.invoice_id NOT LIKE 'many-%'
                """);
        }

        await TestDatabase.ExecuteAsync(stage.ConnectionString, """
            UPDATE payouts SET status = 'canceled', due_at = NULL WHERE invoice_id NOT LIKE 'many-%';
            ANALYZE payouts
            """);
    }

    /// <summary>Writes 20,000 copies of what is queued, of which there is one.</summary>
    public static Task GrowAsync(string connectionString) => TestDatabase.ExecuteAsync(connectionString, $"""
        INSERT INTO payouts
        SELECT made.* FROM payouts CROSS JOIN generate_series(1, {AtOnce}) AS number
        CROSS JOIN LATERAL jsonb_populate_record(payouts, jsonb_build_object(
            'id', gen_random_uuid(), 'invoice_id', 'grown-' || number,
            'transaction_no', 'grown-' || number)) AS made
        WHERE payouts.status = 'queued'
        """);
}
