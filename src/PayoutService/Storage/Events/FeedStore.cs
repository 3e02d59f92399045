using System.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage.Reports;

namespace PayoutService.Storage.Events;

/// <summary>
/// Gives every committed line of history its place in its merchant's feed. Lines are numbered as they are written, and
/// committed in another order, so the order of a feed is made after the commits: a pass takes what is there beyond the
/// last pass, and remembers the numbers that are missing until it has seen them or knows that they never come. Nothing
/// is skipped, and nobody waits for a transaction that stays open.
/// </summary>
internal sealed class FeedStore(IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The number of lines that one pass takes.</summary>
    public const int PassSize = 2_000;

    /// <summary>The number of events of a feed that one trim removes at most.</summary>
    public const int TrimmedAtOnce = 10_000;

    /// <summary>Of the lock by which one process at a time makes the order.</summary>
    private const long Key = 0x66_65_65_64_73;

    /// <summary>Takes the next lines into their feeds.</summary>
    /// <param name="typesOf">The types of the events that a line publishes.</param>
    /// <returns>How many lines it took; null when another process is at it.</returns>
    public async Task<int?> AdvanceAsync(Func<HistoryLine, IReadOnlyList<string>> typesOf)
    {
        await using var db = await databases.CreateDbContextAsync();

        // One snapshot for all that is read: a number that is missing in one history may be in the other.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var turn = await db.Database.SqlQuery<Turn>($"""
            -- feeds.begin
            SELECT pg_try_advisory_xact_lock({Key}) AS "IsOurs",
                pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS "Running",
                line_no AS "LineNo", counted_no AS "CountedNo"
            FROM feed_progress
            """).SingleAsync();
        if (!turn.IsOurs)
        {
            return null;
        }

        var gaps = await db.FeedGaps.AsNoTracking().OrderBy(gap => gap.First).ToListAsync();
        var late = gaps.Count == 0 ? [] : await LateAsync(db);
        var next = await NextAsync(db, turn.LineNo);
        var missing = Missing(gaps, late, turn.Running);
        var found = Between(turn.LineNo, next);
        var lineNo = next.Count > 0 ? next[^1].No : turn.LineNo;

        // What is in the feeds and not counted comes first; until all of it is, what is next comes to it later.
        var uncounted = turn.CountedNo < turn.LineNo ? await UncountedAsync(db, turn) : [];
        var isUpToDate = uncounted.Count < PassSize;
        var countedNo = isUpToDate ? lineNo : uncounted[^1].No;
        if (late.Count + next.Count == 0 && missing.Count == gaps.Count && countedNo == turn.CountedNo)
        {
            return 0;
        }

        // First, because it fails when another process took these lines after our snapshot.
        try
        {
            await db.Database.ExecuteSqlAsync($"""
                -- feeds.progress
                UPDATE feed_progress SET line_no = {lineNo}, counted_no = {countedNo}
                """);
        }
        catch (PostgresException lost) when (lost.SqlState is PostgresErrorCodes.SerializationFailure)
        {
            return null;
        }

        await WriteAsync(db, [.. late, .. next], typesOf);
        await PayoutCounts.AddAsync(
            db, [.. late.Where(line => line.No <= turn.CountedNo), .. uncounted, .. isUpToDate ? next : []]);
        if (gaps.Count + found.Count > 0)
        {
            await WriteGapsAsync(db, missing, found);
        }

        await transaction.CommitAsync();
        return late.Count + next.Count + uncounted.Count;
    }

    /// <summary>Removes events that are older than they have to be kept from the beginnings of the feeds. The history
    /// stays.</summary>
    /// <returns>How many.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var trimmed = await db.Database.ExecuteSqlAsync($"""
            -- feeds.trim
            WITH first AS (
                SELECT feeds.merchant, entry.sequence,
                    bool_and(coalesce(event.at, line.at) < {before}) OVER (
                        PARTITION BY feeds.merchant ORDER BY entry.sequence) AS are_all_old
                FROM feeds CROSS JOIN LATERAL (
                    SELECT * FROM feed_entries WHERE feed_entries.merchant = feeds.merchant
                    ORDER BY sequence LIMIT {TrimmedAtOnce}) AS entry
                LEFT JOIN payout_events AS event ON event.line_no = entry.line_no
                LEFT JOIN history AS line ON line.line_no = entry.line_no),
            moved AS (
                UPDATE feeds SET oldest = old.sequence + 1
                FROM (SELECT merchant, max(sequence) AS sequence FROM first WHERE are_all_old GROUP BY merchant) AS old
                WHERE feeds.merchant = old.merchant)
            DELETE FROM feed_entries USING first
            WHERE are_all_old AND feed_entries.merchant = first.merchant AND feed_entries.sequence = first.sequence
            """);
        await transaction.CommitAsync();
        return trimmed;
    }

    /// <summary>The gaps that are left of those known, without the lines that came and those that never will.</summary>
    /// <param name="gaps">The gaps.</param>
    /// <param name="late">The lines in them that are there now.</param>
    /// <param name="running">The oldest transaction that is not over.</param>
    private static List<FeedGap> Missing(List<FeedGap> gaps, List<HistoryLine> late, long running)
    {
        var come = late.Select(line => line.No).ToHashSet();
        return
        [
            .. from gap in gaps
               where gap.Until > running
               from rest in Split(gap.First, gap.Last, come)
               select new FeedGap { First = rest.First, Last = rest.Last, Until = gap.Until },
        ];
    }

    private static List<(long First, long Last)> Between(long after, List<HistoryLine> lines) =>
        lines.Count == 0 ? [] : [.. Split(after + 1, lines[^1].No, [.. lines.Select(line => line.No)])];

    /// <summary>The ranges of numbers from first to last that are not there.</summary>
    private static IEnumerable<(long First, long Last)> Split(long first, long last, HashSet<long> there)
    {
        foreach (var no in there.Where(no => no >= first && no <= last).Order())
        {
            if (no > first)
            {
                yield return (first, no - 1);
            }

            first = no + 1;
        }

        if (first <= last)
        {
            yield return (first, last);
        }
    }

    private static async Task<List<HistoryLine>> NextAsync(PayoutDb db, long after)
    {
        var lines = await LinesAsync(
            db,
            db.PayoutEvents.Where(line => EF.Property<long>(line, PayoutDb.LineNo) > after)
                .OrderBy(line => EF.Property<long>(line, PayoutDb.LineNo)).Take(PassSize),
            db.History.Where(line => EF.Property<long>(line, PayoutDb.LineNo) > after)
                .OrderBy(line => EF.Property<long>(line, PayoutDb.LineNo)).Take(PassSize));

        // What is beyond the first so many of both may have others before it that were not read.
        return [.. lines.Take(PassSize)];
    }

    private static Task<List<HistoryLine>> LateAsync(PayoutDb db) => LinesAsync(
        db,
        from gap in db.FeedGaps
        from line in db.PayoutEvents
        where EF.Property<long>(line, PayoutDb.LineNo) >= gap.First
            && EF.Property<long>(line, PayoutDb.LineNo) <= gap.Last
        select line,
        from gap in db.FeedGaps
        from line in db.History
        where EF.Property<long>(line, PayoutDb.LineNo) >= gap.First
            && EF.Property<long>(line, PayoutDb.LineNo) <= gap.Last
        select line);

    private static Task<List<HistoryLine>> UncountedAsync(PayoutDb db, Turn turn) => OfPayoutsAsync(
        db,
        db.PayoutEvents.Where(line => EF.Property<long>(line, PayoutDb.LineNo) > turn.CountedNo
                && EF.Property<long>(line, PayoutDb.LineNo) <= turn.LineNo)
            .OrderBy(line => EF.Property<long>(line, PayoutDb.LineNo)).Take(PassSize));

    private static async Task<List<HistoryLine>> LinesAsync(
        PayoutDb db, IQueryable<PayoutEvent> events, IQueryable<HistoryEntry> entries)
    {
        var ofPayouts = await OfPayoutsAsync(db, events);
        var others = await (
            from line in entries
            select new HistoryLine(
                EF.Property<long>(line, PayoutDb.LineNo), line.Merchant, null, null, null, line))
            .AsNoTracking().ToListAsync();
        return [.. ofPayouts.Concat(others).OrderBy(line => line.No)];
    }

    /// <summary>Reads lines, and then what belongs to them by its keys: to join a page of lines, PostgreSQL would read
    /// all payouts while there are few.</summary>
    private static async Task<List<HistoryLine>> OfPayoutsAsync(PayoutDb db, IQueryable<PayoutEvent> events)
    {
        var lines = await events.Select(line => new { No = EF.Property<long>(line, PayoutDb.LineNo), Line = line })
            .AsNoTracking().ToListAsync();
        if (lines.Count == 0)
        {
            return [];
        }

        var ids = lines.Select(one => one.Line.PayoutId).Distinct().ToArray();
        var payouts = await (
            from payout in db.Payouts
            join account in db.Accounts on payout.AccountId equals account.Id
            where ids.Contains(payout.Id)
            select new
            {
                payout.Id,
                Of = new PayoutOfLine(
                    payout.Merchant,
                    payout.Currency,
                    payout.AmountMinor,
                    account.AccountType,
                    payout.CreatedAt,
                    payout.ExecuteAt),
            }).ToDictionaryAsync(one => one.Id, one => one.Of);
        var known = lines.ToDictionary(one => (one.Line.PayoutId, one.Line.Version), one => one.Line);
        var missing = known.Keys.Select(key => (key.PayoutId, Version: key.Version - 1))
            .Where(key => key.Version > 0 && !known.ContainsKey(key)).ToList();
        if (missing.Count > 0)
        {
            var (of, versions) = (
                missing.Select(key => key.PayoutId).ToArray(), missing.Select(key => key.Version).ToArray());
            var older = await db.PayoutEvents.FromSql($"""
                -- payout_events.before
                SELECT payout_events.* FROM payout_events
                JOIN unnest({of}, {versions}) AS wanted (payout_id, version) USING (payout_id, version)
                WHERE payout_id = ANY ({of})
                """).AsNoTracking().ToListAsync();
            older.ForEach(line => known[(line.PayoutId, line.Version)] = line);
        }

        return
        [
            .. from one in lines
               orderby one.No
               let of = payouts[one.Line.PayoutId]
               let previous = known.GetValueOrDefault((one.Line.PayoutId, one.Line.Version - 1))
               select new HistoryLine(one.No, of.Merchant, one.Line, previous, of, null),
        ];
    }

    private static async Task WriteAsync(
        PayoutDb db, IReadOnlyList<HistoryLine> lines, Func<HistoryLine, IReadOnlyList<string>> typesOf)
    {
        if (lines.Count == 0)
        {
            return;
        }

        var newest = await db.Feeds.AsNoTracking().ToDictionaryAsync(feed => feed.Merchant, feed => feed.Newest);
        var waiting = await db.FeedBalances.ToDictionaryAsync(row => (row.Merchant, row.Currency));
        List<FeedEntry> entries = [];
        foreach (var line in lines)
        {
            short part = 0;
            foreach (var type in typesOf(line with { IsBalanceLow = Count(line) }))
            {
                var sequence = newest[line.Merchant] = newest.GetValueOrDefault(line.Merchant) + 1;
                entries.Add(new FeedEntry
                {
                    Merchant = line.Merchant,
                    Sequence = sequence,
                    LineNo = line.No,
                    Part = part++,
                    Type = type,
                });
            }
        }

        string[] merchants = [.. entries.Select(entry => entry.Merchant).Distinct()];
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Insert(db, entries));
        batch.BatchCommands.Add(ArrayStatements.Command(
            """
            -- feeds.newest
            INSERT INTO feeds (merchant, newest, oldest)
            SELECT merchant, newest, 1 FROM unnest($1, $2) AS row (merchant, newest)
            ON CONFLICT ON CONSTRAINT feeds_pkey DO UPDATE SET newest = excluded.newest
            """,
            merchants,
            merchants.Select(merchant => newest[merchant]).ToArray()));
        await batch.ExecuteNonQueryAsync();
        await db.SaveChangesAsync();

        // In the order of the feed, so that what it says of the balance is the same whenever it is made.
        bool? Count(HistoryLine line)
        {
            if (line.BalanceChange == 0)
            {
                return null;
            }

            var key = (line.Merchant, line.Of!.Currency);
            if (!waiting.TryGetValue(key, out var row))
            {
                row = waiting[key] = new FeedBalance { Merchant = line.Merchant, Currency = line.Of!.Currency };
                db.Add(row);
            }

            var before = row.Waiting;
            row.Waiting += line.BalanceChange;
            return before == 0 ? true : row.Waiting == 0 ? false : null;
        }
    }

    private static async Task WriteGapsAsync(
        PayoutDb db, List<FeedGap> missing, List<(long First, long Last)> found)
    {
        var (first, last) = (found.Select(gap => gap.First).ToArray(), found.Select(gap => gap.Last).ToArray());
        await using var batch = ArrayStatements.Batch(db);
        batch.BatchCommands.Add(ArrayStatements.Command("DELETE FROM feed_gaps"));
        if (missing.Count > 0)
        {
            batch.BatchCommands.Add(ArrayStatements.Insert(db, missing));
        }

        batch.BatchCommands.Add(ArrayStatements.Command(
            """
            -- feeds.gaps
            INSERT INTO feed_gaps (first, last, until)
            SELECT first, last, pg_current_xact_id()::text::bigint FROM unnest($1, $2) AS row (first, last)
            """,
            first,
            last));
        await batch.ExecuteNonQueryAsync();
    }

    private sealed record Turn(bool IsOurs, long Running, long LineNo, long CountedNo);
}
