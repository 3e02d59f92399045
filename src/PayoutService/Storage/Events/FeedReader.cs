using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Events;

/// <summary>An event of a feed with the line that it tells.</summary>
/// <param name="Entry">Its place in the feed, and its type.</param>
/// <param name="Payout">What is told, when it is about a payout.</param>
/// <param name="Other">What is told of anything else.</param>
internal sealed record FeedEvent(FeedEntry Entry, PayoutVersion? Payout, HistoryEntry? Other)
{
    public const string BalancePrefix = "balance.";

    /// <summary>The object that the event is about.</summary>
    public Guid ObjectId => IsOfBalance ? BalanceId : Payout?.Line.PayoutId ?? Other!.Id;

    /// <summary>True: it is about what the payout's merchant and currency wait for.</summary>
    public bool IsOfBalance => Entry.Type.StartsWith(BalancePrefix, StringComparison.Ordinal);

    /// <summary>The time of the change.</summary>
    public DateTimeOffset At => Payout?.Line.At ?? Other!.At;

    /// <summary>A balance has no row: its id is made of whose it is.</summary>
    private Guid BalanceId => new(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{Entry.Merchant} {Payout!.Currency}")).AsSpan(0, 16));
}

/// <summary>A payout as it was at one version, as far as subscribers are told: the line of its history that made the
/// version, and what never changes.</summary>
internal sealed record PayoutVersion(
    PayoutEvent Line,
    string InvoiceId,
    long AmountMinor,
    string Currency,
    Guid PayeeId,
    Guid AccountId,
    Guid? Replaces,
    DateTimeOffset CreatedAt);

/// <summary>What is asked of a feed.</summary>
/// <param name="Merchant">Whose feed.</param>
/// <param name="After">The sequence after which to begin.</param>
/// <param name="Limit">The number of events at most.</param>
/// <param name="Types">Only these types; null: all.</param>
/// <param name="PayoutId">Only of this payout; null: of all.</param>
internal sealed record FeedQuery(string Merchant, long After, int Limit, string[]? Types = null, Guid? PayoutId = null);

/// <summary>Reads feeds.</summary>
internal sealed class FeedReader(IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The number of events that one reading looks at, at most; the next goes on behind them.</summary>
    private const int MostScanned = 100_000;

    /// <summary>An event stands behind others that are later by less than this: a line has the time at which it was
    /// written, and its place from its commit. Transactions end within seconds.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromHours(1);

    /// <summary>How far a merchant's feed goes.</summary>
    public async Task<Feed> BoundsAsync(string merchant)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Feeds.AsNoTracking().SingleOrDefaultAsync(feed => feed.Merchant == merchant)
            ?? new Feed { Merchant = merchant };
    }

    /// <summary>Finds a place in a feed that lies before every event of a time and later.</summary>
    /// <returns>The sequence to go on after.</returns>
    public async Task<long> BeforeAsync(string merchant, DateTimeOffset time)
    {
        var feed = await BoundsAsync(merchant);
        var (before, end) = (feed.Oldest - 1, feed.Newest);
        while (before < end)
        {
            var middle = before + ((end - before + 1) / 2);
            var told = await ReadAsync(merchant, [middle]);
            if (told is [{ } one] && one.At >= time - Disorder)
            {
                end = middle - 1;
            }
            else
            {
                before = middle;
            }
        }

        return before;
    }

    /// <summary>Reads events, oldest first.</summary>
    /// <returns>The events, and the sequence to go on after.</returns>
    public async Task<(IReadOnlyList<FeedEvent> Events, long Next)> ReadAsync(FeedQuery query)
    {
        await using var db = await databases.CreateDbContextAsync();

        // Before the events: all up to the newest are there, so the next reading may begin behind it.
        var newest = await db.Feeds.Where(feed => feed.Merchant == query.Merchant)
            .Select(feed => feed.Newest).SingleOrDefaultAsync();
        var end = Math.Min(newest, query.After + MostScanned);
        var entries = db.FeedEntries.AsNoTracking().Where(entry => entry.Merchant == query.Merchant
            && entry.Sequence > query.After && entry.Sequence <= end);
        if (query.Types is { } types)
        {
            entries = entries.Where(entry => types.Contains(entry.Type));
        }

        if (query.PayoutId is { } payoutId)
        {
            entries = entries.Where(entry => entry.Type.StartsWith("payout.") && db.PayoutEvents
                .Where(line => line.PayoutId == payoutId)
                .Select(line => EF.Property<long>(line, PayoutDb.LineNo)).Contains(entry.LineNo));
        }

        var found = await entries.OrderBy(entry => entry.Sequence).Take(query.Limit).ToListAsync();
        return (await WithLinesAsync(db, found), found.Count == query.Limit ? found[^1].Sequence : end);
    }

    /// <summary>Reads the events at these places.</summary>
    public async Task<IReadOnlyList<FeedEvent>> ReadAsync(string merchant, long[] sequences)
    {
        if (sequences is [])
        {
            return [];
        }

        await using var db = await databases.CreateDbContextAsync();
        var found = await db.FeedEntries.AsNoTracking()
            .Where(entry => entry.Merchant == merchant && sequences.Contains(entry.Sequence))
            .OrderBy(entry => entry.Sequence).ToListAsync();
        return await WithLinesAsync(db, found);
    }

    /// <summary>Finds one event by the line that it tells.</summary>
    /// <param name="merchant">Whose.</param>
    /// <param name="kind">The kind of object; null: a payout.</param>
    /// <param name="id">The object.</param>
    /// <param name="version">Its version.</param>
    /// <param name="part">Which of the line's events.</param>
    public async Task<FeedEvent?> FindAsync(string merchant, HistoryKind? kind, Guid id, long version, short part)
    {
        await using var db = await databases.CreateDbContextAsync();
        var lineNo = kind is null
            ? await db.PayoutEvents.Where(line => line.PayoutId == id && line.Version == version)
                .Select(line => EF.Property<long?>(line, PayoutDb.LineNo)).SingleOrDefaultAsync()
            : await db.History
                .Where(line => line.Merchant == merchant && line.Kind == kind)
                .Where(line => line.Id == id && line.Version == version)
                .Select(line => EF.Property<long?>(line, PayoutDb.LineNo)).SingleOrDefaultAsync();
        var entry = await db.FeedEntries.AsNoTracking()
            .SingleOrDefaultAsync(row => row.LineNo == lineNo && row.Part == part && row.Merchant == merchant);
        return entry is null ? null : (await WithLinesAsync(db, [entry])).Single();
    }

    private static async Task<IReadOnlyList<FeedEvent>> WithLinesAsync(PayoutDb db, List<FeedEntry> entries)
    {
        var payouts = await (
            from line in db.PayoutEvents
            where NumbersOf(entries, isPayout: true).Contains(EF.Property<long>(line, PayoutDb.LineNo))
            join payout in db.Payouts on line.PayoutId equals payout.Id
            select new
            {
                No = EF.Property<long>(line, PayoutDb.LineNo),
                Version = new PayoutVersion(
                    line,
                    payout.InvoiceId,
                    payout.AmountMinor,
                    payout.Currency,
                    payout.PayeeId,
                    payout.AccountId,
                    payout.Replaces,
                    payout.CreatedAt),
            }).AsNoTracking().ToDictionaryAsync(row => row.No, row => row.Version);
        var others = NumbersOf(entries, isPayout: false) is [_, ..] numbers
            ? await db.History.AsNoTracking()
                .Where(line => numbers.Contains(EF.Property<long>(line, PayoutDb.LineNo)))
                .Select(line => new { No = EF.Property<long>(line, PayoutDb.LineNo), Line = line })
                .ToDictionaryAsync(row => row.No, row => row.Line)
            : [];
        return
        [
            .. entries.Select(entry => new FeedEvent(
                entry, payouts.GetValueOrDefault(entry.LineNo), others.GetValueOrDefault(entry.LineNo))),
        ];
    }

    private static long[] NumbersOf(List<FeedEntry> entries, bool isPayout) =>
    [
        .. entries.Where(entry => IsOfPayout(entry) == isPayout)
            .Select(entry => entry.LineNo).Distinct(),
    ];

    private static bool IsOfPayout(FeedEntry entry) => entry.Type.Split('.')[0] is "payout" or "balance";
}
