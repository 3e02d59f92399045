using System.ComponentModel.DataAnnotations.Schema;
using System.Data;
using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Reports;

/// <summary>What a report is about.</summary>
/// <param name="Merchants">The merchants.</param>
/// <param name="From">The first day, in UTC, on which payouts were accepted.</param>
/// <param name="To">The day after the last.</param>
/// <param name="ByDay">A line for each day.</param>
/// <param name="ByStatus">A line for each status.</param>
/// <param name="ByRail">A line for each type of account.</param>
internal sealed record VolumeQuery(
    IReadOnlyList<string> Merchants, DateOnly From, DateOnly To, bool ByDay, bool ByStatus, bool ByRail);

/// <summary>A line of a report. Amounts are in the smallest unit of the currency.</summary>
internal sealed record VolumeLine(
    DateOnly? Day,
    string Currency,
    string? Status,
    string? Rail,
    long Count,
    decimal Amount,
    decimal Yes,
    decimal No,
    decimal InFlight,
    decimal Unknown,
    decimal Returned,
    long FeeCount,
    decimal Fee)
{
    /// <summary>How many confirmations of a final status took how long.</summary>
    [NotMapped]
    public IReadOnlyList<(int Bucket, long Count)> Times { get; init; } = [];
}

/// <summary>A report.</summary>
/// <param name="Lines">Its lines, the newest day first.</param>
/// <param name="Behind">The number of lines of payouts' histories that are not counted yet; at most
/// <see cref="VolumeStore.MostBehind"/>.</param>
internal sealed record VolumeReport(IReadOnlyList<VolumeLine> Lines, int Behind);

/// <summary>Reads counts of payouts, of calls to Pockyt and of deliveries.</summary>
internal sealed class VolumeStore(IDbContextFactory<PayoutDb> databases)
{
    /// <summary>The most lines that a report has; it is refused rather than cut.</summary>
    public const int MostLines = 10_000;

    public const int MostBehind = 10_000;

    /// <returns>The report; null: it has more than <see cref="MostLines"/> lines.</returns>
    public async Task<VolumeReport?> ReadAsync(VolumeQuery query)
    {
        var merchants = query.Merchants.ToArray();
        await using var db = await databases.CreateDbContextAsync();

        // Of one moment, so that what is behind is behind of these counts.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var behind = await db.Database.SqlQuery<int>($"""
            -- volumes.behind
            SELECT count(*)::integer AS "Value" FROM (
                SELECT FROM payout_events WHERE line_no > (SELECT counted_no FROM feed_progress)
                LIMIT {MostBehind}) AS line
            """).SingleAsync();
        var lines = await db.Database.SqlQuery<VolumeLine>($"""
            -- volumes.counts
            SELECT CASE WHEN {query.ByDay} THEN day END AS "Day", currency AS "Currency",
                CASE WHEN {query.ByStatus} THEN status END AS "Status",
                CASE WHEN {query.ByRail} THEN rail END AS "Rail",
                sum(count)::bigint AS "Count", sum(amount_minor) AS "Amount",
                coalesce(sum(amount_minor) FILTER (WHERE money_moved = 'yes'), 0) AS "Yes",
                coalesce(sum(amount_minor) FILTER (WHERE money_moved = 'no'), 0) AS "No",
                coalesce(sum(amount_minor) FILTER (WHERE money_moved = 'inFlight'), 0) AS "InFlight",
                coalesce(sum(amount_minor) FILTER (WHERE money_moved = 'unknown'), 0) AS "Unknown",
                coalesce(sum(amount_minor) FILTER (WHERE money_moved = 'returned'), 0) AS "Returned",
                sum(fee_count)::bigint AS "FeeCount", sum(fee_minor) AS "Fee"
            FROM payout_counts
            WHERE merchant = ANY ({merchants}) AND day >= {query.From} AND day < {query.To}
            GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
            ORDER BY 1 DESC, 2, 3, 4 LIMIT {MostLines + 1}
            """).ToListAsync();
        if (lines.Count > MostLines)
        {
            return null;
        }

        var times = await db.Database.SqlQuery<TimeLine>($"""
            -- volumes.times
            SELECT CASE WHEN {query.ByDay} THEN day END AS "Day", currency AS "Currency",
                CASE WHEN {query.ByStatus} THEN status END AS "Status",
                CASE WHEN {query.ByRail} THEN rail END AS "Rail",
                bucket::integer AS "Bucket", sum(count)::bigint AS "Count"
            FROM payout_times
            WHERE merchant = ANY ({merchants}) AND day >= {query.From} AND day < {query.To}
            GROUP BY 1, 2, 3, 4, 5
            """).ToListAsync();
        var timesOf = times.ToLookup(
            one => (one.Day, one.Currency, one.Status, one.Rail), one => (one.Bucket, one.Count));
        return new(
            [
                .. lines.Select(one => one with
                {
                    Times = [.. timesOf[(one.Day, one.Currency, one.Status, one.Rail)]],
                }),
            ],
            behind);
    }

    /// <summary>Requests to the webhook endpoints of merchants, by day and outcome, from a day on.</summary>
    public async Task<List<(DateOnly Day, DeliveryOutcome Outcome, long Count)>> DeliveriesAsync(
        IReadOnlyList<string> merchants, DateOnly from)
    {
        await using var db = await databases.CreateDbContextAsync();
        var counts = await (
            from count in db.DeliveryCounts
            join endpoint in db.WebhookEndpoints on count.EndpointId equals endpoint.Id
            where merchants.Contains(endpoint.Merchant) && count.Day >= @from
            group count.Count by new { count.Day, count.Outcome } into counted
            select new { counted.Key.Day, counted.Key.Outcome, Count = counted.Sum() }).ToListAsync();
        return [.. counts.Select(one => (one.Day, one.Outcome, one.Count))];
    }

    /// <summary>Calls to Pockyt for merchants, by day, outcome and how long they took, from a day on.</summary>
    public async Task<List<CallCount>> CallsAsync(IReadOnlyList<string> merchants, DateOnly from)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.CallCounts.AsNoTracking()
            .Where(row => merchants.Contains(row.Merchant) && row.Day >= from).ToListAsync();
    }

    private sealed record TimeLine(
        DateOnly? Day, string Currency, string? Status, string? Rail, int Bucket, long Count);
}
