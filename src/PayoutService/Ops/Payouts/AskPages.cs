using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Ops.Payouts;

/// <summary>A payout that Pockyt was asked about.</summary>
/// <param name="Payout">As it is now.</param>
/// <param name="Answer">Pockyt's answer since, and when it came; null: there was none yet.</param>
public sealed record AskedPayout(PayoutView Payout, (DateTimeOffset At, string Result)? Answer);

/// <summary>Asks Pockyt about all payouts of a search: first the plan, then the act, then how far it is.</summary>
internal static class AskPages
{
    /// <summary>The payouts of one act, at most.</summary>
    private const int Most = 200;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/payouts/ask", PlanAsync).WithName("opsConfirmAskAll");
        ops.MapPost("/payouts/ask", AskAsync).WithName("opsAskAll").RequireAuthorization(OpsSessions.Act);
        ops.MapPost("/payouts/asked", LookAsync).WithName("opsAsked").RequireAuthorization(OpsSessions.Act);
    }

    private static async Task<IResult> PlanAsync(
        Session session,
        HttpContext context,
        SearchPayouts search,
        CancellationToken cancel,
        string? q = null)
    {
        var query = SearchText.Read(q ?? "", session.Merchant);
        if (query.Filter is not { } filter || query.Problems.Count > 0)
        {
            return Pages.NotFound(context, "search");
        }

        var rows = await search.PageAsync(filter, before: null, Most + 1, cancel);
        return Plan(rows.Rows, q ?? "", session, context, error: null, reason: null);
    }

    private static async Task<IResult> AskAsync(
        Session session,
        HttpContext context,
        SearchPayouts search,
        PayoutStore store,
        OperatorLog log,
        PayoutDb db,
        PayoutRules rules,
        CancellationToken cancel,
        string? q = null)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        var seen = Read(form["version"].ToString());
        var rows = (await search.ByIdsAsync([.. seen.Keys], cancel)).FindAll(row => row.Merchant == session.Merchant);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null)
        {
            return Plan(rows, q ?? "", session, context, problem, reason);
        }

        // What changed since it was seen is left alone: nobody has looked at it.
        var since = session.Now;
        var asked = rows.FindAll(row => row.Version == seen[row.Id] && RefusalOf(row, session) is null);
        foreach (var row in asked)
        {
            await log.WriteAsync(
                row.Merchant, session.Actor, OperatorAction.AskedPockyt, PublicId.Of(PublicId.Payout, row.Id), reason)
                .InTimeAsync(rules, cancel);
            await store.InquireNowAsync(row.Merchant, row.InvoiceId).InTimeAsync(rules, cancel);
        }

        return await ShowAsync(
            [.. asked.Select(row => row.Id)], seen.Count - asked.Count, since, session, context, search, db, cancel);
    }

    private static async Task<IResult> LookAsync(
        Session session, HttpContext context, SearchPayouts search, PayoutDb db, CancellationToken cancel)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        var isTime = long.TryParse(
            form["since"], NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            && since < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return isTime
            ? await ShowAsync(
                [.. Read(form["asked"].ToString()).Keys],
                left: 0,
                DateTimeOffset.FromUnixTimeMilliseconds(since),
                session,
                context,
                search,
                db,
                cancel)
            : Pages.NotFound(context, "page");
    }

    private static IResult Plan(
        List<Payout> rows, string query, Session session, HttpContext context, string? error, string? reason)
    {
        var plan = rows.Take(Most).ToLookup(row => RefusalOf(row, session));
        var asked = plan[null].ToList();
        var back = session.At($"/ops/payouts?q={Uri.EscapeDataString(query)}");
        if (asked.Count == 0)
        {
            return Pages.Result(
                session, context, isDone: false, "There is nothing to ask about.",
                rows.Count == 0 ? "No payout has all of this."
                    : string.Join(' ', plan.Select(group => $"{Words.Count(group.Count(), "payout")}: {group.Key}")),
                (back, "To the payouts"));
        }

        string[] consequences =
        [
            "Pockyt is asked at once instead of at the next time. Nothing is sent, and no money moves by it.",
            .. plan.Where(group => group.Key is not null)
                .Select(group => $"{Words.Count(group.Count(), "other")} of this search: {group.Key}"),
            .. rows.Count > Most ? [$"The search has more: these are its newest {Most}."] : Array.Empty<string>(),
        ];
        return Pages.Show<ConfirmPage>(
            session with { Path = $"{session.Path}?q={Uri.EscapeDataString(query)}" },
            context,
            ("Title", $"Ask Pockyt about {Words.Count(asked.Count, "payout")} now?"),
            ("Consequences", consequences),
            ("Button", $"Ask about {Words.Count(asked.Count, "payout")}"),
            ("Back", back),
            ("Version", Write(asked.Select(row => (row.Id, row.Version)))),
            ("Error", error),
            ("Reason", reason));
    }

    private static async Task<IResult> ShowAsync(
        Guid[] ids,
        int left,
        DateTimeOffset since,
        Session session,
        HttpContext context,
        SearchPayouts search,
        PayoutDb db,
        CancellationToken cancel)
    {
        var rows = (await search.ByIdsAsync(ids, cancel)).FindAll(row => session.Merchants.Contains(row.Merchant));
        var (first, known) = (SortableId.FirstAt(since), rows.ConvertAll(row => (Guid?)row.Id));
        var calls = await db.ProviderCalls.AsNoTracking()
            .Where(call => known.Contains(call.PayoutId) && call.Id >= first).OrderBy(call => call.Id)
            .ToListAsync(cancel);
        var answers = calls.ToLookup(call => call.PayoutId);
        return Pages.Show<AskedPage>(
            session,
            context,
            ("Payouts", rows.ConvertAll(row => new AskedPayout(
                PayoutView.Of(row),
                answers[row.Id].LastOrDefault() is { } last ? (last.At, last.Result) : null))),
            ("Left", left),
            ("Since", since),
            ("Asked", Write(rows.Select(row => (row.Id, row.Version)))));
    }

    private static string? RefusalOf(Payout payout, Session session) => session.MayAct
        ? PayoutActs.RefusalOf(payout, PayoutAct.Ask, session.Actor, session.Owner) : Session.WatchesOnly;

    /// <summary>Payouts with the versions that were seen, for a form.</summary>
    private static string Write(IEnumerable<(Guid Id, int Version)> seen) =>
        string.Join(' ', seen.Select(one => $"{PublicId.Of(PublicId.Payout, one.Id)}:{one.Version}"));

    private static Dictionary<Guid, int> Read(string text)
    {
        Dictionary<Guid, int> seen = [];
        foreach (var one in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(Most))
        {
            if (one.Split(':') is [var id, var version] && PublicId.TryParse(PublicId.Payout, id, out var payout)
                && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                seen[payout] = number;
            }
        }

        return seen;
    }
}
