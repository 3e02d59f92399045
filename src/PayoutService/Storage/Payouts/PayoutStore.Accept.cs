using Npgsql;
using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <summary>What came of asking for a payout.</summary>
internal abstract record CreatePayoutResult
{
    /// <summary>Accepted and durable.</summary>
    internal sealed record Created(Payout Payout) : CreatePayoutResult;

    /// <summary>The same request again: this is the one payout it made.</summary>
    internal sealed record Replayed(Payout Payout) : CreatePayoutResult;

    /// <summary>The invoice id belongs to a payout with other content.</summary>
    internal sealed record Differs(Payout Payout, string[] Fields) : CreatePayoutResult;

    /// <summary>The idempotency key means a payout with another invoice id.</summary>
    internal sealed record KeyInUse(Payout Payout) : CreatePayoutResult;

    /// <summary>Pockyt takes fewer decimals of the currency than the amount has.</summary>
    internal sealed record TooManyDecimals(int Decimals, string Currency) : CreatePayoutResult;

    internal sealed record AccountNotFound : CreatePayoutResult;

    internal sealed record AccountNotUsable(AccountStatus Status) : CreatePayoutResult;

    internal sealed record PayeeNotActive(PayeeStatus Status) : CreatePayoutResult;

    internal sealed record CurrencyDiffers(string AccountCurrency) : CreatePayoutResult;

    internal sealed record ReplacedNotFound : CreatePayoutResult;

    internal sealed record NotReplaceable(Payout Replaced) : CreatePayoutResult;

    /// <summary>It is to pay other than what it replaces.</summary>
    internal sealed record ReplacementDiffers(string[] Fields) : CreatePayoutResult;

    internal sealed record AlreadyReplaced : CreatePayoutResult;

    /// <summary>The database may have lost something, and whether the replaced one was sent.</summary>
    internal sealed record Restored : CreatePayoutResult;
}

/// <content>Accepting payouts: whoever waits is accepted in one transaction.</content>
internal sealed partial class PayoutStore
{
    /// <summary>Accepts a payout, or finds the one that the same request made before.</summary>
    /// <param name="order">The payout that is asked for.</param>
    /// <param name="patience">How long to wait for its turn and for the commit. Each group may take as long as a
    /// statement may, so the end of a long queue would wait many times that.</param>
    /// <param name="cancel">Gives up; it may be accepted all the same.</param>
    public async Task<CreatePayoutResult> AcceptAsync(PayoutOrder order, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            return await Patience.InTimeAsync(token => accepts.AddAsync(order, token), patience, cancel);
        }
        catch (PostgresException raced) when (raced is
        {
            SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: not "one_replacement_per_payout",
        })
        {
            // Another replica committed first, so now there is a payout to find, by its invoice id or by its
            // idempotency key. Either can happen once: what is taken stays taken.
            return await AcceptAsync(order, patience, cancel);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            return new CreatePayoutResult.AlreadyReplaced();
        }
    }

    private async Task<Served<CreatePayoutResult>[]> AcceptAsync(IReadOnlyList<PayoutOrder> orders, bool mayWait)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        var group = await PayoutCreationBatch.ReadAsync(db, orders, rules, now, mayWait);
        var results = orders.Select(order => group.IsLocked(order)
            ? Served<CreatePayoutResult>.Locked
            : (Served<CreatePayoutResult>)group.Accept(order, now)).ToArray();
        await group.WriteAsync(db);
        return results;
    }
}
