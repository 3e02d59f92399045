using System.Runtime.CompilerServices;
using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Approvals;

/// <summary>A payout that rules hold, as the page shows it.</summary>
/// <param name="Payout">The payout.</param>
/// <param name="RequestedBy">The API key that asked for it, and whose it is; null: no approval is needed.</param>
/// <param name="Missing">How many people have still to approve it.</param>
/// <param name="Facts">What a person decides by: sentences.</param>
/// <param name="Acts">What can be done, with the reason why not.</param>
public sealed record HeldRow(
    PayoutView Payout,
    string? RequestedBy,
    int Missing,
    IReadOnlyList<string> Facts,
    IReadOnlyList<(string Name, string Link, string? Refusal)> Acts);

/// <summary>Payouts that wait for a person, and what that person does to them.</summary>
internal static class ApprovalPages
{
    private const int Year = 366;
    private const int Quarter = 92;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/approvals", ListAsync).WithName("opsApprovals");
        ops.MapGet("/approvals/rules.csv", Rules).WithName("opsRulesCsv");
        ops.MapGet("/approvals/people.csv", People).WithName("opsPeopleCsv");
        foreach (var act in Enum.GetValues<HoldAct>())
        {
            var path = $"/payouts/{{id}}/{Words.Word(act)}";
            ops.MapGet(path, (string id, Session session, HttpContext context, ExplainPayout explain, ReadHolds holds,
                CancellationToken cancel) => AskAsync(act, id, session, context, explain, holds, cancel))
                .WithName($"opsConfirm{act}");
            ops.MapPost(path, (string id, Session session, HttpContext context, ExplainPayout explain, ReadHolds holds,
                CancellationToken cancel) => DoAsync(act, id, session, context, explain, holds, cancel))
                .WithName($"ops{act}").RequireAuthorization(OpsSessions.ActOrApprove);
        }
    }

    /// <summary>Sends the rules of the last year with their changes, and the holds that they raised.</summary>
    private static IResult Rules(Session session, ReadReview review, CancellationToken cancel, int? days = null)
    {
        var lines = review.RulesAsync(session.Merchant, Before(session, days ?? Year), session.Now, cancel);
        return Downloads.Send(session, "rules", ReviewLines.Header, Counted(lines, cancel), cancel);
    }

    /// <summary>Sends who may do what, and what each did in the last quarter.</summary>
    private static IResult People(Session session, ReadReview review, CancellationToken cancel, int? days = null)
    {
        var lines = review.PeopleAsync(session.Merchant, Before(session, days ?? Quarter), session.Now, cancel);
        return Downloads.Send(session, "people", ReviewLines.Header, Counted(lines, cancel), cancel);
    }

    private static DateTimeOffset Before(Session session, int days) =>
        session.Now.AddDays(-Math.Clamp(days, 1, Year));

    private static async IAsyncEnumerable<string?[]> Counted(
        IAsyncEnumerable<ReviewLine> lines, [EnumeratorCancellation] CancellationToken cancel)
    {
        var count = 0L;
        await foreach (var line in lines.WithCancellation(cancel))
        {
            count++;
            yield return
            [
                line.Record,
                .. ReviewLines.Of(line.At, line.Actor, line.What, line.Subject, line.Detail, line.Payout),
                null,
            ];
        }

        yield return ["total", .. new string?[ReviewLines.Header.Length - 2], CsvFile.Text(count)];
    }

    /// <summary>The buttons of a payout that rules hold.</summary>
    public static IEnumerable<(string Name, string Link, string? Refusal)> ActsOf(HeldPayout held, Session session) =>
        from act in Enum.GetValues<HoldAct>()
        where act is HoldAct.Release || held.Approval is not null
        select ($"{act}…", $"{PageOf(held.Payout)}/{Words.Word(act)}", RefusalOf(held, act, session));

    private static async Task<IResult> ListAsync(
        Session session, HttpContext context, ReadHolds holds, CancellationToken cancel)
    {
        var held = await holds.OfAsync(session.Merchant, cancel);
        return Pages.Show<ApprovalsPage>(session, context, ("Model", held.Select(one => new HeldRow(
            PayoutView.Of(one.Payout),
            one.Approval is { } approval ? $"{approval.RequestedBy} of {approval.RequestedOwner}" : null,
            one.Approval is null ? 0 : one.Approval.Approvers - (one.Approval.FirstBy is null ? 0 : 1),
            FactsOf(one, session.Now),
            [.. ActsOf(one, session)])).ToList()));
    }

    private static List<string> FactsOf(HeldPayout held, DateTimeOffset now) =>
    [
        .. HoldView.Of(held.Payout)!.Select(hold => $"{Words.Word(hold.Reason)}: {hold.Saw}"),
        $"The account {held.Account.AccountType} …{held.Account.Last4} was added "
            + $"{Words.Ago(held.Account.CreatedAt, now)}.",
        held.Largest is { } largest
            ? $"The payee got {Words.Count(held.Paid, "payout")} before, "
                + $"{Words.Amount(largest.ToString(), largest.Currency)} at most."
            : "The payee got nothing in this currency before.",
        .. held.Approval is { FirstBy: { } first } ? new[] { $"{first} has approved it." } : [],
        .. held.Payout.LacksApprover ? new[] { Cause.NoApprover.Sentence } : [],
        .. ChangesOf(held, now),
    ];

    /// <summary>What callers changed since the approval was asked for: sentences.</summary>
    public static IEnumerable<string> ChangesOf(HeldPayout held, DateTimeOffset now) => held.Changes.Select(change =>
        $"Changed since it was asked for: {change.Actor.Name} changed the {Words.Word(change.Kind)}, "
        + $"{Words.Ago(change.At, now)}.");

    private static async Task<IResult> AskAsync(
        HoldAct act,
        string id,
        Session session,
        HttpContext context,
        ExplainPayout explain,
        ReadHolds holds,
        CancellationToken cancel) =>
        await FindAsync(id, session, explain, holds, cancel) is { } held
            ? Confirm(act, held, session, context, error: null, reason: null)
            : Pages.NotFound(context, "payout");

    private static async Task<IResult> DoAsync(
        HoldAct act,
        string id,
        Session session,
        HttpContext context,
        ExplainPayout explain,
        ReadHolds holds,
        CancellationToken cancel)
    {
        if (await FindAsync(id, session, explain, holds, cancel) is not { } held)
        {
            return Pages.NotFound(context, "payout");
        }

        var payout = held.Payout;
        var form = await context.Request.ReadFormAsync(cancel);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null)
        {
            return Confirm(act, held, session, context, problem, form["reason"]);
        }

        if (RefusalOf(held, act, session) is { } refusal)
        {
            return Answer(session, context, payout, isDone: false, "That is not possible now.", refusal);
        }

        if (!int.TryParse(form["version"], out var version) || version != payout.Version)
        {
            return Changed(session, context, payout);
        }

        var services = context.RequestServices;
        var rules = services.GetRequiredService<PayoutRules>();
        await services.GetRequiredService<OperatorLog>().WriteAsync(
            payout.Merchant, session.Actor, ActionOf(act), PublicId.Of(PublicId.Payout, payout.Id), reason)
            .InTimeAsync(rules, cancel);
        if (act is HoldAct.Release)
        {
            return await services.GetRequiredService<PayoutStore>()
                .ReleaseHoldAsync(payout.Merchant, payout.Id, [version], session.Actor, reason)
                .InTimeAsync(rules, cancel) is PayoutActionResult.Done(var released)
                    ? Answer(session, context, released, isDone: true, "It is released.", NextOf(released))
                    : Changed(session, context, payout);
        }

        var decision = new ApprovalDecision(act is HoldAct.Approve, session.Actor, session.Owner, reason);
        return await services.GetRequiredService<DecideApproval>()
            .RunAsync(payout.Merchant, payout.Id, [version], decision, cancel) switch
        {
            ApprovalResult.Done(var done) when act is HoldAct.Reject => Answer(
                session, context, done, isDone: true, "It is rejected.", "It is canceled: no money moves."),
            ApprovalResult.Done(var done) => Answer(
                session, context, done, isDone: true, "Your approval is recorded.", NextOf(done)),
            ApprovalResult.Own(var now) => Answer(
                session, context, now, isDone: false, "Somebody else must approve it.",
                "You asked for it, changed its payee or account in the last 30 days, or have approved it already."),
            ApprovalResult.Blocked(var now, var changes) => Answer(
                session, context, now, isDone: false, "What it pays has changed.",
                $"Since it was asked for: {changes}. Read it again, and approve it if it is still right."),
            ApprovalResult.PayeeNotActive(var status) => Answer(
                session, context, payout, isDone: false, "Its payee cannot be paid.",
                $"The payee is {Words.Word(status)}."),
            ApprovalResult.AccountNotUsable(var status) => Answer(
                session, context, payout, isDone: false, "Its account cannot be paid to.",
                $"The account is {Words.Word(status)}."),
            _ => Changed(session, context, payout),
        };
    }

    private static IResult Confirm(
        HoldAct act, HeldPayout held, Session session, HttpContext context, string? error, string? reason)
    {
        var payout = held.Payout;
        if (RefusalOf(held, act, session) is { } refusal)
        {
            return Answer(session, context, payout, isDone: false, "That is not possible now.", refusal);
        }

        var what = $"{Words.Amount(payout.Amount.ToString(), payout.Currency)}, {payout.InvoiceId}, to account "
            + $"{held.Account.AccountType} …{held.Account.Last4}.";
        var (title, button, consequence) = act switch
        {
            HoldAct.Release => ("Release this payout?", "Release it",
                "Once nothing else holds it, it is sent within seconds, and cannot be recalled."),
            HoldAct.Approve => ("Approve this payout?", "Approve it",
                "Once nothing else holds it, it is sent within seconds, and cannot be recalled."),
            _ => ("Reject this payout?", "Reject it for good",
                "It is canceled, and never sent. No money moves."),
        };
        return Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", title),
            ("Consequences", (string[])[what, .. FactsOf(held, session.Now), consequence]),
            ("Button", button),
            ("Back", session.At("/ops/approvals")),
            ("Version", $"{payout.Version}"),
            ("Error", error),
            ("Reason", reason));
    }

    private static string? RefusalOf(HeldPayout held, HoldAct act, Session session) =>
        act is HoldAct.Release && !session.MayAct ? "Your key lacks the scope ops."
        : act is not HoldAct.Release && !session.MayApprove ? "Your key lacks the scope approve."
        : HoldActs.RefusalOf(held.Payout, held.Approval, act, session.Owner);

    private static OperatorAction ActionOf(HoldAct act) => act switch
    {
        HoldAct.Release => OperatorAction.Released,
        HoldAct.Approve => OperatorAction.Approved,
        _ => OperatorAction.Rejected,
    };

    private static string NextOf(Payout payout) => payout.Status is PayoutStatus.Held
        ? $"It is still held: {Words.Word(payout.HoldReason!.Value)}." : "Nothing holds it any more.";

    private static IResult Changed(Session session, HttpContext context, Payout payout) => Answer(
        session, context, payout, isDone: false, "It changed meanwhile.", "Nothing was done. Read it again first.");

    private static IResult Answer(
        Session session, HttpContext context, Payout payout, bool isDone, string title, string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (PageOf(payout), $"To payout {payout.InvoiceId}"));

    private static string PageOf(Payout payout) => $"/ops/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}";

    private static async Task<HeldPayout?> FindAsync(
        string id, Session session, ExplainPayout explain, ReadHolds holds, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            && await explain.FindAsync(session.Merchants, payoutId, cancel) is { } found
                ? await holds.OfAsync(found.Payout, cancel) : null;
}
