using Microsoft.EntityFrameworkCore;
using PayoutService.Ops.Approvals;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Payouts;

/// <summary>A page of a list of payouts.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Problems">What of it cannot be read.</param>
/// <param name="Rows">The payouts, newest first.</param>
/// <param name="Others">Payees that were found too: ids and addresses.</param>
/// <param name="Next">The address of the next page; null: this is the last.</param>
/// <param name="ReadDownTo">The search stopped here, though there are older payouts; null: it did not.</param>
/// <param name="Download">The address of all that is found as a file; null: it is no list.</param>
public sealed record PayoutList(
    string Query,
    IReadOnlyList<string> Problems,
    IReadOnlyList<PayoutView> Rows,
    IReadOnlyList<(string Id, string Address)> Others,
    string? Next,
    DateTimeOffset? ReadDownTo,
    string? Download = null);

/// <summary>An act on the page of a payout.</summary>
/// <param name="Name">The button.</param>
/// <param name="Link">The page that asks to confirm it.</param>
/// <param name="Refusal">Why it is not possible now; null: it is.</param>
public sealed record ActButton(string Name, string Link, string? Refusal);

/// <summary>A payout with all that is known of it.</summary>
public sealed record PayoutModel(
    PayoutView Payout,
    string Merchant,
    ExplanationView Told,
    IReadOnlyList<ActButton> Acts,
    IReadOnlyList<TimelineItem> Timeline,
    string AccountLabel,
    bool IsPast);

/// <summary>Payouts: the list, the search, and one.</summary>
internal static class PayoutPages
{
    private const int PageSize = 50;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/payouts", ListAsync).WithName("opsPayouts");
        ops.MapGet("/payouts.csv", Download).WithName("opsPayoutsCsv");
        ops.MapGet("/payouts/{id}", ShowAsync).WithName("opsPayout");
    }

    /// <summary>Lists payouts. An exact id that names one thing opens its page.</summary>
    private static async Task<IResult> ListAsync(
        Session session,
        HttpContext context,
        FindAnything find,
        SearchPayouts search,
        CancellationToken cancel,
        string? q = null,
        string? before = null)
    {
        var query = SearchText.Read(q ?? "", session.Merchant);
        if (query.Id is { } id)
        {
            if (await AddressOfAsync(id, session, find, cancel) is { } address)
            {
                return TypedResults.LocalRedirect(address);
            }

            var found = await find.RunAsync(session.Merchants, id, cancel);
            return found is [var one] ? TypedResults.LocalRedirect(AddressOf(one))
                : Pages.Show<PayoutsPage>(session, context, ("Model", await FoundAsync(id, found, search, cancel)));
        }

        Guid? last = PublicId.TryParse(PublicId.Payout, before, out var cursor) ? cursor : null;
        if (query.Problems.Count > 0)
        {
            return Pages.Show<PayoutsPage>(
                session, context, ("Model", new PayoutList(q!, query.Problems, [], [], Next: null, ReadDownTo: null)));
        }

        var (page, floor) = await search.PageAsync(query.Filter!, last, PageSize + 1, cancel);
        var shown = page.Take(PageSize).Select(PayoutView.Of).ToList();
        return Pages.Show<PayoutsPage>(session, context, ("Model", new PayoutList(
            q ?? "",
            [],
            shown,
            [],
            page.Count > PageSize ? NextOf(session, q, shown[^1].Id)
                : floor is { } end ? NextOf(session, q, PublicId.Of(PublicId.Payout, end)) : null,
            page.Count <= PageSize && floor is { } stopped ? SortableId.TimeOf(stopped) : null,
            session.At($"/ops/payouts.csv?q={Uri.EscapeDataString(q ?? "")}"))));
    }

    /// <summary>Sends all payouts that a search by qualifiers finds.</summary>
    private static IResult Download(
        Session session, HttpContext context, SearchPayouts search, CancellationToken cancel, string? q = null)
    {
        var query = SearchText.Read(q ?? "", session.Merchant);
        return query is { Filter: { } filter, Problems: [] }
            ? Downloads.Send(
                session, "payouts", PayoutLines.Header, PayoutLines.Of(search.AllAsync(filter, cancel), cancel), cancel)
            : Pages.Refusal(context, StatusCodes.Status400BadRequest, "This search is no list.",
                query.Problems is [var problem, ..] ? problem : "An id names one payout: open its page instead.");
    }

    private static async Task<IResult> ShowAsync(
        string id,
        Session session,
        HttpContext context,
        ExplainPayout explain,
        ReadTimeline timeline,
        ReadHolds holds,
        PayoutDb db,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            || await explain.FindAsync(session.Merchants, payoutId, cancel) is not var (payout, told))
        {
            return Pages.NotFound(context, "payout");
        }

        var account = await db.Accounts.AsNoTracking().Where(row => row.Id == payout.AccountId)
            .Select(row => new { row.AccountType, row.Last4 }).SingleAsync(cancel);
        var all = await timeline.RunAsync(payout, cancel);
        return Pages.Show<PayoutPage>(session, context, ("Model", new PayoutModel(
            PayoutView.Of(payout),
            payout.Merchant,
            ExplanationView.Of(told),
            [
                .. Enum.GetValues<PayoutAct>().Select(act => ButtonOf(payout, act, session)),
                .. payout.Findings is null ? [] : ApprovalPages.ActsOf(await holds.OfAsync(payout, cancel), session)
                    .Select(act => new ActButton(act.Name, act.Link, act.Refusal)),
            ],
            TimelineItem.Of(payout, told, all, session.Now),
            account.Last4 is null ? account.AccountType : $"{account.AccountType} …{account.Last4}",
            payout.IsPast)));
    }

    private static async Task<PayoutList> FoundAsync(
        string id, List<Found> found, SearchPayouts search, CancellationToken cancel)
    {
        Guid[] payouts = [.. found.Select(one => one.PayoutId).OfType<Guid>()];
        var rows = await search.ByIdsAsync(payouts, cancel);
        return new(
            id,
            found.Count == 0 ? [$"Nothing has the id or e-mail \"{id}\" among the merchants that you see."] : [],
            [.. rows.Select(PayoutView.Of)],
            [
                .. found.Where(one => one.PayeeId is not null)
                    .Select(one => (PublicId.Of(PublicId.Payee, one.PayeeId)!, AddressOf(one))),
            ],
            Next: null,
            ReadDownTo: null);
    }

    private static ActButton ButtonOf(Payout payout, PayoutAct act, Session session) => new(
        act switch { PayoutAct.Ask => "Ask Pockyt now", PayoutAct.Cancel => "Cancel…", _ => "Resolve…" },
        $"/ops/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}/{Words.Word(act)}",
        session.MayAct ? PayoutActs.RefusalOf(payout, act, session.Actor, session.Owner)
            : Session.WatchesOnly);

    /// <summary>The page of what one of our own ids names.</summary>
    private static async Task<string?> AddressOfAsync(
        string id, Session session, FindAnything find, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Payout, id, out _) ? $"/ops/payouts/{id}"
        : PublicId.TryParse(PublicId.Payee, id, out _) ? $"/ops/payees/{id}"
        : PublicId.TryParse(PublicId.Account, id, out var accountId)
            && await find.PayeeOfAccountAsync(session.Merchants, accountId, cancel) is { } payee
            ? $"/ops/payees/{PublicId.Of(PublicId.Payee, payee)}" : null;

    private static string AddressOf(Found one) => one.PayoutId is { } payout
        ? $"/ops/payouts/{PublicId.Of(PublicId.Payout, payout)}"
        : $"/ops/payees/{PublicId.Of(PublicId.Payee, one.PayeeId)}";

    private static string NextOf(Session session, string? query, string last) =>
        session.At($"/ops/payouts?q={Uri.EscapeDataString(query ?? "")}&before={last}");
}
