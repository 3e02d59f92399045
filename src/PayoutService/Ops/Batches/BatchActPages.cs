using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Operators;
using PayoutService.UseCases.Batches;
using PayoutService.Views;

namespace PayoutService.Ops.Batches;

/// <summary>Confirming a batch by typing its total, and canceling what is not sent of it.</summary>
internal static class BatchActPages
{
    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/batches/{id}/confirm", AskConfirmAsync).WithName("opsConfirmBatch");
        ops.MapPost("/batches/{id}/confirm", ConfirmAsync).WithName("opsBatchConfirmed")
            .RequireAuthorization(OpsSessions.Act);
        ops.MapGet("/batches/{id}/cancel", AskCancelAsync).WithName("opsConfirmCancelBatch");
        ops.MapPost("/batches/{id}/cancel", CancelAsync).WithName("opsCancelBatch")
            .RequireAuthorization(OpsSessions.Act);
    }

    private static async Task<IResult> AskConfirmAsync(
        string id, Session session, HttpContext context, BatchStore store) =>
        await BatchPages.FindAsync(id, session, store) is { } batch
            ? AskConfirm(batch, session, context, error: null)
            : Pages.NotFound(context, "batch");

    private static IResult AskConfirm(Batch batch, Session session, HttpContext context, string? error) =>
        RefusalOf(batch, session) is { } refusal
            ? Answer(session, context, batch, isDone: false, "That is not possible now.", refusal)
            : Pages.Show<ConfirmBatchPage>(
                session, context, ("Batch", BatchView.Of(batch)), ("Error", error));

    private static async Task<IResult> ConfirmAsync(
        string id,
        Session session,
        HttpContext context,
        BatchStore store,
        ConfirmBatch confirm,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (await BatchPages.FindAsync(id, session, store) is not { } batch)
        {
            return Pages.NotFound(context, "batch");
        }

        if (RefusalOf(batch, session) is not null)
        {
            return AskConfirm(batch, session, context, error: null);
        }

        var form = await context.Request.ReadFormAsync(cancel);
        var typed = batch.Totals.Keys.ToDictionary(
            currency => currency,
            currency => form[$"total-{currency}"].ToString().Trim().Replace(",", "", StringComparison.Ordinal));
        await log.WriteAsync(batch.Merchant, session.Actor, OperatorAction.Confirmed, id).InTimeAsync(rules, cancel);
        var confirmed = await confirm.RunAsync(
            batch.Merchant, batch.Id, typed, form["skip"] == "yes" ? OnErrors.Skip : OnErrors.Refuse, session.Name)
            .WaitAsync(Patience.ForMany, cancel);
        return confirmed switch
        {
            BatchConfirmed.Done => TypedResults.LocalRedirect($"{OpsSetup.Root}/batches/{id}"),
            BatchConfirmed.TotalsDiffer(var now) => AskConfirm(
                now, session, context, "What you typed is not the total of the batch. Nothing was paid."),
            BatchConfirmed.HasErrors(var now) => AskConfirm(
                now, session, context, "Rows have errors: say that they are left out, or upload a corrected file."),
            _ => Answer(session, context, batch, isDone: false, "It changed meanwhile.", "Nothing was done."),
        };
    }

    private static async Task<IResult> AskCancelAsync(
        string id, Session session, HttpContext context, BatchStore store) =>
        await BatchPages.FindAsync(id, session, store) is { } batch
            ? AskCancel(batch, session, context, error: null, reason: null)
            : Pages.NotFound(context, "batch");

    private static IResult AskCancel(
        Batch batch, Session session, HttpContext context, string? error, string? reason)
    {
        if (!session.MayAct || batch.Status is BatchStatus.Canceling or BatchStatus.Canceled)
        {
            return Answer(session, context, batch, isDone: false, "That is not possible now.",
                session.MayAct ? "It is canceled already." : Session.WatchesOnly);
        }

        return Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", "Cancel what is not sent of this batch?"),
            ("Consequences", (string[])[
                "Rows that are no payouts yet become none, and payouts that were not sent are canceled.",
                "What was sent goes on: nobody can call its money back."]),
            ("Button", "Cancel the batch"),
            ("Back", BackOf(batch)),
            ("Version", $"{batch.Version}"),
            ("Error", error),
            ("Reason", reason));
    }

    private static async Task<IResult> CancelAsync(
        string id,
        Session session,
        HttpContext context,
        BatchStore store,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (await BatchPages.FindAsync(id, session, store) is not { } batch)
        {
            return Pages.NotFound(context, "batch");
        }

        var form = await context.Request.ReadFormAsync(cancel);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null)
        {
            return AskCancel(batch, session, context, problem, reason);
        }

        await log.WriteAsync(batch.Merchant, session.Actor, OperatorAction.Canceled, id, reason)
            .InTimeAsync(rules, cancel);
        await store.CancelAsync(batch.Merchant, batch.Id, session.Name).InTimeAsync(rules, cancel);
        return Answer(session, context, batch, isDone: true, "The batch is being canceled.",
            "What was not sent is canceled within seconds.");
    }

    private static string? RefusalOf(Batch batch, Session session) =>
        !session.MayAct ? Session.WatchesOnly
        : !session.MayPay ? Session.PaysNothing
        : batch.Status is not BatchStatus.Planned ? $"The batch is {Words.Word(batch.Status)}."
        : batch.Totals.Count == 0 ? "It has no row that can be paid."
        : null;

    public static string BackOf(Batch batch) =>
        $"{OpsSetup.Root}/batches/{PublicId.Of(PublicId.Batch, batch.Id)}";

    public static IResult Answer(
        Session session, HttpContext context, Batch batch, bool isDone, string title, string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (BackOf(batch), "To the batch"));
}
