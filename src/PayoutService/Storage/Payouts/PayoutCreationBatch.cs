using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payouts;

/// <summary>
/// Payouts that are accepted in one transaction: all that is known about them is read first, then each is judged as if
/// it came alone, after those before it, and what is new is written at the end.
/// </summary>
internal sealed class PayoutCreationBatch
{
    private const string LockWaiting =
        "SET LOCAL lock_timeout = '2s'; SELECT * FROM payouts WHERE id = ANY ({0}) ORDER BY id FOR UPDATE";

    private const string LockFree = LockWaiting + " SKIP LOCKED";

    private const string Destinations =
        """
        -- accounts.of_new_payouts
        SELECT accounts.id, accounts.merchant, accounts.status, account_token, currency,
               payees.id, payees.status, customer_no
        FROM accounts JOIN payees ON payees.id = payee_id WHERE accounts.id = ANY ($1)
        """;

    /// <summary>The same, with the payees locked, in one order, so that two transactions never wait for each other.
    /// </summary>
    private const string LockedDestinations =
        """
        -- accounts.of_judged_payouts
        SELECT judged.*, pg_advisory_xact_lock(key) FROM (
            SELECT accounts.id, accounts.merchant, accounts.status, account_token, currency,
                   payees.id, payees.status, customer_no, uuid_hash_extended(payees.id, 0) AS key
            FROM accounts JOIN payees ON payees.id = payee_id WHERE accounts.id = ANY ($1)
            ORDER BY key OFFSET 0) AS judged
        """;

    private readonly Dictionary<(string Merchant, string InvoiceId), Payout> known = [];
    private readonly Dictionary<(string Merchant, string ApiKey, string Key), Payout> byIdempotencyKey = [];
    private readonly Dictionary<Guid, Destination> destinations = [];
    private readonly Dictionary<Guid, Payout> replaced = [];
    private readonly List<Payout> payouts = [];
    private readonly List<PayoutEvent> events = [];
    private readonly List<IdempotencyKey> keys = [];
    private readonly List<Approval> approvals = [];
    private readonly HashSet<Payout> changed = [];
    private readonly HashSet<(string Merchant, string InvoiceId)> reported = [];
    private readonly Dictionary<string, Loss> losses = [];
    private readonly PayoutRules rules;
    private readonly FactsOfOrders facts;
    private readonly HashSet<Guid> locked = [];
    private bool hasRepeats;

    private PayoutCreationBatch(PayoutRules rules, FactsOfOrders facts)
    {
        this.rules = rules;
        this.facts = facts;
    }

    /// <summary>True when no restore of the database is unchecked: if one is, nothing is decided by what it calls
    /// unsent.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Reads what the orders are judged by. Payouts that are to be replaced are locked: whatever makes one
    /// unfit to be replaced waits until we are done, or came first.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="orders">The orders.</param>
    /// <param name="rules">The times by which payouts move.</param>
    /// <param name="holdRules">The rules that refuse or hold.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="mayWait">Waits a while for rows that somebody else keeps locked.</param>
    /// <param name="prepares">Has PostgreSQL keep the statements for the connection.</param>
    public static async Task<PayoutCreationBatch> ReadAsync(
        PayoutDb db,
        IReadOnlyList<PayoutOrder> orders,
        PayoutRules rules,
        IHoldRules holdRules,
        DateTimeOffset now,
        bool mayWait,
        bool prepares = false)
    {
        var group = new PayoutCreationBatch(rules, new FactsOfOrders(holdRules, orders, now));
        var taken = await group.ReadDestinationsAsync(db, orders, now, prepares);
        await group.ReadTakenAsync(db, taken);

        // Only what is new is checked against what may change: a repeat gets its payout whatever happened since.
        var added = orders.Where(order => !group.known.ContainsKey((order.Merchant, order.InvoiceId)));
        await group.ReadReplacedAsync(
            db, [.. added.Select(order => order.Replaces).OfType<Guid>().Distinct()], mayWait);
        return group;
    }

    /// <summary>True when somebody else keeps the row locked that the order would replace.</summary>
    public bool IsLocked(PayoutOrder order) =>
        order.Replaces is { } id && locked.Contains(id) && !known.ContainsKey((order.Merchant, order.InvoiceId));

    /// <summary>Judges one order. What it makes is part of the group from then on.</summary>
    /// <param name="order">The order.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="also">Takes what it would be refused for besides; null: nobody asks.</param>
    public CreatePayoutResult Accept(PayoutOrder order, DateTimeOffset now, List<CreatePayoutResult>? also = null)
    {
        var byKey = order.IdempotencyKey is { } key
            ? byIdempotencyKey.GetValueOrDefault((order.Merchant, order.ApiKey, key)) : null;
        if (byKey is not null && byKey.InvoiceId != order.InvoiceId)
        {
            return new CreatePayoutResult.KeyInUse(byKey);
        }

        if (known.TryGetValue((order.Merchant, order.InvoiceId), out var payout))
        {
            if (!IsPresent)
            {
                payout.MarkPast();
            }

            if (Fingerprints.Differences(payout.Content, order.Content) is { Length: > 0 } fields)
            {
                return new CreatePayoutResult.Differs(payout, fields);
            }

            if (byKey is null)
            {
                Bind(order, payout);
            }

            hasRepeats = true;
            return new CreatePayoutResult.Replayed(payout);
        }

        if (!destinations.TryGetValue(order.AccountId, out var to) || to.Merchant != order.Merchant)
        {
            return new CreatePayoutResult.AccountNotFound();
        }

        var refusals = Refusals(order, to);
        if (refusals.FirstOrDefault() is { } refusal)
        {
            also?.AddRange(refusals.Skip(1));
            WishToCancel(refusal, order, now);
            return refusal;
        }

        var judgement = facts.Judge(order);
        if (judgement.Exceeded is { } exceeded)
        {
            return new CreatePayoutResult.LimitExceeded(exceeded);
        }

        var paidTo = new PaidTo(to.PayeeId, to.CustomerNo!, to.AccountToken!);
        (payout, var accepted) = Payout.Accept(
            order, paidTo, Guid.CreateVersion7(now), now, SentBeforeOf(order), judgement.Findings, rules);
        facts.Add(order, isHeld: judgement.Findings.Count > 0);
        if (judgement.Approvers > 0)
        {
            approvals.Add(Approval.Of(order, payout, judgement.Approvers, now));
        }

        if (!IsPresent)
        {
            payout.MarkPast();
        }

        if (order.Replaces is { } id)
        {
            replaced[id].Replace(payout.Id);
            changed.Add(replaced[id]);
        }

        known[(order.Merchant, order.InvoiceId)] = payout;
        payouts.Add(payout);
        events.Add(accepted);
        Bind(order, payout);
        return new CreatePayoutResult.Created(payout);
    }

    /// <summary>Writes what is new, in the order of its keys, so that two replicas never wait for each other, and
    /// commits, which travels with it.</summary>
    public async Task WriteAsync(PayoutDb db, bool prepares)
    {
        if (events.Count == 0 && keys.Count == 0 && !hasRepeats)
        {
            return;
        }

        await using var batch = ArrayStatements.Batch(db);
        if (payouts.Count > 0)
        {
            payouts.Sort((one, other) => string.CompareOrdinal(one.InvoiceId, other.InvoiceId));
            batch.BatchCommands.Add(ArrayStatements.Insert(db, payouts));
        }

        if (changed.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Update(db, [.. changed]));
        }

        if (events.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, events));
        }

        if (approvals.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, approvals));
        }

        if (keys.Count > 0)
        {
            keys.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
            batch.BatchCommands.Add(ArrayStatements.Insert(db, keys));
        }

        if (batch.BatchCommands.Count == 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Command(ArrayStatements.WriteNothing));
        }

        batch.BatchCommands.Add(ArrayStatements.Commit());

        // Once for a connection: PostgreSQL need not read a statement of forty arrays again for each single caller.
        if (prepares)
        {
            await batch.PrepareAsync();
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Finds a payout that the database refuses, by halves: to read and judge each half again costs several
    /// times what writing it costs.</summary>
    /// <param name="db">The context, in a transaction that is not to be committed.</param>
    /// <param name="prepares">Has PostgreSQL keep the statements for the connection.</param>
    /// <returns>Null: none is refused by itself.</returns>
    public async Task<Payout?> FindRefusedAsync(PayoutDb db, bool prepares)
    {
        var left = payouts;
        while (left.Count > 1)
        {
            var first = left[..(left.Count / 2)];
            left = await IsRefusedAsync(db, first, prepares) ? first : left[first.Count..];
        }

        return left.Count > 0 && await IsRefusedAsync(db, left, prepares) ? left[0] : null;
    }

    private static async Task<bool> IsRefusedAsync(PayoutDb db, List<Payout> some, bool prepares)
    {
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Command("SAVEPOINT before_trial"));
        batch.BatchCommands.Add(ArrayStatements.Insert(db, some));
        if (prepares)
        {
            await batch.PrepareAsync();
        }

        try
        {
            await batch.ExecuteNonQueryAsync();
            return false;
        }
        catch (PostgresException refused) when (refused.TableName is "payouts")
        {
            await using var undo = ArrayStatements.Batch(db);
            undo.BatchCommands.Add(ArrayStatements.Command("ROLLBACK TO SAVEPOINT before_trial"));
            await undo.ExecuteNonQueryAsync();
            return true;
        }
    }

    /// <summary>The reason why a new payout may have been sent before: Pockyt's notice of it is stored, or a restore
    /// may have lost the row that said so.</summary>
    private SentBefore? SentBeforeOf(PayoutOrder order) =>
        reported.Contains((order.Merchant, order.InvoiceId)) ? new SentBefore(RestoreNo: null, ProvedFrom: null)
        : losses.TryGetValue(order.Merchant, out var loss)
            ? new SentBefore(loss.RestoreNo, loss.At + rules.ResendNotSeenSpan)
            : null;

    /// <summary>All that speaks against a new payout; the first is the answer.</summary>
    private IEnumerable<CreatePayoutResult> Refusals(PayoutOrder order, Destination to)
    {
        if (to.AccountStatus is not AccountStatus.Active || to.AccountToken is null)
        {
            yield return new CreatePayoutResult.AccountNotUsable(to.AccountStatus);
        }

        if (to.Currency != order.Amount.Currency)
        {
            yield return new CreatePayoutResult.CurrencyDiffers(to.Currency);
        }

        if (to.PayeeStatus is not PayeeStatus.Active || to.CustomerNo is null)
        {
            yield return new CreatePayoutResult.PayeeNotActive(to.PayeeStatus);
        }

        if (order.Replaces is not { } id)
        {
            yield break;
        }

        if (!replaced.TryGetValue(id, out var old) || old.Merchant != order.Merchant)
        {
            yield return new CreatePayoutResult.ReplacedNotFound();
            yield break;
        }

        if (Differences(order, to, old) is { Length: > 0 } fields)
        {
            yield return new CreatePayoutResult.ReplacementDiffers(fields);
        }

        if (!IsPresent)
        {
            yield return new CreatePayoutResult.Restored();
        }
        else if (!old.MayBeReplaced)
        {
            yield return new CreatePayoutResult.NotReplaceable(old);
        }
        else if (old.ReplacedBy is not null)
        {
            yield return new CreatePayoutResult.AlreadyReplaced();
        }
    }

    /// <summary>A payout that a restore may have lost was canceled in the lost time, or nobody would replace it: it is
    /// canceled once Pockyt says that it does not know it.</summary>
    private void WishToCancel(CreatePayoutResult refusal, PayoutOrder order, DateTimeOffset now)
    {
        if (refusal is CreatePayoutResult.NotReplaceable({ IsOnlyPerhapsLost: true } old)
            && old.Cancel(Actor.ApiKey(order.ApiKey), now) is { } wish)
        {
            changed.Add(old);
            events.Add(wish);
        }
    }

    /// <summary>In what a replacement is another payment than what it replaces.</summary>
    private static string[] Differences(PayoutOrder order, Destination to, Payout old) =>
    [
        .. to.PayeeId == old.PayeeId ? Array.Empty<string>() : ["payee"],
        .. order.Amount.Currency == old.Currency ? Array.Empty<string>() : ["currency"],
        .. order.Amount.Minor <= old.AmountMinor ? Array.Empty<string>() : ["amount"],
    ];

    private void Bind(PayoutOrder order, Payout payout)
    {
        if (order.IdempotencyKey is { } key)
        {
            byIdempotencyKey[(order.Merchant, order.ApiKey, key)] = payout;
            keys.Add(new IdempotencyKey
            {
                Merchant = order.Merchant,
                ApiKey = order.ApiKey,
                Key = key,
                PayoutId = payout.Id,
            });
        }
    }

    /// <summary>Reads, in one round trip, where the orders pay and which of their keys are taken.</summary>
    private async Task<Taken> ReadDestinationsAsync(
        PayoutDb db, IReadOnlyList<PayoutOrder> orders, DateTimeOffset now, bool prepares)
    {
        var keyed = orders.Where(order => order.IdempotencyKey is not null).ToList();
        var merchants = orders.Select(order => order.Merchant).ToArray();
        var invoiceIds = orders.Select(order => order.InvoiceId).ToArray();
        await using var batch = ArrayStatements.Batch(db);
        if (prepares)
        {
            // Each row is found by the only index that has the order for which the statement asks.
            PreparedStatements.Begin(batch);
        }

        batch.BatchCommands.Add(ArrayStatements.Command(DatabaseState.Sql.Lock));
        batch.BatchCommands.Add(ArrayStatements.Command(DatabaseState.Sql.IsPresent, new[] { rules.RestoreMarker }));
        batch.BatchCommands.Add(ArrayStatements.Command(
            DatabaseState.Sql.Losses, merchants.Distinct().ToArray(), new[] { now - rules.RestoreHorizon }));
        batch.BatchCommands.Add(ArrayStatements.Command(
            """
            -- notices.of_new_payouts
            SELECT wanted.merchant, wanted.invoice_id FROM unnest($1, $2) AS wanted (merchant, invoice_id), LATERAL (
                SELECT merchant, invoice_id FROM notices
                WHERE (notices.merchant, notices.invoice_id) >= (wanted.merchant, wanted.invoice_id)
                    AND payout_id IS NULL AND invoice_id IS NOT NULL
                ORDER BY merchant, invoice_id LIMIT 1) AS next
            WHERE (next.merchant, next.invoice_id) = (wanted.merchant, wanted.invoice_id)
            """,
            merchants,
            invoiceIds));
        if (facts.LocksMerchants)
        {
            batch.BatchCommands.Add(facts.LockOfMerchants);
        }

        batch.BatchCommands.Add(ArrayStatements.Command(
            facts.AreNeeded ? LockedDestinations : Destinations,
            orders.Select(order => order.AccountId).Distinct().ToArray()));
        batch.BatchCommands.Add(ArrayStatements.Command(
            """
            -- payouts.repeated
            SELECT id FROM unnest($1, $2) AS wanted (merchant, invoice_id), LATERAL (
                SELECT id, merchant, invoice_id FROM payouts
                WHERE (payouts.merchant, payouts.invoice_id) >= (wanted.merchant, wanted.invoice_id)
                ORDER BY merchant, invoice_id LIMIT 1) AS next
            WHERE (next.merchant, next.invoice_id) = (wanted.merchant, wanted.invoice_id)
            """,
            merchants,
            invoiceIds));
        if (keyed.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Command(
                """
                -- idempotency_keys.repeated
                SELECT merchant, api_key, key, payout_id FROM idempotency_keys
                JOIN unnest($1, $2, $3) AS wanted (merchant, api_key, key) USING (merchant, api_key, key)
                """,
                keyed.Select(order => order.Merchant).ToArray(),
                keyed.Select(order => order.ApiKey).ToArray(),
                keyed.Select(order => order.IdempotencyKey!).ToArray()));
        }

        if (prepares && facts.AreNeeded)
        {
            PreparedStatements.End(batch);
        }

        facts.AddTo(batch);
        if (prepares)
        {
            await batch.PrepareAsync();
        }

        await using var rows = await batch.ExecuteReaderAsync();
        await rows.NextResultAsync();
        IsPresent = await rows.ReadAsync() && rows.GetBoolean(0);
        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            losses[rows.GetString(0)] = new Loss(rows.GetInt64(1), rows.GetFieldValue<DateTimeOffset>(2));
        }

        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            reported.Add((rows.GetString(0), rows.GetString(1)));
        }

        if (facts.LocksMerchants)
        {
            await rows.NextResultAsync();
        }

        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            destinations[rows.GetGuid(0)] = new Destination(
                rows.GetString(1),
                Enum.Parse<AccountStatus>(rows.GetString(2), ignoreCase: true),
                rows.IsDBNull(3) ? null : rows.GetString(3),
                rows.GetString(4),
                rows.GetGuid(5),
                Enum.Parse<PayeeStatus>(rows.GetString(6), ignoreCase: true),
                rows.IsDBNull(7) ? null : rows.GetString(7));
        }

        List<Guid> ids = [];
        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetGuid(0));
        }

        Dictionary<(string Merchant, string ApiKey, string Key), Guid> bound = [];
        if (keyed.Count > 0)
        {
            await rows.NextResultAsync();
        }

        while (keyed.Count > 0 && await rows.ReadAsync())
        {
            bound[(rows.GetString(0), rows.GetString(1), rows.GetString(2))] = rows.GetGuid(3);
        }

        await facts.ReadAsync(rows);
        return new Taken(ids, bound);
    }

    /// <summary>Reads the payouts that the taken keys mean.</summary>
    private async Task ReadTakenAsync(PayoutDb db, Taken taken)
    {
        var ids = taken.Ids.Concat(taken.Bound.Values).Distinct().ToArray();
        if (ids.Length == 0)
        {
            return;
        }

        var payoutOf = await db.Payouts.AsNoTracking().Where(row => ids.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id);
        foreach (var payout in taken.Ids.Select(id => payoutOf[id]))
        {
            known[(payout.Merchant, payout.InvoiceId)] = payout;
        }

        foreach (var (key, id) in taken.Bound)
        {
            byIdempotencyKey[key] = payoutOf[id];
        }
    }

    private async Task ReadReplacedAsync(PayoutDb db, Guid[] ids, bool mayWait)
    {
        if (ids.Length == 0)
        {
            return;
        }

        foreach (var payout in await db.Payouts.FromSqlRaw(mayWait ? LockWaiting : LockFree, ids)
            .AsNoTracking().ToListAsync())
        {
            replaced[payout.Id] = payout;
        }

        var missing = ids.Where(id => !replaced.ContainsKey(id)).ToArray();
        if (missing.Length > 0 && !mayWait)
        {
            locked.UnionWith(await db.Payouts.Where(row => missing.Contains(row.Id)).Select(row => row.Id)
                .ToListAsync());
        }
    }

    /// <summary>The account that an order pays to, and its payee.</summary>
    private sealed record Destination(
        string Merchant,
        AccountStatus AccountStatus,
        string? AccountToken,
        string Currency,
        Guid PayeeId,
        PayeeStatus PayeeStatus,
        string? CustomerNo);

    /// <summary>The payouts whose invoice ids are asked for again, and those that idempotency keys mean.</summary>
    private sealed record Taken(
        List<Guid> Ids, Dictionary<(string Merchant, string ApiKey, string Key), Guid> Bound);
}
