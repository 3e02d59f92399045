using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage.Holds;

/// <summary>
/// The facts by which rules judge the orders of one transaction. They are read for all orders at once, in the round
/// trip that reads where the orders pay; what is accepted counts for the orders after it. Payees, and merchants whose
/// days are added up, are locked first, so that no other transaction accepts anything that would count.
/// </summary>
internal sealed class FactsOfOrders(IHoldRules rules, IReadOnlyList<PayoutOrder> orders, DateTimeOffset now)
{
    /// <summary>The number of payouts to a payee that are looked at; more in a week are too many.</summary>
    private const int MostEarlier = 50;

    private const string NotStopped = "status NOT IN ('canceled', 'failed', 'returned')";

    private readonly List<(PayoutOrder Order, NeededFacts Needed)> judged =
    [
        .. from order in orders
           let needed = rules.Needs(order.Merchant)
           where needed is not null
           select (order, needed),
    ];

    private readonly Dictionary<Guid, OfAccount> accounts = [];
    private readonly Dictionary<Guid, List<EarlierPayout>> earlier = [];
    private readonly Dictionary<Guid, Dictionary<string, long>> largestElsewhere = [];
    private readonly Dictionary<(Guid Payee, string Currency), long> payeeDays = [];
    private readonly Dictionary<(string Merchant, string Currency), long> merchantDays = [];

    /// <summary>False when no rule is on for any of the orders: nothing is read.</summary>
    public bool AreNeeded => judged.Count > 0;

    /// <summary>Adds the statements that read the facts, behind those that are in the batch.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (!AreNeeded)
        {
            return;
        }

        var ids = judged.Select(one => one.Order.AccountId).Distinct().ToArray();
        var summed = judged.Where(one => one.Needed.SumsMerchantDay).Select(one => one.Order.Merchant)
            .Distinct().ToArray();
        var payeeDaySums = judged.Where(one => one.Needed.SumsPayeeDay).Select(one => one.Order.AccountId)
            .Distinct().ToArray();
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);

        // In one order, so that two transactions never wait for each other.
        Add(
            """
            -- payees.lock_judged
            SELECT pg_advisory_xact_lock(key) FROM (
                SELECT DISTINCT hashtextextended(payee_id::text, 0) AS key FROM accounts WHERE id = ANY ($1)
                UNION SELECT hashtextextended('limits of ' || merchant, 0) FROM unnest($2) AS merchant
                ORDER BY key OFFSET 0) AS keys
            """,
            ids,
            summed);
        Add(
            """
            -- accounts.facts_of_new_payouts
            SELECT account.id, account.payee_id, account.created_at, coalesce(added.actor, ''),
                changed.at, changed.actor, shared.payees, paid.since,
                coalesce(screened.answer = 'clean' AND screened.payee_version = payee.version
                    AND screened.account_version = account.version, false)
            FROM accounts AS account JOIN payees AS payee ON payee.id = account.payee_id
            LEFT JOIN LATERAL (
                SELECT actor FROM history
                WHERE history.merchant = account.merchant AND kind = 'account' AND history.id = account.id
                ORDER BY history.version LIMIT 1) AS added ON true
            LEFT JOIN LATERAL (
                SELECT at, actor FROM history
                WHERE history.merchant = account.merchant AND kind = 'payee' AND history.id = payee.id
                  AND what = 'changed' AND coalesce(members ->> 'changed', '') <> 'metadata'
                ORDER BY history.version DESC LIMIT 1) AS changed ON true
            CROSS JOIN LATERAL (
                SELECT count(DISTINCT other.payee_id)::int AS payees FROM accounts AS other
                WHERE other.merchant = account.merchant AND other.number_fingerprint = account.number_fingerprint
                  AND other.payee_id <> account.payee_id AND other.status <> 'removed') AS shared
            LEFT JOIN LATERAL (
                SELECT created_at AS since FROM payouts
                WHERE account_id = account.id AND status NOT IN ('held', 'canceled', 'failed', 'returned')
                ORDER BY payouts.id LIMIT 1) AS paid ON true
            LEFT JOIN screenings AS screened ON screened.account_id = account.id
            WHERE account.id = ANY ($1)
            """,
            ids);
        Add(
            $"""
            -- payouts.earlier_of_payees
            SELECT payee.id, account_id, amount_minor, currency, at, invoice_id
            FROM (SELECT DISTINCT payee_id AS id FROM accounts WHERE id = ANY ($1)) AS payee
            CROSS JOIN LATERAL (
                SELECT account_id, amount_minor, currency, greatest(created_at, execute_at) AS at, invoice_id
                FROM payouts
                WHERE payee_id = payee.id AND payouts.id >= ($2)[1] AND {NotStopped}
                ORDER BY payouts.id DESC LIMIT {MostEarlier}) AS paid
            """,
            ids,
            new[] { FirstIdAt(now - judged.Max(one => one.Needed.LookBack)) });
        Add(
            """
            -- payouts.largest_elsewhere
            SELECT account.id, paid.currency, max(amount_minor)
            FROM accounts AS account
            CROSS JOIN LATERAL (
                SELECT account_id, currency, amount_minor, status FROM payouts
                WHERE payee_id = account.payee_id ORDER BY payouts.id DESC LIMIT 100) AS paid
            WHERE account.id = ANY ($1) AND account_id <> account.id
              AND paid.status NOT IN ('held', 'canceled', 'failed', 'returned')
              AND EXISTS (
                SELECT FROM accounts AS other WHERE other.merchant = account.merchant
                  AND other.payee_id = account.payee_id AND other.id <> account.id)
            GROUP BY account.id, paid.currency
            """,
            ids);
        if (payeeDaySums.Length > 0)
        {
            Add(
                $"""
                -- payouts.sums_of_payee_day
                SELECT payee.id, currency, sum(amount_minor)::bigint
                FROM (SELECT DISTINCT payee_id AS id FROM accounts WHERE id = ANY ($1)) AS payee
                JOIN payouts ON payee_id = payee.id
                WHERE payouts.id >= ($2)[1] AND created_at >= ($3)[1] AND {NotStopped}
                GROUP BY payee.id, currency
                """,
                payeeDaySums,
                new[] { FirstIdAt(day) },
                new[] { day });
        }

        if (summed.Length > 0)
        {
            Add(
                $"""
                -- payouts.sums_of_merchant_day
                SELECT merchant, currency, sum(amount_minor)::bigint FROM payouts
                WHERE merchant = ANY ($1) AND id >= ($2)[1] AND created_at >= ($3)[1] AND {NotStopped}
                GROUP BY merchant, currency
                """,
                summed,
                new[] { FirstIdAt(day) },
                new[] { day });
        }

        void Add(string sql, params Array[] arrays) =>
            batch.BatchCommands.Add(ArrayStatements.Command(sql, arrays));
    }

    /// <summary>Reads the answers to those statements.</summary>
    public async Task ReadAsync(NpgsqlDataReader rows)
    {
        if (!AreNeeded)
        {
            return;
        }

        await rows.NextResultAsync();
        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            accounts[rows.GetGuid(0)] = new OfAccount(
                rows.GetGuid(1),
                rows.GetFieldValue<DateTimeOffset>(2),
                rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<DateTimeOffset>(4),
                rows.IsDBNull(5) ? null : rows.GetString(5),
                rows.GetInt32(6),
                rows.GetBoolean(8))
            {
                PaidSince = rows.IsDBNull(7) ? null : rows.GetFieldValue<DateTimeOffset>(7),
            };
        }

        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            Of(earlier, rows.GetGuid(0)).Add(new EarlierPayout(
                rows.GetGuid(1),
                new Money(rows.GetInt64(2), rows.GetString(3)),
                rows.GetFieldValue<DateTimeOffset>(4),
                rows.GetString(5)));
        }

        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            Of(largestElsewhere, rows.GetGuid(0))[rows.GetString(1)] = rows.GetInt64(2);
        }

        if (judged.Exists(one => one.Needed.SumsPayeeDay))
        {
            await rows.NextResultAsync();
        }

        while (judged.Exists(one => one.Needed.SumsPayeeDay) && await rows.ReadAsync())
        {
            payeeDays[(rows.GetGuid(0), rows.GetString(1))] = rows.GetInt64(2);
        }

        if (judged.Exists(one => one.Needed.SumsMerchantDay))
        {
            await rows.NextResultAsync();
        }

        while (judged.Exists(one => one.Needed.SumsMerchantDay) && await rows.ReadAsync())
        {
            merchantDays[(rows.GetString(0), rows.GetString(1))] = rows.GetInt64(2);
        }
    }

    /// <summary>Judges an order by what was there before it.</summary>
    public Judgement Judge(PayoutOrder order)
    {
        if (rules.Needs(order.Merchant) is null || !accounts.TryGetValue(order.AccountId, out var account))
        {
            return Judgement.Passed;
        }

        var currency = order.Amount.Currency;
        return rules.Judge(
            order,
            new PayoutFacts
            {
                PayeeId = account.Payee,
                AccountAddedAt = account.AddedAt,
                AccountAddedBy = account.AddedBy,
                PayeeChangedAt = account.ChangedAt,
                PayeeChangedBy = account.ChangedBy,
                OtherPayees = account.OtherPayees,
                IsScreened = account.IsScreened,
                PaidSince = account.PaidSince,
                LargestElsewhere = Of(largestElsewhere, order.AccountId),
                Earlier = Of(earlier, account.Payee),
                PayeeDay = payeeDays.GetValueOrDefault((account.Payee, currency)),
                MerchantDay = merchantDays.GetValueOrDefault((order.Merchant, currency)),
            },
            now);
    }

    /// <summary>An order was accepted: it counts for those after it.</summary>
    public void Add(PayoutOrder order, bool isHeld)
    {
        if (!accounts.TryGetValue(order.AccountId, out var account))
        {
            return;
        }

        var (minor, currency) = order.Amount;
        Of(earlier, account.Payee).Add(new EarlierPayout(
            order.AccountId, order.Amount, order.ExecuteAt > now ? order.ExecuteAt.Value : now, order.InvoiceId));
        payeeDays[(account.Payee, currency)] = payeeDays.GetValueOrDefault((account.Payee, currency)) + minor;
        merchantDays[(order.Merchant, currency)] = merchantDays.GetValueOrDefault((order.Merchant, currency)) + minor;
        if (!isHeld)
        {
            account.PaidSince ??= now;
        }
    }

    private static TValue Of<TValue>(Dictionary<Guid, TValue> values, Guid key)
        where TValue : new()
    {
        if (!values.TryGetValue(key, out var value))
        {
            value = values[key] = new TValue();
        }

        return value;
    }

    /// <summary>No id that was made at or after this time comes before it: an id begins with its millisecond.</summary>
    private static Guid FirstIdAt(DateTimeOffset time) => Guid.CreateVersion7(time.AddMilliseconds(-1));

    private sealed record OfAccount(
        Guid Payee,
        DateTimeOffset AddedAt,
        string AddedBy,
        DateTimeOffset? ChangedAt,
        string? ChangedBy,
        int OtherPayees,
        bool IsScreened)
    {
        public DateTimeOffset? PaidSince { get; set; }
    }
}
