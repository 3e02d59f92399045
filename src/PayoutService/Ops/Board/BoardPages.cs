using Microsoft.EntityFrameworkCore;
using PayoutService.Ops.Reports;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Reports;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Ops.Board;

/// <summary>One line of the board: a cause, and how much it concerns.</summary>
/// <param name="Word">The cause.</param>
/// <param name="Sentence">What it is.</param>
/// <param name="Owner">Who acts.</param>
/// <param name="Action">What is done about it.</param>
/// <param name="Count">How many payouts; null: it is about the service.</param>
/// <param name="Sums">Their amounts, one of each currency.</param>
/// <param name="Since">Since when the oldest is where it is.</param>
/// <param name="Target">When it should be over.</param>
/// <param name="Link">The rows that are counted.</param>
public sealed record CauseLine(
    string Word,
    string Sentence,
    CauseOwner Owner,
    string Action,
    int? Count,
    IReadOnlyList<string> Sums,
    DateTimeOffset? Since,
    TimeSpan? Target,
    string Link)
{
    public bool IsLate(DateTimeOffset now) => now - Since > Target;
}

/// <summary>The payouts of one status.</summary>
/// <param name="Status">The status.</param>
/// <param name="Count">How many.</param>
/// <param name="IsMore">There are more, which were not counted.</param>
/// <param name="Sums">Their amounts, one of each currency.</param>
/// <param name="Since">Since when the oldest is where it is.</param>
/// <param name="Note">What is counted.</param>
/// <param name="Link">The rows that are counted.</param>
public sealed record StatusTile(
    string Status,
    int Count,
    bool IsMore,
    IReadOnlyList<string> Sums,
    DateTimeOffset? Since,
    string Note,
    string Link);

/// <summary>A sentence about a part of the service.</summary>
/// <param name="Name">The part.</param>
/// <param name="Sentence">How it is.</param>
/// <param name="IsGood">Nobody has to act.</param>
/// <param name="Link">The page that shows it.</param>
public sealed record HealthLine(string Name, string Sentence, bool IsGood, string Link);

/// <summary>The board.</summary>
public sealed record BoardModel(
    IReadOnlyList<CauseLine> Attention,
    IReadOnlyList<CauseLine> Waiting,
    IReadOnlyList<StatusTile> Tiles,
    IReadOnlyList<HealthLine> Health,
    IReadOnlyList<ChartModel> Charts)
{
    public int Needing => Attention.Sum(line => line.Count ?? 1);

    public DateTimeOffset? Oldest => Attention.Min(line => line.Since);
}

/// <summary>A payout that a person must look at.</summary>
public sealed record AttentionItem(PayoutView Payout, string Merchant, DateTimeOffset Since);

/// <summary>The payouts of one cause that a person must look at.</summary>
public sealed record AttentionGroup(CauseLine Cause, IReadOnlyList<AttentionItem> Items);

/// <summary>The board, and what needs attention.</summary>
internal static class BoardPages
{
    /// <summary>The payouts that the attention page lists at most.</summary>
    private const int MostItems = 60;

    private static readonly PayoutStatus[] Ended =
        [PayoutStatus.Failed, PayoutStatus.Returned, PayoutStatus.Canceled];

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/", ShowBoardAsync).WithName("opsBoard");
        ops.MapGet("/attention", ShowAttentionAsync).WithName("opsAttention");
    }

    private static async Task<IResult> ShowBoardAsync(
        Session session,
        HttpContext context,
        CountBacklog count,
        ReadHealth health,
        SearchPayouts search,
        VolumeStore volumes,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var (volume, times, _) = await ReportPages.LastDaysAsync(session, volumes).InTimeAsync(rules, cancel);
        var backlog = await count.RunAsync(session.Merchants, cancel);
        var service = await health.RunAsync(session.Merchants, cancel);
        List<StatusTile> tiles = [.. PayoutStatuses.Open.Select(status => TileOf(session, status, backlog))];
        foreach (var status in Ended)
        {
            tiles.Add(await EndedTileAsync(session, status, search, cancel));
        }

        List<CauseLine> attention =
        [
            .. service.Causes.Select(cause => LineOf(cause, LinkOf(cause))),
            .. ByCause(backlog.Where(one => one.NeedsAttention), session, "/ops/attention"),
        ];
        return Pages.Show<BoardPage>(session, context, ("Model", new BoardModel(
            attention,
            ByCause(backlog.Where(one => !one.NeedsAttention && one.Cause != Cause.Ended), session, link: null),
            tiles,
            HealthOf(service, session.Now),
            [volume, times])));
    }

    private static async Task<IResult> ShowAttentionAsync(
        Session session,
        HttpContext context,
        PayoutDb db,
        SearchPayouts search,
        Approvers approvers,
        ReadHealth health,
        CancellationToken cancel)
    {
        var rows = await db.Payouts.AsNoTracking()
            .Where(row => row.Attention != null && session.Merchants.Contains(row.Merchant))
            .OrderBy(row => row.StatusSince).Take(MostItems + 1).ToListAsync(cancel);
        await search.MarkAsync(rows);
        await approvers.MarkAsync(rows, cancel);
        var service = await health.RunAsync(session.Merchants, cancel);
        var groups = rows.Take(MostItems).GroupBy(row => Cause.Of(row, blocker: null, session.Now))
            .OrderBy(group => IndexOf(group.Key))
            .Select(group => new AttentionGroup(
                LineOf(group.Key, "") with { Count = group.Count(), Since = group.Min(row => row.StatusSince) },
                [.. group.Select(row => new AttentionItem(PayoutView.Of(row), row.Merchant, row.StatusSince))]));
        return Pages.Show<AttentionPage>(
            session,
            context,
            ("Service", service.Causes.Select(cause => LineOf(cause, LinkOf(cause))).ToList()),
            ("Groups", groups.ToList()),
            ("IsMore", rows.Count > MostItems));
    }

    private static List<CauseLine> ByCause(IEnumerable<BacklogOfCause> backlog, Session session, string? link) =>
    [
        .. backlog.GroupBy(one => one.Cause).OrderBy(group => IndexOf(group.Key))
            .Select(group => LineOf(group.Key, link ?? StatusLink(session, group.First().Status)) with
            {
                Count = group.Sum(one => one.Count),
                Sums = SumsOf(group),
                Since = group.Min(one => one.Since),
            }),
    ];

    private static int IndexOf(Cause cause) => Cause.All.ToList().IndexOf(cause);

    private static CauseLine LineOf(Cause cause, string link) => new(
        cause.Word, cause.Sentence, cause.Owner, cause.Action, Count: null, [], Since: null, cause.TargetAge, link);

    private static string LinkOf(Cause cause) =>
        cause == Cause.EndpointFailing || cause == Cause.EndpointDisabled ? "/ops/deliveries" : "/ops/health";

    private static string StatusLink(Session session, PayoutStatus status) =>
        session.At($"/ops/payouts?q=status:{Words.Word(status)}");

    private static IReadOnlyList<string> SumsOf(IEnumerable<BacklogOfCause> backlog) =>
    [
        .. backlog.GroupBy(one => one.Currency).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Words.Amount(group.Sum(one => one.Amount), group.Key)),
    ];

    private static StatusTile TileOf(Session session, PayoutStatus status, List<BacklogOfCause> backlog)
    {
        var those = backlog.Where(one => one.Status == status).ToList();
        var count = those.Sum(one => one.Count);
        return new(
            Words.Word(status), count, count > Backlog.Most, SumsOf(those),
            those.Count == 0 ? null : those.Min(one => one.Since), "open now", StatusLink(session, status));
    }

    private static async Task<StatusTile> EndedTileAsync(
        Session session, PayoutStatus status, SearchPayouts search, CancellationToken cancel)
    {
        var since = session.Now.AddDays(-1);
        var count = 0;
        foreach (var merchant in session.Merchants)
        {
            count += await search.Rows(new() { Merchant = merchant, Status = status, CreatedFrom = since })
                .Take(Backlog.Most + 1).CountAsync(cancel);
        }

        return new(
            Words.Word(status), Math.Min(count, Backlog.Most), count > Backlog.Most, [], Since: null,
            "of the last 24 h",
            session.At(
                $"/ops/payouts?q={Uri.EscapeDataString($"status:{Words.Word(status)} since:{Words.Iso(since)}")}"));
    }

    private static List<HealthLine> HealthOf(ServiceHealth service, DateTimeOffset now) =>
    [
        service.Problems is [var problem, ..] ? new("Service", problem, IsGood: false, "/ops/health")
            : new("Service", "ready", IsGood: true, "/ops/health"),
        service.PockytAwaySince is { } since
            ? new("Pockyt", $"does not answer, {Words.Ago(since, now)}", IsGood: false, "/ops/health")
            : new(
                "Pockyt", service.Calls is { } calls ? Words.Of(calls) : "not called yet", IsGood: true, "/ops/health"),
        service.Beats is [var beat, ..]
            ? new("Workers", $"reported {Words.Ago(beat.At, now)}", !service.Causes.Contains(Cause.WorkersSilent),
                "/ops/health")
            : new("Workers", "none has reported", IsGood: false, "/ops/health"),
        new("Notices", service.LastNotice is { } last ? $"last {Words.Ago(last, now)}" : "none yet", IsGood: true,
            "/ops/notices"),
        new(
            "Deliveries",
            service.Endpoints.Count == 0 ? "no endpoints" : Words.Count(service.Endpoints.Count, "endpoint"),
            !service.Causes.Contains(Cause.EndpointFailing) && !service.Causes.Contains(Cause.EndpointDisabled),
            "/ops/deliveries"),
        .. service.Notes.Select(note => new HealthLine("Note", note, IsGood: false, "/ops/health")),
    ];
}
