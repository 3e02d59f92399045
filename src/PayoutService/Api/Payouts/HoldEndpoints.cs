using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Payouts;

/// <summary>Ends holds of rules: release by an operator, approval by a second person.</summary>
internal static class HoldEndpoints
{
    private const string List = "approvals";

    public static void MapHolds(this IEndpointRouteBuilder api)
    {
        var payouts = api.MapGroup("/v1/payouts").WithTags("Approvals");
        payouts.MapPost("/{id}/release", Release).WithName("releasePayout").RequireAuthorization(Scopes.Ops)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(503);
        payouts.MapPost("/{id}/approve", Approve).WithName("approvePayout").RequireAuthorization(Scopes.Approve)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422)
            .ProducesProblem(428).ProducesProblem(503);
        payouts.MapPost("/{id}/reject", Reject).WithName("rejectPayout").RequireAuthorization(Scopes.Approve)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412)
            .ProducesProblem(428).ProducesProblem(503);
        api.MapGet("/v1/approvals", Search).WithName("listApprovals").WithTags("Approvals")
            .RequireAuthorization(Scopes.Approve).ProducesProblem(400).ProducesProblem(503);
    }

    /// <summary>Releases a payout that rules hold.</summary>
    /// <remarks>Ends the holds that one person may end; holds says which. It stays held while it waits for approval or
    /// for its screening.</remarks>
    internal static async Task<Results<Ok<PayoutView>, ProblemHttpResult>> Release(
        string id,
        DecisionRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId))
        {
            return Problems.NotFound("payout");
        }

        var result = await store.ReleaseHoldAsync(
            ApiKeys.MerchantOf(caller), payoutId, ETags.Wanted(ifMatch), ApiKeys.ActorOf(caller), request.Reason)
            .InTimeAsync(rules, cancel);
        return result switch
        {
            PayoutActionResult.Done(var payout) => PayoutEndpoints.Shown(context, payout),
            PayoutActionResult.NotAllowed(var payout) => Problems.NotReleasable(payout),
            PayoutActionResult.Stale(var payout) => Problems.Stale(payout.Version),
            PayoutActionResult.Restored => Problems.Restored(),
            _ => Problems.NotFound("payout"),
        };
    }

    /// <summary>Lists payouts that wait for approval, newest first.</summary>
    internal static async Task<Results<Ok<Page<ApprovalView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        PayoutDb db,
        SearchPayouts search,
        Cursors cursors,
        Searches searches,
        CancellationToken cancel,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var (merchant, owner) = (ApiKeys.MerchantOf(caller), ApiKeys.OwnerOf(caller));
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var rows = search.Rows(new PayoutFilter
        {
            Merchant = merchant,
            Status = PayoutStatus.Held,
            HoldReason = HoldReason.Approval,
        });
        Dictionary<Guid, Approval> approvals = [];
        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id,
            row => ApprovalView.Of(row, approvals[row.Id], owner),
            cursors,
            List,
            merchant,
            searches,
            cancel,
            async page =>
            {
                await search.MarkAsync(page);
                var ids = page.Select(row => row.Id).ToArray();
                approvals = await db.Approvals.AsNoTracking().Where(row => ids.Contains(row.PayoutId))
                    .ToDictionaryAsync(row => row.PayoutId, cancel);
            }));
    }

    /// <summary>Approves a payout that another person asked for.</summary>
    /// <remarks>
    /// Needs If-Match: you approve what you read. A person who asked for it, or changed its payee or account in the
    /// last 30 days, cannot approve it, by any key. Payee and account are checked again; when a caller changed them
    /// since the approval was asked for, the answer is 409 approval-blocked, and the new version can be approved. Above
    /// a second amount two people approve.
    /// </remarks>
    internal static Task<Results<Ok<PayoutView>, ProblemHttpResult>> Approve(
        string id,
        DecisionRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        DecideApproval decide,
        CancellationToken cancel) => DecideAsync(true, id, request, ifMatch, context, caller, decide, cancel);

    /// <summary>Rejects a payout that waits for approval: it is canceled.</summary>
    /// <remarks>Needs If-Match.</remarks>
    internal static Task<Results<Ok<PayoutView>, ProblemHttpResult>> Reject(
        string id,
        DecisionRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        DecideApproval decide,
        CancellationToken cancel) => DecideAsync(false, id, request, ifMatch, context, caller, decide, cancel);

    private static async Task<Results<Ok<PayoutView>, ProblemHttpResult>> DecideAsync(
        bool approves,
        string id,
        DecisionRequest request,
        string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        DecideApproval decide,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId))
        {
            return Problems.NotFound("payout");
        }

        if (ETags.Wanted(ifMatch) is not { } versions)
        {
            return Problems.PreconditionRequired();
        }

        var decision = new ApprovalDecision(
            approves, ApiKeys.ActorOf(caller), ApiKeys.OwnerOf(caller), request.Reason);
        return await decide.RunAsync(ApiKeys.MerchantOf(caller), payoutId, versions, decision, cancel) switch
        {
            ApprovalResult.Done(var payout) => PayoutEndpoints.Shown(context, payout),
            ApprovalResult.Stale(var payout) => Problems.Stale(payout.Version),
            ApprovalResult.NotAwaiting(var payout) => Problems.NotAwaitingApproval(payout),
            ApprovalResult.Own(var payout) => Problems.OwnRequest(PayoutView.Link(payout)),
            ApprovalResult.Blocked(var payout, var changes) => Problems.ApprovalBlocked(payout, changes),
            ApprovalResult.PayeeNotActive(var status) => Problems.PayeeNotActive(status),
            ApprovalResult.AccountNotUsable(var status) => Problems.AccountNotUsable(status),
            ApprovalResult.Restored => Problems.Restored(),
            _ => Problems.NotFound("payout"),
        };
    }
}
