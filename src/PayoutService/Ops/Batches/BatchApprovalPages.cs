using PayoutService.Ops.Approvals;
using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Operators;
using PayoutService.UseCases;

namespace PayoutService.Ops.Batches;

/// <summary>Approving what waits for a second person of a batch.</summary>
internal static class BatchApprovalPages
{
    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/batches/{id}/approve", AskAsync).WithName("opsConfirmApproveBatch");
        ops.MapPost("/batches/{id}/approve", ApproveAsync).WithName("opsApproveBatch")
            .RequireAuthorization(OpsSessions.ActOrApprove);
    }

    private static async Task<IResult> AskAsync(
        string id, Session session, HttpContext context, BatchStore store, ReadHolds holds, CancellationToken cancel) =>
        await BatchPages.FindAsync(id, session, store) is { } batch
            ? await ConfirmAsync(batch, session, context, holds, error: null, reason: null, cancel)
            : Pages.NotFound(context, "batch");

    private static async Task<IResult> ConfirmAsync(
        Batch batch,
        Session session,
        HttpContext context,
        ReadHolds holds,
        string? error,
        string? reason,
        CancellationToken cancel)
    {
        var awaiting = await holds.OfBatchAsync(batch.Id, cancel);
        if (RefusalOf(batch, awaiting.Count, session) is { } refusal)
        {
            return BatchActPages.Answer(
                session, context, batch, isDone: false, "That is not possible now.", refusal);
        }

        var totals = awaiting.Totals.Select(total => Words.Amount(total.ToString(), total.Currency));
        return Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", "Approve what waits of this batch?"),
            ("Consequences", (string[])[
                $"{Words.Count(awaiting.Count, "payout")}, {string.Join(" and ", totals)}, which "
                    + $"{batch.Owner} asked for with the key {batch.ApiKey}.",
                .. awaiting.Changed.SelectMany(held => ApprovalPages.ChangesOf(held, session.Now)
                    .Select(change => $"{held.Payout.InvoiceId}: {change}")),
                "Once nothing else holds them, they are sent within seconds, and cannot be recalled."]),
            ("Button", "Approve them"),
            ("Back", BatchActPages.BackOf(batch)),
            ("Version", $"{batch.Version}"),
            ("Error", error),
            ("Reason", reason));
    }

    private static async Task<IResult> ApproveAsync(
        string id,
        Session session,
        HttpContext context,
        BatchStore store,
        ReadHolds holds,
        DecideApproval decide,
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
        var awaiting = (await holds.OfBatchAsync(batch.Id, cancel)).Count;
        if (problem is not null || RefusalOf(batch, awaiting, session) is not null)
        {
            return await ConfirmAsync(batch, session, context, holds, problem, form["reason"], cancel);
        }

        await log.WriteAsync(batch.Merchant, session.Actor, OperatorAction.Approved, id, reason)
            .InTimeAsync(rules, cancel);
        int[] versions = int.TryParse(form["version"], out var version) ? [version] : [];
        var decision = new ApprovalDecision(Approves: true, session.Actor, session.Owner, reason);
        var result = await decide.ApproveBatchAsync(batch.Merchant, batch.Id, versions, decision, cancel);
        var (title, sentence) = result switch
        {
            BatchApprovalResult.Done done => ("Your approval is recorded.", SentenceOf(done)),
            BatchApprovalResult.Own => ("Somebody else must approve it.",
                "You asked for it, changed its payees or accounts in the last 30 days, or have approved it already."),
            BatchApprovalResult.Blocked(_, _, var changes) => ("What it pays has changed.",
                $"Nothing was approved. Since it was asked for: {changes}. Read it again, and approve it if it is "
                + "still right."),
            _ => ("It changed meanwhile.", "Nothing was done. Read it again first."),
        };
        return BatchActPages.Answer(session, context, batch, result is BatchApprovalResult.Done, title, sentence);
    }

    /// <summary>Why a batch cannot be approved now; null: it can, as far as the page knows.</summary>
    public static string? RefusalOf(Batch batch, int awaiting, Session session) =>
        !session.MayApprove ? "Your key lacks the scope approve."
        : batch.Status is not BatchStatus.Finished ? $"It is {Words.Word(batch.Status)}."
        : awaiting == 0 ? "None of its payouts waits for approval."
        : batch.Owner.Equals(session.Owner, StringComparison.OrdinalIgnoreCase)
            ? "You asked for this: somebody else must approve it."
        : null;

    private static string SentenceOf(BatchApprovalResult.Done done)
    {
        List<string> sentences = [$"{Words.Count(done.Approved, "payout")} approved."];
        if (done.NeedAnother > 0)
        {
            sentences.Add($"{Words.Number(done.NeedAnother)} of them need another person too.");
        }

        if (done.Yours > 0)
        {
            sentences.Add($"{Words.Number(done.Yours)} wait for somebody else than you.");
        }

        if (done.NotPayable > 0)
        {
            sentences.Add($"{Words.Number(done.NotPayable)} were left: payee or account is not active.");
        }

        if (done.HasMore)
        {
            sentences.Add("Others wait: approve the batch once more.");
        }

        return string.Join(' ', sentences);
    }
}
