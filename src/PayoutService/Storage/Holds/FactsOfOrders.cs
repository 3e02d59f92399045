using System.Text.Json;
using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage.Holds;

/// <summary>
/// The facts by which rules judge the orders of one transaction. They are read for all orders at once, in the round
/// trip that reads where the orders pay; what is accepted counts for the orders after it. Merchants whose days are
/// added up are locked first, and payees when they are read, so that no other transaction accepts anything that would
/// count.
/// </summary>
internal sealed class FactsOfOrders(IHoldRules rules, IReadOnlyList<PayoutOrder> orders, DateTimeOffset now)
{
    /// <summary>The number of payouts to a payee that are looked at; more in a week are too many.</summary>
    private const int MostEarlier = 50;

    private const string NotStopped = "status NOT IN ('canceled', 'failed', 'returned')";

    private static readonly Dictionary<string, long> Nothing = [];

    private readonly List<(PayoutOrder Order, NeededFacts Needed)> judged =
    [
        .. from order in orders
           let needed = rules.Needs(order.Merchant)
           where needed is not null
           select (order, needed),
    ];

    /// <summary>Merchants whose days are added up, in one order, so that two transactions never wait for each other.
    /// </summary>
    private readonly string[] summedMerchants =
    [
        .. (from order in orders
            where rules.Needs(order.Merchant)?.SumsMerchantDay is true
            select order.Merchant).Distinct().Order(),
    ];

    private readonly Dictionary<Guid, OfAccount> accounts = [];
    private readonly Dictionary<Guid, List<EarlierPayout>> earlier = [];
    private readonly Dictionary<(Guid Payee, string Currency), long> payeeDays = [];
    private readonly Dictionary<(string Merchant, string Currency), long> merchantDays = [];

    /// <summary>False when no rule is on for any of the orders: nothing is read.</summary>
    public bool AreNeeded => judged.Count > 0;

    /// <summary>True when days of merchants are added up: they are locked first.</summary>
    public bool LocksMerchants => summedMerchants.Length > 0;

    /// <summary>The statement that locks those merchants.</summary>
    public NpgsqlBatchCommand LockOfMerchants => ArrayStatements.Command(
        """
        -- limits.lock
        SELECT pg_advisory_xact_lock(hashtextextended('limits of ' || merchant, 0)) FROM unnest($1) AS merchant
        """,
        [summedMerchants]);

    /// <summary>Adds the statements that read the facts, behind those that are in the batch.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (!AreNeeded)
        {
            return;
        }

        var ids = judged.Select(one => one.Order.AccountId).Distinct().ToArray();
        var payeeDaySums = judged.Where(one => one.Needed.SumsPayeeDay).Select(one => one.Order.AccountId)
            .Distinct().ToArray();
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);

        Add(
            $"""
            -- accounts.facts_of_new_payouts
            SELECT account.id, account.payee_id, account.created_at,
                CASE WHEN account.created_at >= ($2)[1] THEN (
                    SELECT actor FROM history
                    WHERE history.merchant = account.merchant AND kind = 'account' AND history.id = account.id
                    ORDER BY history.version LIMIT 1) END,
                changed.at, changed.actor,
                CASE WHEN EXISTS (
                    SELECT FROM accounts AS other
                    WHERE other.merchant = account.merchant AND other.number_fingerprint = account.number_fingerprint
                      AND other.payee_id <> account.payee_id) THEN (
                    SELECT count(DISTINCT other.payee_id) FROM accounts AS other
                    WHERE other.merchant = account.merchant AND other.number_fingerprint = account.number_fingerprint
                      AND other.payee_id <> account.payee_id AND other.status <> 'removed') ELSE 0 END::int,
                paid.since,
                EXISTS (
                    SELECT FROM screenings WHERE account_id = account.id AND answer = 'clean'
                      AND payee_version = payee.version AND account_version = account.version),
                CASE WHEN coalesce(paid.since >= ($2)[1], true) THEN (
                    SELECT json_object_agg(currency, largest) FROM (
                        SELECT currency, max(amount_minor) AS largest FROM (
                            SELECT account_id, currency, amount_minor, status FROM payouts
                            WHERE payee_id = account.payee_id ORDER BY payouts.id DESC LIMIT 100) AS latest
                        WHERE account_id <> account.id AND status NOT IN ('held', 'canceled', 'failed', 'returned')
                        GROUP BY currency) AS elsewhere) END,
                earlier.account_id, earlier.amount_minor, earlier.currency, earlier.at, earlier.invoice_id
            FROM accounts AS account JOIN payees AS payee ON payee.id = account.payee_id
            LEFT JOIN LATERAL (
                SELECT at, actor FROM history
                WHERE payee.updated_at >= ($2)[1]
                  AND history.merchant = account.merchant AND kind = 'payee' AND history.id = payee.id
                  AND what = 'changed' AND coalesce(members ->> 'changed', '') <> 'metadata'
                ORDER BY history.version DESC LIMIT 1) AS changed ON true
            LEFT JOIN LATERAL (
                SELECT created_at AS since FROM payouts
                WHERE account_id = account.id AND status NOT IN ('held', 'canceled', 'failed', 'returned')
                ORDER BY payouts.id LIMIT 1) AS paid ON true
            LEFT JOIN LATERAL (
                SELECT account_id, amount_minor, currency, greatest(created_at, execute_at) AS at, invoice_id
                FROM payouts
                WHERE payee_id = payee.id AND payouts.id >= ($3)[1] AND {NotStopped}
                ORDER BY payouts.id DESC LIMIT {MostEarlier}) AS earlier ON true
            WHERE account.id = ANY ($1)
            """,
            ids,
            new[] { now - judged.Max(one => one.Needed.NewWithin) },
            new[] { SortableId.FirstAt(now - judged.Max(one => one.Needed.LookBack)) });
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
                new[] { SortableId.FirstAt(day) },
                new[] { day });
        }

        if (LocksMerchants)
        {
            Add(
                $"""
                -- payouts.sums_of_merchant_day
                SELECT merchant, currency, sum(amount_minor)::bigint FROM payouts
                WHERE merchant = ANY ($1) AND id >= ($2)[1] AND created_at >= ($3)[1] AND {NotStopped}
                GROUP BY merchant, currency
                """,
                summedMerchants,
                new[] { SortableId.FirstAt(day) },
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

        // The payouts to a payee come with each of its accounts; those of one are taken.
        Dictionary<Guid, Guid> accountOf = [];
        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            var (account, payee) = (rows.GetGuid(0), rows.GetGuid(1));
            accountOf.TryAdd(payee, account);
            if (!rows.IsDBNull(10) && accountOf[payee] == account)
            {
                Of(earlier, payee).Add(new EarlierPayout(
                    rows.GetGuid(10),
                    new Money(rows.GetInt64(11), rows.GetString(12)),
                    rows.GetFieldValue<DateTimeOffset>(13),
                    rows.GetString(14)));
            }

            if (accounts.ContainsKey(account))
            {
                continue;
            }

            accounts[account] = new OfAccount(
                payee,
                rows.GetFieldValue<DateTimeOffset>(2),
                rows.IsDBNull(3) ? null : rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<DateTimeOffset>(4),
                rows.IsDBNull(5) ? null : rows.GetString(5),
                rows.GetInt32(6),
                rows.GetBoolean(8),
                rows.IsDBNull(9) ? Nothing : JsonSerializer.Deserialize<Dictionary<string, long>>(rows.GetString(9))!)
            {
                PaidSince = rows.IsDBNull(7) ? null : rows.GetFieldValue<DateTimeOffset>(7),
            };
        }

        if (judged.Exists(one => one.Needed.SumsPayeeDay))
        {
            await rows.NextResultAsync();
            while (await rows.ReadAsync())
            {
                payeeDays[(rows.GetGuid(0), rows.GetString(1))] = rows.GetInt64(2);
            }
        }

        if (LocksMerchants)
        {
            await rows.NextResultAsync();
            while (await rows.ReadAsync())
            {
                merchantDays[(rows.GetString(0), rows.GetString(1))] = rows.GetInt64(2);
            }
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
                LargestElsewhere = account.LargestElsewhere,
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

    private sealed record OfAccount(
        Guid Payee,
        DateTimeOffset AddedAt,
        string? AddedBy,
        DateTimeOffset? ChangedAt,
        string? ChangedBy,
        int OtherPayees,
        bool IsScreened,
        Dictionary<string, long> LargestElsewhere)
    {
        public DateTimeOffset? PaidSince { get; set; }
    }
}
