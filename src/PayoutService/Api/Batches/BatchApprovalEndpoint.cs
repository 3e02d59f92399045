using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PayoutService.Api.Http;
using PayoutService.Api.Payouts;
using PayoutService.Storage.Holds;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Batches;

/// <summary>The approval of a batch.</summary>
public sealed record BatchApproval
{
    /// <summary>The number of payouts that you approved.</summary>
    /// <example>12</example>
    public required int Approved { get; init; }

    /// <summary>Of them, those that another person has to approve too.</summary>
    /// <example>1</example>
    public required int NeedAnother { get; init; }

    /// <summary>Those that you may not approve: you asked for them, changed what they pay, or approved them before.
    /// </summary>
    /// <example>0</example>
    public required int Yours { get; init; }

    /// <summary>Those that were left because payee or account is not active.</summary>
    /// <example>0</example>
    public required int NotPayable { get; init; }

    /// <summary>Others wait: call again. A call approves about 1,000.</summary>
    /// <example>false</example>
    public required bool HasMore { get; init; }
}

/// <summary>Approves what waits for approval of a batch.</summary>
internal static class BatchApprovalEndpoint
{
    /// <summary>Approves the payouts of a finished batch that are held for approval.</summary>
    /// <remarks>
    /// Needs If-Match with the ETag of the batch. Payouts that another hold stops first stay as they are; so do those
    /// that you may not approve, and those whose payee or account is not active. When payee or account of any of them
    /// changed since its approval was asked for, the answer is 409 approval-blocked, nothing is approved, and the new
    /// version of the batch can be approved. Safe to repeat.
    /// </remarks>
    internal static async Task<Results<Ok<BatchApproval>, ProblemHttpResult>> Approve(
        string id,
        DecisionRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        DecideApproval decide,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Batch, id, out var batchId))
        {
            return Problems.NotFound("batch");
        }

        if (ETags.Wanted(ifMatch) is not { } versions)
        {
            return Problems.PreconditionRequired();
        }

        var decision = new ApprovalDecision(
            Approves: true, ApiKeys.ActorOf(caller), ApiKeys.OwnerOf(caller), request.Reason);
        return await decide.ApproveBatchAsync(ApiKeys.MerchantOf(caller), batchId, versions, decision, cancel) switch
        {
            BatchApprovalResult.Done done => Shown(context, done),
            BatchApprovalResult.Stale(var batch) => Problems.Stale(batch.Version),
            BatchApprovalResult.NotAwaiting(var batch) => Problems.NotAwaitingApproval(batch),
            BatchApprovalResult.Own(var batch) => Problems.OwnRequest(BatchView.Link(batch)),
            BatchApprovalResult.Blocked(var batch, var count, var changes) =>
                Problems.ApprovalBlocked(batch, count, changes),
            BatchApprovalResult.Restored => Problems.Restored(),
            _ => Problems.NotFound("batch"),
        };
    }

    private static Ok<BatchApproval> Shown(HttpContext context, BatchApprovalResult.Done done)
    {
        ETags.Set(context, done.Batch.Version);
        return TypedResults.Ok(new BatchApproval
        {
            Approved = done.Approved,
            NeedAnother = done.NeedAnother,
            Yours = done.Yours,
            NotPayable = done.NotPayable,
            HasMore = done.HasMore,
        });
    }
}
