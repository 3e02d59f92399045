using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PockytSimulator.Calls;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Chaos;

/// <summary>What became of everything, by the book: what was answered to callers, what is in the database, and what was
/// paid.</summary>
internal sealed class ConsistencyCheck
{
    private static readonly Dictionary<string, PayoutStatus> Ends = new()
    {
        ["success"] = PayoutStatus.Succeeded,
        ["failed"] = PayoutStatus.Failed,
        ["returned"] = PayoutStatus.Returned,
    };

    private readonly Dictionary<string, Payout> rows;
    private readonly Dictionary<Guid, Payout> byId;
    private readonly ILookup<string, BookedPayout> booked;

    private ConsistencyCheck(
        IReadOnlyDictionary<string, string> accepted, List<Payout> rows, IReadOnlyList<BookedPayout> booked)
    {
        this.rows = rows.ToDictionary(row => row.InvoiceId);
        byId = rows.ToDictionary(row => row.Id);
        this.booked = booked.ToLookup(paid => paid.InvoiceId);
        Lost = [.. accepted.Keys.Where(invoiceId => !this.rows.ContainsKey(invoiceId))];
        PaidTwice =
        [
            .. this.booked.Where(paid => paid.Count() > 1).Select(paid => paid.Key),
            .. rows.Where(row => this.booked[row.InvoiceId].Any(IsKept)).GroupBy(First)
                .Where(chain => chain.Count() > 1).Select(chain => chain.Key.InvoiceId),
        ];
        Differ =
        [
            .. rows.Where(row => !IsAsBooked(row) || !IsAsAccepted(row)).Select(Text),
            .. this.booked.Where(paid => !this.rows.ContainsKey(paid.Key)).Select(paid => $"{paid.Key} is not ours"),
        ];

        bool IsAsAccepted(Payout row) =>
            accepted.TryGetValue(row.InvoiceId, out var amount) && row.Amount.ToString() == amount;
    }

    /// <summary>Answered as accepted, and not in the database.</summary>
    public IReadOnlyList<string> Lost { get; }

    /// <summary>In the book more than once, or together with the payout that it replaces.</summary>
    public IReadOnlyList<string> PaidTwice { get; }

    /// <summary>Not at the end that the book says, or not of that amount, or not confirmed, or wanting attention.
    /// </summary>
    public IReadOnlyList<string> Differ { get; }

    /// <summary>Ends the load, and waits until nothing differs from the book any more and Pockyt has nothing left
    /// to do, or until nothing can mend it.</summary>
    /// <returns>How long that took; the patience, when it was not enough.</returns>
    public static async Task<TimeSpan> AtRestAsync(ChaosCluster world, Workload load, TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        await load.EndAsync().WaitAsync(patience);
        return await AtRestAsync(
            world.Postgres.ConnectionString, world.Book, load.Accepted, patience, waited);
    }

    public static async Task<TimeSpan> AtRestAsync(
        string database,
        Ledger book,
        IReadOnlyDictionary<string, string> accepted,
        TimeSpan patience,
        Stopwatch waited)
    {
        while (waited.Elapsed < patience)
        {
            var isThrough = book.Payouts.All(IsThrough);
            var judgement = await OfAsync(database, book, accepted);
            if ((isThrough && judgement.Differ.Count == 0) || judgement.Lost.Concat(judgement.PaidTwice).Any())
            {
                return waited.Elapsed;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        return patience;
    }

    public static Task<ConsistencyCheck> OfAsync(ChaosCluster world, Workload load) =>
        OfAsync(world.Postgres.ConnectionString, world.Book, load.Accepted);

    public static async Task<ConsistencyCheck> OfAsync(
        string database, Ledger book, IReadOnlyDictionary<string, string> accepted)
    {
        await using var source = Open(database);
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options);
        var rows = await db.Payouts.AsNoTracking().ToListAsync();
        return new ConsistencyCheck(accepted, rows, book.Payouts);
    }

    /// <summary>The number of times that something happened to payouts.</summary>
    public static async Task<int> CountAsync(
        ChaosCluster world, Func<IQueryable<PayoutEvent>, IQueryable<PayoutEvent>> which)
    {
        await using var source = Open(world.Postgres.ConnectionString);
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options);
        return await which(db.PayoutEvents).CountAsync();
    }

    /// <summary>Opens the database with more patience than the service has: both processors are busy, and a check that
    /// gives up finds nothing.</summary>
    private static NpgsqlDataSource Open(string database) => StorageSetup.Open(
        $"{database};Pooling=false;Timeout=60;Command Timeout=60");

    private static bool IsThrough(BookedPayout paid) =>
        paid.StepsTaken == MagicAmounts.Of(paid.Amount).Statuses.Count;

    private static bool IsKept(BookedPayout paid) => paid.Status is not ("failed" or "returned");

    private bool IsAsBooked(Payout row) =>
        booked[row.InvoiceId].ToList() is [var paid]
        && Ends.GetValueOrDefault(paid.Status, PayoutStatus.Processing) == row.Status
        && row.Status.IsFinal() && row.ConfirmedBy is Source.Inquiry && row.Attention is null
        && row.Amount.ToString() == PockytFormat.Amount(paid.Amount) && row.TransactionNo == paid.TransactionNo;

    /// <summary>The payout at the beginning of a chain of replacements.</summary>
    private Payout First(Payout row) => row.Replaces is { } id ? First(byId[id]) : row;

    private string Text(Payout row) =>
        $"{row.InvoiceId}: {row.Status} {row.ConfirmedBy} {row.Attention} {row.Amount}, in the book: "
        + string.Join(" and ", booked[row.InvoiceId].Select(paid => $"{paid.Status} {paid.Amount}"));
}
