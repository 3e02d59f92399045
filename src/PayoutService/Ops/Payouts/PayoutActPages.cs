using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Ops.Payouts;

/// <summary>What an operator does to a payout: each act has a page that asks, and one that says what happened.
/// </summary>
internal static class PayoutActPages
{
    public static void Map(IEndpointRouteBuilder ops)
    {
        foreach (var act in Enum.GetValues<PayoutAct>())
        {
            var path = $"/payouts/{{id}}/{Words.Word(act)}";
            ops.MapGet(path, (string id, Session session, HttpContext context, ExplainPayout explain,
                CancellationToken cancel) => AskAsync(act, id, session, context, explain, cancel))
                .WithName($"opsConfirm{act}");
            ops.MapPost(path, (string id, Session session, HttpContext context, ExplainPayout explain,
                CancellationToken cancel) => DoAsync(act, id, session, context, explain, cancel))
                .WithName($"ops{act}").RequireAuthorization(OpsSessions.Act);
        }
    }

    private static async Task<IResult> AskAsync(
        PayoutAct act,
        string id,
        Session session,
        HttpContext context,
        ExplainPayout explain,
        CancellationToken cancel) =>
        await FindAsync(id, session, explain, cancel) is { } found
            ? Confirm(act, found, session, context, error: null, form: null)
            : Pages.NotFound(context, "payout");

    private static async Task<IResult> DoAsync(
        PayoutAct act,
        string id,
        Session session,
        HttpContext context,
        ExplainPayout explain,
        CancellationToken cancel)
    {
        if (await FindAsync(id, session, explain, cancel) is not { } found)
        {
            return Pages.NotFound(context, "payout");
        }

        var payout = found.Payout;
        var form = await context.Request.ReadFormAsync(cancel);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null)
        {
            return Confirm(act, found, session, context, problem, form);
        }

        var isSeen = int.TryParse(form["version"], out var version) && version == payout.Version;
        if (!isSeen)
        {
            return Answer(session, context, payout, isDone: false, "It changed meanwhile.",
                $"Nothing was done: you saw version {form["version"]}, and it is at version {payout.Version} now, "
                + $"{Words.Word(payout.Status)}. Read it again first.");
        }

        return act is PayoutAct.Resolve
            ? await ResolveAsync(found, version, reason, form, session, context, cancel)
            : await ActAsync(act, payout, version, reason, session, context, cancel);
    }

    private static async Task<IResult> ActAsync(
        PayoutAct act,
        Payout payout,
        int version,
        string reason,
        Session session,
        HttpContext context,
        CancellationToken cancel)
    {
        var store = context.RequestServices.GetRequiredService<PayoutStore>();
        var rules = context.RequestServices.GetRequiredService<PayoutRules>();
        if (PayoutActs.RefusalOf(payout, act, session.Actor, session.Owner) is { } refusal)
        {
            return Answer(session, context, payout, isDone: false, "That is not possible now.", refusal);
        }

        var log = context.RequestServices.GetRequiredService<OperatorLog>();
        await log.WriteAsync(
            payout.Merchant, session.Actor, act is PayoutAct.Ask ? OperatorAction.AskedPockyt : OperatorAction.Canceled,
            PublicId.Of(PublicId.Payout, payout.Id), reason).InTimeAsync(rules, cancel);
        if (act is PayoutAct.Ask)
        {
            await store.InquireNowAsync(payout.Merchant, payout.Id).InTimeAsync(rules, cancel);
            return Answer(session, context, payout, isDone: true, "Pockyt is asked.",
                "The inquiry is due now. Its answer stands in the timeline in a few seconds.");
        }

        var result = await store.CancelAsync(payout.Merchant, payout.Id, [version], session.Actor, reason)
            .InTimeAsync(rules, cancel);
        return result is PayoutActionResult.Done(var canceled)
            ? canceled.CancelRequestedBy is null
                ? Answer(session, context, canceled, isDone: true, "It is canceled.",
                    "Nothing was sent, no money moved.")
                : Answer(session, context, canceled, isDone: true, "The cancellation is noted.",
                    "It is canceled once Pockyt says that it does not know it.")
            : Refused(result, payout, session, context);
    }

    private static async Task<IResult> ResolveAsync(
        ExplainedPayout found,
        int version,
        string reason,
        IFormCollection form,
        Session session,
        HttpContext context,
        CancellationToken cancel)
    {
        var payout = found.Payout;
        var (evidence, problem) = Forms.Text(form, "evidence");
        var ruling = PayoutActs.RulingsOn(payout, session.Actor, session.Owner)
            .Where(one => Words.Word(one) == form["choice"]).Select(one => (Ruling?)one).FirstOrDefault();
        if (problem is not null || ruling is null)
        {
            return Confirm(
                PayoutAct.Resolve, found, session, context, problem ?? "Choose one of the decisions.", form);
        }

        var rules = context.RequestServices.GetRequiredService<PayoutRules>();
        await context.RequestServices.GetRequiredService<OperatorLog>().WriteAsync(
            payout.Merchant, session.Actor, OperatorAction.Resolved, PublicId.Of(PublicId.Payout, payout.Id), reason)
            .InTimeAsync(rules, cancel);
        var decision = new OperatorDecision(
            ruling.Value, session.Actor, session.Owner, reason, evidence, Overrules: form["check"] == "yes");
        var result = await context.RequestServices.GetRequiredService<ResolvePayout>()
            .RunAsync(payout.Merchant, payout.Id, [version], decision, cancel);
        return result switch
        {
            PayoutActionResult.Done(var done) when done.Overruling is not null =>
                Answer(session, context, done, isDone: true, "Your decision is recorded.",
                    "It counts once a person with a key of another owner sends the same."),
            PayoutActionResult.Done(var done) => Answer(session, context, done, isDone: true, "It is resolved.",
                $"It is {Words.Word(done.Status)} now; money moved: {Words.Word(done.MoneyMoved)}."),
            PayoutActionResult.NotAllowed(var now) => Confirm(
                PayoutAct.Resolve, found with { Payout = now }, session, context, now.RefusalOf(decision) switch
                {
                    ResolveRefusal.NothingInDoubt or ResolveRefusal.SecondPersonNeeded =>
                        "This is against what is certain: tick that you overrule it; a second person must do the same.",
                    _ => "Its status does not allow this decision now.",
                },
                form),
            _ => Refused(result, payout, session, context),
        };
    }

    private static IResult Refused(
        PayoutActionResult result, Payout payout, Session session, HttpContext context) =>
        result switch
        {
            PayoutActionResult.Stale(var now) => Answer(session, context, now, isDone: false, "It changed meanwhile.",
                $"Nothing was done: it is at version {now.Version} now, {Words.Word(now.Status)}. Read it again."),
            PayoutActionResult.Restored => Answer(session, context, payout, isDone: false, "Not now.",
                "The database was restored or taken over, and that is not noted yet. Try again in a minute."),
            _ => Answer(session, context, payout, isDone: false, "That is not possible any more.",
                "Nothing was done: its status does not allow it now."),
        };

    private static IResult Confirm(
        PayoutAct act,
        ExplainedPayout found,
        Session session,
        HttpContext context,
        string? error,
        IFormCollection? form)
    {
        var payout = found.Payout;
        var money = Words.Amount(payout.Amount.ToString(), payout.Currency);
        if (!session.MayAct || PayoutActs.RefusalOf(payout, act, session.Actor, session.Owner) is not null)
        {
            return Answer(session, context, payout, isDone: false, "That is not possible now.", session.MayAct
                ? PayoutActs.RefusalOf(payout, act, session.Actor, session.Owner)!
                : Session.WatchesOnly);
        }

        (string Title, string Button, string[] Consequences) words = act switch
        {
            PayoutAct.Ask => ("Ask Pockyt about this payout now?", "Ask Pockyt",
                [$"{money}, {payout.InvoiceId}.", "Pockyt is asked at once instead of at the next time. Nothing is "
                    + "sent, and no money moves by it."]),
            PayoutAct.Cancel => ("Cancel this payout?", "Cancel it for good",
                [$"{money}, {payout.InvoiceId}. Nothing was sent, so no money moves.",
                    "It is never sent afterwards. Its invoice id stays used: who is to be paid needs a new payout."]),
            _ => ("Decide how this payout ended?", "Record the decision",
                [$"{money}, {payout.InvoiceId}, {Words.Word(payout.Status)}, money moved: "
                    + $"{Words.Word(payout.MoneyMoved)}.",
                    .. found.Told.Statements.Select(told => $"{Words.Utc(told.At)}: {told.By} {told.Said}."),
                    "Your decision moves the payout and ends its attention. It stays in the history with your name. "
                    + "Look in Pockyt's portal first."]),
        };
        return Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", words.Title),
            ("Consequences", words.Consequences),
            ("Button", words.Button),
            ("Back", PageOf(payout)),
            ("Version", $"{payout.Version}"),
            ("Error", error),
            ("Reason", form?["reason"].ToString()),
            ("ChoiceName", "What became of it?"),
            ("Choices", act is PayoutAct.Resolve ? ChoicesOf(payout, session) : []),
            ("Choice", form?["choice"].ToString()),
            ("Check", act is PayoutAct.Resolve && (payout.ConfirmedBy is not null
                || payout.Status is PayoutStatus.Succeeded)
                ? "I overrule what is certain. A second person must send the same decision." : null),
            ("WantsEvidence", act is PayoutAct.Resolve),
            ("Evidence", form?["evidence"].ToString()));
    }

    private static (string Value, string Meaning)[] ChoicesOf(Payout payout, Session session) =>
    [
        .. from ruling in PayoutActs.RulingsOn(payout, session.Actor, session.Owner)
           select (Words.Word(ruling), ruling switch
           {
               Ruling.Paid => "The payee has the money.",
               Ruling.NotPaid => "It was not executed, and never will be.",
               Ruling.Returned => "The money left and came back.",
               _ => "Pockyt does not have it: Pockyt is asked once more, then the same request is sent again.",
           }),
    ];

    private static IResult Answer(
        Session session, HttpContext context, Payout payout, bool isDone, string title, string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (PageOf(payout), $"To payout {payout.InvoiceId}"));

    private static string PageOf(Payout payout) => $"/ops/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}";

    private static async Task<ExplainedPayout?> FindAsync(
        string id, Session session, ExplainPayout explain, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            ? await explain.FindAsync(session.Merchants, payoutId, cancel) : null;
}
