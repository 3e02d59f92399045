using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <summary>Creates payouts by group commit: all queued orders share one transaction.</summary>
internal sealed class PayoutCreations
{
    private readonly IDbContextFactory<PayoutDb> databases;
    private readonly PayoutRules rules;
    private readonly IHoldRules holdRules;
    private readonly DatabaseClock clock;
    private readonly WakeUps wakeUps;
    private readonly ConnectionStrings connections;
    private readonly GroupCommit<PayoutOrder, CreatePayoutResult> commits;

    public PayoutCreations(
        IDbContextFactory<PayoutDb> databases,
        PayoutRules rules,
        IHoldRules holdRules,
        DatabaseClock clock,
        WakeUps wakeUps,
        ConnectionStrings connections)
    {
        this.connections = connections;
        this.wakeUps = wakeUps;
        this.databases = databases;
        this.rules = rules;
        this.holdRules = holdRules;
        this.clock = clock;
        commits = new GroupCommit<PayoutOrder, CreatePayoutResult>("orders", CreateBatchAsync);
    }

    /// <summary>Creates a payout, or finds the one that the same request created before.</summary>
    /// <param name="order">The payout to create.</param>
    /// <param name="patience">How long to wait for its turn and for the commit. Each group may take as long as a
    /// statement may, so the end of a long queue would wait many times that.</param>
    /// <param name="cancel">Gives up; the payout may be created all the same.</param>
    public async Task<CreatePayoutResult> CreateAsync(PayoutOrder order, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            return await Patience.InTimeAsync(token => commits.AddAsync(order, token), patience, cancel);
        }
        catch (PostgresException raced) when (raced is
        {
            SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: not "one_replacement_per_payout",
        })
        {
            // Another replica committed first, so now there is a payout to find, by its invoice id or by its
            // idempotency key. Either can happen once: what is taken stays taken.
            return await CreateAsync(order, patience, cancel);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            return new CreatePayoutResult.AlreadyReplaced();
        }
    }

    /// <summary>Judges orders one after the other, as if each were accepted, and writes nothing. Whatever judges an
    /// order when it is accepted judges it here too, because it is the same call.</summary>
    public async Task<IReadOnlyList<JudgedOrder>> JudgeAsync(IReadOnlyList<PayoutOrder> orders)
    {
        await using var db = await databases.CreateDbContextAsync();

        // Never committed.
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var group = await PayoutCreationBatch.ReadAsync(db, orders, rules, holdRules, now, mayWait: true);
        var judged = new List<JudgedOrder>(orders.Count);
        foreach (var order in orders)
        {
            List<CreatePayoutResult> also = [];
            judged.Add(new(group.Accept(order, now, also), also));
        }

        return judged;
    }

    private async Task<Served<CreatePayoutResult>[]> CreateBatchAsync(IReadOnlyList<PayoutOrder> orders, bool mayWait)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var prepares = !connections.BehindPooler;
        var group = await PayoutCreationBatch.ReadAsync(db, orders, rules, holdRules, now, mayWait, prepares);
        var results = orders.Select(order => group.IsLocked(order)
            ? Served<CreatePayoutResult>.Locked
            : (Served<CreatePayoutResult>)group.Accept(order, now)).ToArray();
        try
        {
            await group.WriteAsync(db, prepares);
        }
        catch (PostgresException refused) when (orders.Count > 1 && refused.TableName is "payouts")
        {
            await transaction.RollbackAsync();

            // Never committed.
            await using var trial = await db.Database.BeginTransactionAsync();
            if (await group.FindRefusedAsync(db, prepares) is { } payout)
            {
                var at = orders.Index().First(order =>
                    (order.Item.Merchant, order.Item.InvoiceId) == (payout.Merchant, payout.InvoiceId)).Index;
                throw new RefusedItemException(at, refused);
            }

            throw;
        }

        wakeUps.Signal(Work.Sends | Work.History, orders.Count);
        return results;
    }
}
