using Microsoft.EntityFrameworkCore;
using PayoutService.Ops.Sessions;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Payees;

/// <summary>A page of the list of payees.</summary>
public sealed record PayeeList(IReadOnlyList<PayeeView> Rows, string? Next);

/// <summary>A payee with its accounts and its history.</summary>
/// <param name="Payee">The payee.</param>
/// <param name="Merchant">Whose it is.</param>
/// <param name="Accounts">Its accounts, oldest first.</param>
/// <param name="Changes">Its history and that of its accounts, newest first.</param>
/// <param name="IsShown">Its name and e-mail are not masked.</param>
public sealed record PayeeModel(
    PayeeView Payee,
    string Merchant,
    IReadOnlyList<AccountView> Accounts,
    IReadOnlyList<(string Of, ChangeView Change)> Changes,
    bool IsShown);

/// <summary>Payees: whether they can be paid. Names and e-mails are masked until an operator asks for them, and the
/// asking is written down.</summary>
internal static class PayeePages
{
    private const int PageSize = 50;

    /// <summary>The newest of a history that is longer.</summary>
    private const int MostChanges = 100;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/payees", ListAsync).WithName("opsPayees");
        ops.MapGet("/payees.csv", Download).WithName("opsPayeesCsv");
        ops.MapGet("/payees/{id}", ShowAsync).WithName("opsPayee");
        ops.MapPost("/payees/{id}/reveal", RevealAsync).WithName("opsReveal").RequireAuthorization(OpsSessions.Act);
    }

    private static async Task<IResult> ListAsync(
        Session session,
        HttpContext context,
        PayoutDb db,
        Searches searches,
        CancellationToken cancel,
        string? before = null)
    {
        var rows = db.Payees.AsNoTracking().Where(row => row.Merchant == session.Merchant);
        rows = PublicId.TryParse(PublicId.Payee, before, out var last) ? rows.Where(row => row.Id < last) : rows;
        var page = await searches.RunAsync(rows.OrderByDescending(row => row.Id).Take(PageSize + 1), cancel);
        var shown = page.Take(PageSize).Select(PayeeView.Of).ToList();
        return Pages.Show<PayeesPage>(session, context, ("Model", new PayeeList(
            shown, page.Count > PageSize ? session.At($"/ops/payees?before={shown[^1].Id}") : null)));
    }

    /// <summary>Sends all payees of the merchant, without their names and e-mails.</summary>
    private static IResult Download(Session session, PayoutDb db, Searches searches, CancellationToken cancel)
    {
        var payees = searches.AllAsync<Payee>(
            last => searches.RunPartAsync(
                db.Payees.AsNoTracking()
                    .Where(row => row.Merchant == session.Merchant && (last == null || row.Id < last.Id))
                    .OrderByDescending(row => row.Id),
                cancel),
            cancel);
        return Downloads.Send(
            session, "payees", ListLines.PayeeHeader, ListLines.Of(payees, cancel), cancel);
    }

    private static async Task<IResult> ShowAsync(
        string id, Session session, HttpContext context, PayoutDb db, CancellationToken cancel) =>
        await FindAsync(id, session, db, cancel) is { } payee
            ? await PageAsync(payee, isShown: false, session, context, db, cancel)
            : Pages.NotFound(context, "payee");

    private static async Task<IResult> RevealAsync(
        string id,
        Session session,
        HttpContext context,
        PayoutDb db,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (await FindAsync(id, session, db, cancel) is not { } payee)
        {
            return Pages.NotFound(context, "payee");
        }

        await log.WriteAsync(payee.Merchant, session.Actor, OperatorAction.Revealed, id).InTimeAsync(rules, cancel);
        return await PageAsync(payee, isShown: true, session, context, db, cancel);
    }

    private static async Task<IResult> PageAsync(
        Payee payee, bool isShown, Session session, HttpContext context, PayoutDb db, CancellationToken cancel)
    {
        var accounts = await db.Accounts.AsNoTracking().Where(row => row.PayeeId == payee.Id)
            .OrderBy(row => row.Id).ToListAsync(cancel);
        List<(string Of, ChangeView Change)> changes = [];
        foreach (var (kind, rowId, name) in accounts
            .Select(row => (HistoryKind.Account, row.Id, $"account {row.AccountTag}"))
            .Prepend((HistoryKind.Payee, payee.Id, "payee")))
        {
            var lines = await db.History.AsNoTracking()
                .Where(row => row.Merchant == payee.Merchant && row.Kind == kind && row.Id == rowId)
                .OrderByDescending(row => row.Version).Take(MostChanges).ToListAsync(cancel);
            changes.AddRange(lines.Select(line => (name, ChangeView.Of(line))));
        }

        return Pages.Show<PayeePage>(session, context, ("Model", new PayeeModel(
            PayeeView.Of(payee),
            payee.Merchant,
            [.. accounts.Select(AccountView.Of)],
            [.. changes.OrderByDescending(one => one.Change.At).Take(MostChanges)],
            isShown)));
    }

    private static async Task<Payee?> FindAsync(
        string id, Session session, PayoutDb db, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Payee, id, out var payeeId)
            ? await db.Payees.AsNoTracking().SingleOrDefaultAsync(
                row => row.Id == payeeId && session.Merchants.Contains(row.Merchant), cancel)
            : null;
}
