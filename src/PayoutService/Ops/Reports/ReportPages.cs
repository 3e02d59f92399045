using System.Globalization;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Reports;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Reports;

/// <summary>The page of a report.</summary>
/// <param name="Report">The report; null: it was not made.</param>
/// <param name="Problem">Why it was not made.</param>
/// <param name="By">The words that it is by.</param>
/// <param name="Query">The query of its address.</param>
public sealed record ReportModel(PayoutReportView? Report, string? Problem, IReadOnlyList<string> By, string Query);

/// <summary>Reports and charts.</summary>
internal static class ReportPages
{
    /// <summary>The days that the charts show.</summary>
    private const int Days = 14;

    private static readonly double[] Shares = [0.5, 0.95];

    /// <summary>Of what went well, what did no harm, and what may have.</summary>
    private static readonly int[] OutcomeColours = [5, 1, 6];

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/reports", ShowAsync).WithName("opsReports");
        ops.MapGet("/reports.csv", DownloadAsync).WithName("opsReportsCsv");
        ops.MapGet("/charts", ChartsAsync).WithName("opsCharts");
    }

    /// <summary>Payouts of the last days by status, and how long they took.</summary>
    /// <returns>The charts, and how many changes are not counted in them.</returns>
    public static async Task<(ChartModel Volume, ChartModel Times, int Behind)> LastDaysAsync(
        Session session, VolumeStore store)
    {
        var first = FirstDay(session);
        var report = await store.ReadAsync(new(
            session.Merchants, first, first.AddDays(Days), ByDay: true, ByStatus: true, ByRail: false));
        var lines = report!.Lines.ToLookup(line => line.Day);
        PayoutStatus[] statuses = [.. Enum.GetValues<PayoutStatus>()
            .Where(status => report.Lines.Any(line => line.Status == Words.Word(status)))];
        return (
            new(
                "Payouts by status",
                "Payouts by the day on which they were accepted, in the status that they have now.",
                "Day", [.. statuses.Select(status => new ChartSeries(Words.Word(status), (int)status))],
                [
                    .. DaysFrom(first, day => statuses.Select(status => (double)lines[day]
                        .Where(line => line.Status == Words.Word(status)).Sum(line => line.Count))),
                ],
                IsStacked: true, value => Words.Number((long)value)),
            new(
                "Time to final",
                "From when a payout was to be sent until its final status was confirmed, by the day on which it was "
                + "accepted. Payouts that are still open are in none.",
                "Day", [new("half took at most", 4), new("19 of 20 took at most", 1)],
                [
                    .. DaysFrom(first, day => Shares.Select(share => TimeBuckets.Within(
                        lines[day].SelectMany(line => line.Times), share)?.TotalSeconds ?? 0)),
                ],
                IsStacked: false, Lasting),
            report.Behind);
    }

    private static async Task<IResult> ShowAsync(
        Session session,
        HttpContext context,
        ReadReport read,
        PayoutRules rules,
        CancellationToken cancel,
        string? from = null,
        string? to = null)
    {
        var by = ByOf(context);
        var (report, problem) = await ReadAsync(session, read, rules, from, to, by, cancel);
        return Pages.Show<ReportsPage>(session, context, ("Model", new ReportModel(
            report,
            problem,
            by,
            report is null ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"from={report.From:yyyy-MM-dd}&to={report.To:yyyy-MM-dd}&by={string.Join("&by=", by)}"))));
    }

    private static async Task<IResult> DownloadAsync(
        Session session,
        HttpContext context,
        ReadReport read,
        PayoutRules rules,
        CancellationToken cancel,
        string? from = null,
        string? to = null)
    {
        var (report, problem) = await ReadAsync(session, read, rules, from, to, ByOf(context), cancel);
        return report is null
            ? Pages.Refusal(context, StatusCodes.Status400BadRequest, "There is no such report.", problem!)
            : Downloads.Send(session, "report", ReportLines.Header, ReportLines.Of(report), cancel);
    }

    private static async Task<IResult> ChartsAsync(
        Session session,
        HttpContext context,
        VolumeStore store,
        CountBacklog count,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var (volume, times, behind) = await LastDaysAsync(session, store).InTimeAsync(rules, cancel);
        var deliveries = await store.DeliveriesAsync(session.Merchants, FirstDay(session)).InTimeAsync(rules, cancel);
        var calls = await store.CallsAsync(session.Merchants, FirstDay(session)).InTimeAsync(rules, cancel);
        var backlog = await count.RunAsync(session.Merchants, cancel);
        return Pages.Show<ChartsPage>(
            session,
            context,
            ("Charts", (ChartModel[])
            [
                volume, times, AgesOf(backlog, session.Now), CallsOf(calls, session), LatenciesOf(calls, session),
                DeliveriesOf(deliveries, session),
            ]),
            ("Behind", behind));
    }

    private static ChartModel AgesOf(List<BacklogOfCause> backlog, DateTimeOffset now) => new(
        "Age of the oldest open payout",
        "How long the oldest payout of each status has been in it now, and how long its cause should last.",
        "Status", [new("oldest", 4), new("should be over within", 8)],
        [
            .. backlog.GroupBy(one => one.Status).OrderBy(group => group.Key)
                .Select(group => group.MinBy(one => one.Since)!)
                .Select(oldest => new ChartColumn(
                    Words.Word(oldest.Status), Words.Word(oldest.Status),
                    [Math.Max(0, (now - oldest.Since).TotalSeconds), oldest.Cause.TargetAge?.TotalSeconds ?? 0])),
        ],
        IsStacked: false, Lasting);

    private static ChartModel CallsOf(List<CallCount> calls, Session session) => OutcomesOf(
        "Calls to Pockyt by outcome",
        "answered: Pockyt answered, also where it refused; notSent: nothing left us; unclear: it may have arrived, and "
        + "no answer told what it did.",
        calls.Select(one => (one.Day, one.Outcome, one.Count)),
        session);

    private static ChartModel LatenciesOf(List<CallCount> calls, Session session) => new(
        "How fast Pockyt answers",
        "From the call until its answer was read, of calls that were answered.",
        "Day", [new("half took at most", 4), new("19 of 20 took at most", 1)],
        [
            .. DaysFrom(FirstDay(session), day => Shares.Select(share => TimeBuckets.Within(
                calls.Where(one => one.Day == day && one.Outcome is CallOutcome.Answered)
                    .Select(one => ((int)one.Bucket, one.Count)), share)?.TotalMilliseconds ?? 0)),
        ],
        IsStacked: false, value => $"{Words.Number((long)Math.Ceiling(value))} ms");

    private static ChartModel DeliveriesOf(
        List<(DateOnly Day, DeliveryOutcome Outcome, long Count)> deliveries, Session session) => OutcomesOf(
            "Deliveries by outcome",
            "Requests to webhook endpoints, by the day of the request. Endpoints that were removed are in none.",
            deliveries,
            session);

    /// <summary>Counts by day and outcome: the good one, the harmless one and the bad one.</summary>
    private static ChartModel OutcomesOf<T>(
        string title, string sentence, IEnumerable<(DateOnly Day, T Outcome, long Count)> counts, Session session)
        where T : struct, Enum
    {
        var sums = counts.ToLookup(one => (one.Day, one.Outcome), one => one.Count);
        var outcomes = Enum.GetValues<T>();
        return new(
            title,
            sentence,
            "Day",
            [.. outcomes.Zip(OutcomeColours, (outcome, colour) => new ChartSeries(Words.Word(outcome), colour))],
            [.. DaysFrom(FirstDay(session), day => outcomes.Select(outcome => (double)sums[(day, outcome)].Sum()))],
            IsStacked: true, value => Words.Number((long)value));
    }

    private static IEnumerable<ChartColumn> DaysFrom(DateOnly first, Func<DateOnly, IEnumerable<double>> values) =>
        Enumerable.Range(0, Days).Select(first.AddDays).Select(day => new ChartColumn(
            day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            day.ToString("MM-dd", CultureInfo.InvariantCulture),
            [.. values(day)]));

    private static DateOnly FirstDay(Session session) =>
        DateOnly.FromDateTime(session.Now.UtcDateTime).AddDays(1 - Days);

    private static string Lasting(double seconds) => Words.Lasting(TimeSpan.FromSeconds(seconds));

    private static IReadOnlyList<string> ByOf(HttpContext context) =>
        context.Request.Query["by"] is { Count: > 0 } by ? [.. by.OfType<string>()] : ["day", "status"];

    private static async Task<(PayoutReportView? Report, string? Problem)> ReadAsync(
        Session session,
        ReadReport read,
        PayoutRules rules,
        string? from,
        string? to,
        IReadOnlyList<string> by,
        CancellationToken cancel)
    {
        foreach (var (name, day) in new[] { ("from", from), ("to", to) })
        {
            if (day is { Length: > 0 } && DayOf(day) is null)
            {
                return (null, $"{name} must be a day such as 2026-12-31.");
            }
        }

        var (query, report, field, reason) = await read
            .RunAsync([session.Merchant], DayOf(from), DayOf(to), string.Join(',', by)).InTimeAsync(rules, cancel);
        return query is null ? (null, $"{field} {reason}.") : (PayoutReportView.Of(query, report!), null);
    }

    private static DateOnly? DayOf(string? text) => DateOnly.TryParseExact(
        text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
