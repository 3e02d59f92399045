using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>
/// Payouts that are accepted in one transaction: all that is known about them is read first, then each is judged as if
/// it came alone, after those before it, and what is new is written at the end.
/// </summary>
internal sealed class AcceptGroup
{
    private readonly Dictionary<(string Merchant, string InvoiceId), Payout> known = [];
    private readonly Dictionary<(string Merchant, string ApiKey, string Key), Payout> meant = [];
    private readonly Dictionary<Guid, Destination> destinations = [];
    private readonly Dictionary<Guid, Payout> replaced = [];
    private readonly List<Payout> payouts = [];
    private readonly List<PayoutEvent> events = [];
    private readonly List<IdempotencyKey> keys = [];

    private AcceptGroup()
    {
    }

    /// <summary>Reads what the orders are judged by. Payouts that are to be replaced are locked: whatever makes one
    /// unfit to be replaced waits until we are done, or came first.</summary>
    public static async Task<AcceptGroup> ReadAsync(PayoutDb db, IReadOnlyList<PayoutOrder> orders)
    {
        var group = new AcceptGroup();
        var merchants = orders.Select(order => order.Merchant).ToArray();
        var invoiceIds = orders.Select(order => order.InvoiceId).ToArray();
        foreach (var payout in await db.Payouts.FromSql($"""
            SELECT payouts.* FROM payouts
            JOIN unnest({merchants}, {invoiceIds}) AS wanted (merchant, invoice_id) USING (merchant, invoice_id)
            """).AsNoTracking().ToListAsync())
        {
            group.known[(payout.Merchant, payout.InvoiceId)] = payout;
        }

        await group.ReadKeysAsync(db, [.. orders.Where(order => order.IdempotencyKey is not null)]);

        // Only what is new is checked against what may change: a repeat gets its payout whatever happened since.
        var news = orders.Where(order => !group.known.ContainsKey((order.Merchant, order.InvoiceId))).ToList();
        await group.ReadDestinationsAsync(db, [.. news.Select(order => order.AccountId).Distinct()]);
        await group.ReadReplacedAsync(db, [.. news.Select(order => order.Replaces).OfType<Guid>().Distinct()]);
        return group;
    }

    /// <summary>Judges one order. What it makes is part of the group from then on.</summary>
    public AcceptResult Accept(PayoutOrder order, DateTimeOffset now)
    {
        var byKey = order.IdempotencyKey is { } key
            ? meant.GetValueOrDefault((order.Merchant, order.ApiKey, key)) : null;
        if (byKey is not null && byKey.InvoiceId != order.InvoiceId)
        {
            return new AcceptResult.KeyInUse(byKey);
        }

        if (known.TryGetValue((order.Merchant, order.InvoiceId), out var payout))
        {
            if (Fingerprints.Differences(payout.Content, order.Content) is { Length: > 0 } fields)
            {
                return new AcceptResult.Differs(payout, fields);
            }

            if (byKey is null)
            {
                Bind(order, payout);
            }

            return new AcceptResult.Replayed(payout);
        }

        if (!destinations.TryGetValue(order.AccountId, out var to) || to.Merchant != order.Merchant)
        {
            return new AcceptResult.AccountNotFound();
        }

        if (Refuse(order, to) is { } refusal)
        {
            return refusal;
        }

        var paidTo = new PaidTo(to.PayeeId, to.CustomerNo!, to.AccountToken!);
        (payout, var accepted) = Payout.Accept(order, paidTo, Guid.CreateVersion7(now), now);
        known[(order.Merchant, order.InvoiceId)] = payout;
        payouts.Add(payout);
        events.Add(accepted);
        Bind(order, payout);
        return new AcceptResult.Created(payout);
    }

    /// <summary>Writes what is new, in the order of its keys, so that two replicas never wait for each other.</summary>
    /// <returns>Whether there was anything to write.</returns>
    public async Task<bool> WriteAsync(PayoutDb db)
    {
        if (payouts.Count == 0 && keys.Count == 0)
        {
            return false;
        }

        await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection());
        if (payouts.Count > 0)
        {
            payouts.Sort((one, other) => string.CompareOrdinal(one.InvoiceId, other.InvoiceId));
            batch.BatchCommands.Add(Rows.Insert(db, payouts));
            batch.BatchCommands.Add(Rows.Insert(db, events));
        }

        if (keys.Count > 0)
        {
            keys.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
            batch.BatchCommands.Add(Rows.Insert(db, keys));
        }

        await batch.ExecuteNonQueryAsync();
        return true;
    }

    private AcceptResult? Refuse(PayoutOrder order, Destination to)
    {
        if (to.AccountStatus is not AccountStatus.Active || to.AccountToken is null)
        {
            return new AcceptResult.AccountNotUsable(to.AccountStatus);
        }

        if (to.Currency != order.Amount.Currency)
        {
            return new AcceptResult.CurrencyDiffers(to.Currency);
        }

        if (to.PayeeStatus is not PayeeStatus.Active || to.CustomerNo is null)
        {
            return new AcceptResult.PayeeNotActive(to.PayeeStatus);
        }

        if (order.Replaces is not { } id)
        {
            return null;
        }

        if (!replaced.TryGetValue(id, out var old) || old.Merchant != order.Merchant)
        {
            return new AcceptResult.ReplacedNotFound();
        }

        return !old.MayBeReplaced ? new AcceptResult.NotReplaceable(old)
            : payouts.Exists(payout => payout.Replaces == id) ? new AcceptResult.AlreadyReplaced()
            : null;
    }

    private void Bind(PayoutOrder order, Payout payout)
    {
        if (order.IdempotencyKey is { } key)
        {
            meant[(order.Merchant, order.ApiKey, key)] = payout;
            keys.Add(new IdempotencyKey
            {
                Merchant = order.Merchant,
                ApiKey = order.ApiKey,
                Key = key,
                PayoutId = payout.Id,
            });
        }
    }

    private async Task ReadKeysAsync(PayoutDb db, List<PayoutOrder> orders)
    {
        if (orders.Count == 0)
        {
            return;
        }

        var merchants = orders.Select(order => order.Merchant).ToArray();
        var apiKeys = orders.Select(order => order.ApiKey).ToArray();
        var wanted = orders.Select(order => order.IdempotencyKey!).ToArray();
        var bound = await db.IdempotencyKeys.FromSql($"""
            SELECT idempotency_keys.* FROM idempotency_keys
            JOIN unnest({merchants}, {apiKeys}, {wanted}) AS wanted (merchant, api_key, key)
                USING (merchant, api_key, key)
            """).Join(db.Payouts, row => row.PayoutId, payout => payout.Id, (row, payout) => new { row, payout })
            .AsNoTracking().ToListAsync();
        foreach (var pair in bound)
        {
            meant[(pair.row.Merchant, pair.row.ApiKey, pair.row.Key)] = pair.payout;
        }
    }

    private async Task ReadDestinationsAsync(PayoutDb db, Guid[] accountIds)
    {
        if (accountIds.Length == 0)
        {
            return;
        }

        var found = await db.Accounts.Where(row => accountIds.Contains(row.Id))
            .Join(db.Payees, row => row.PayeeId, payee => payee.Id, (row, payee) => new Destination(
                row.Id,
                row.Merchant,
                row.Status,
                row.AccountToken,
                row.Currency,
                payee.Id,
                payee.Status,
                payee.CustomerNo))
            .ToListAsync();
        found.ForEach(to => destinations[to.AccountId] = to);
    }

    private async Task ReadReplacedAsync(PayoutDb db, Guid[] ids)
    {
        if (ids.Length == 0)
        {
            return;
        }

        // Who keeps one row locked must not hold up the others for long.
        var locked = await db.Payouts.FromSql($"""
            SET LOCAL lock_timeout = '2s';
            SELECT * FROM payouts WHERE id = ANY ({ids}) ORDER BY id FOR UPDATE
            """).AsNoTracking().ToListAsync();
        locked.ForEach(payout => replaced[payout.Id] = payout);
    }

    /// <summary>Where an order pays, and whether it may.</summary>
    private sealed record Destination(
        Guid AccountId,
        string Merchant,
        AccountStatus AccountStatus,
        string? AccountToken,
        string Currency,
        Guid PayeeId,
        PayeeStatus PayeeStatus,
        string? CustomerNo);
}
