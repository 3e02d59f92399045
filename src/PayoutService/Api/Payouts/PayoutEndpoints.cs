using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Api.Json;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Payouts;

/// <summary>Payouts, as callers see them.</summary>
internal static class PayoutEndpoints
{
    private const string List = "payouts";

    private static readonly string StatusWords =
        string.Join(", ", Enum.GetValues<PayoutStatus>().Select(ApiJson.Word));

    private static readonly string AttentionWords =
        $"any, {string.Join(", ", Enum.GetValues<Attention>().Select(ApiJson.Word))}";

    public static void MapPayouts(this IEndpointRouteBuilder api)
    {
        var payouts = api.MapGroup("/v1/payouts").WithTags("Payouts");
        payouts.MapPost("/", Create).WithName("createPayout").RequireAuthorization(Scopes.WritePayouts)
            .WithMetadata(new PayoutsAtOnce.Bounded())
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        payouts.MapGet("/", Search).WithName("listPayouts")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(400).ProducesProblem(503);
        payouts.MapGet("/{id}", Get).WithName("getPayout").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
        payouts.MapGet("/by-invoice/{invoiceId}", GetByInvoice).WithName("getPayoutByInvoice").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
        payouts.MapGet("/{id}/events", Events).WithName("listPayoutEvents")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
        payouts.MapPost("/{id}/cancel", Cancel).WithName("cancelPayout").RequireAuthorization(Scopes.ActOnPayouts)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(503);
        payouts.MapPost("/{id}/resolve", Resolve).WithName("resolvePayout").RequireAuthorization(Scopes.Ops)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412)
            .ProducesProblem(428).ProducesProblem(503);
        payouts.MapPost("/{id}/refresh", Refresh).WithName("refreshPayout")
            .RequireAuthorization(Scopes.ActOnPayouts).ProducesProblem(404);
    }

    /// <summary>Creates a payout.</summary>
    /// <remarks>
    /// Answers 201 once it is durable; it is sent right after, or at executeAt. Safe to repeat at any time: the same
    /// invoiceId with the same content answers 200 with the one payout and the header Idempotent-Replayed.
    ///
    /// With dryRun=true nothing is written: the answer is 200 with what the payout would be, its id all zeros, or the
    /// refusal that the call would get, with further ones in also. An Idempotency-Key is checked and not bound.
    /// </remarks>
    internal static async Task<Results<Created<PayoutView>, Ok<PayoutView>, ProblemHttpResult>> Create(
        CreatePayoutRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        HttpContext context,
        ClaimsPrincipal caller,
        CreatePayout create,
        PayoutRules rules,
        TimeProvider clock,
        CancellationToken cancel,
        [Description("Judges the call, and writes nothing.")] bool dryRun = false)
    {
        var problems = PayoutRequests.Read(
            request, idempotencyKey, ApiKeys.RequesterOf(caller), clock.GetUtcNow(), out var order);
        if (problems.Count > 0)
        {
            return PayoutRequests.Answer(problems, withAlso: dryRun);
        }

        if (dryRun)
        {
            var judged = await create.JudgeAsync([order!], rules.CallerPatience, cancel);
            return Judged(judged[0]);
        }

        var result = await create.RunAsync(order!, rules.CallerPatience, cancel);
        return Answer(context, result);
    }

    /// <summary>The answer to a call that makes a payout.</summary>
    public static Results<Created<PayoutView>, Ok<PayoutView>, ProblemHttpResult> Answer(
        HttpContext context, CreatePayoutResult result)
    {
        switch (result)
        {
            case CreatePayoutResult.Created(var payout):
                ETags.Set(context, payout.Version);
                return TypedResults.Created(PayoutView.Link(payout), PayoutView.Of(payout));
            case CreatePayoutResult.Replayed(var payout):
                Replays.Mark(context, PayoutView.Link(payout));
                return Shown(context, payout);
            default:
                return PayoutRequests.Refuse(result);
        }
    }

    private static Results<Created<PayoutView>, Ok<PayoutView>, ProblemHttpResult> Judged(JudgedOrder judged) =>
        judged.Result switch
        {
            CreatePayoutResult.Created(var payout) => TypedResults.Ok(
                PayoutView.Of(payout) with { Id = PublicId.Of(PublicId.Payout, Guid.Empty), DryRun = true }),
            CreatePayoutResult.Replayed(var payout) => TypedResults.Ok(PayoutView.Of(payout) with { DryRun = true }),
            _ => PayoutRequests.Answer(PayoutRequests.Refuse(judged), withAlso: true),
        };

    /// <summary>Lists payouts, newest first.</summary>
    internal static async Task<Results<Ok<Page<PayoutView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        SearchPayouts search,
        Cursors cursors,
        Searches searches,
        CancellationToken cancel,
        [Description("One status, for example processing.")] string? status = null,
        string? payeeId = null,
        string? accountId = null,
        string? batchId = null,
        [KeyText] string? invoiceId = null,
        [PlainText(64)] string? transactionNo = null,
        [Description("RFC 3339, inclusive.")] DateTimeOffset? createdFrom = null,
        [Description("RFC 3339, exclusive.")] DateTimeOffset? createdTo = null,
        [Description("any, or the word of one, for example stuck.")] string? attention = null,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        PayoutStatus? ofStatus = null;
        if (status is not null)
        {
            if (!ApiJson.TryWord<PayoutStatus>(status, out var wanted))
            {
                return Problems.Invalid("status", $"must be one of: {StatusWords}");
            }

            ofStatus = wanted;
        }

        Attention? ofAttention = null;
        if (attention is not (null or "any"))
        {
            if (!ApiJson.TryWord<Attention>(attention, out var wanted))
            {
                return Problems.Invalid("attention", $"must be one of: {AttentionWords}");
            }

            ofAttention = wanted;
        }

        if (!TryId(PublicId.Payee, payeeId, out var ofPayee))
        {
            return Problems.Invalid("payeeId", "is no id of a payee: those begin with pye_");
        }

        if (!TryId(PublicId.Account, accountId, out var ofAccount))
        {
            return Problems.Invalid("accountId", "is no id of an account: those begin with acc_");
        }

        if (!TryId(PublicId.Batch, batchId, out var ofBatch))
        {
            return Problems.Invalid("batchId", "is no id of a batch: those begin with bat_");
        }

        var rows = search.Rows(new PayoutFilter
        {
            Merchant = merchant,
            Status = ofStatus,
            NeedsAttention = attention is "any",
            Attention = ofAttention,
            PayeeId = ofPayee,
            AccountId = ofAccount,
            BatchId = ofBatch,
            InvoiceId = invoiceId,
            TransactionNo = transactionNo,
            CreatedFrom = createdFrom,
            CreatedTo = createdTo,
        });
        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id, PayoutView.Of, cursors, List, merchant, searches, cancel,
            page => search.MarkAsync(page)));
    }

    /// <summary>Shows a payout: its status and why, whether money has moved, what happens next and when.</summary>
    internal static async Task<Results<Ok<PayoutView>, ProblemHttpResult>> Get(
        string id, HttpContext context, ClaimsPrincipal caller, ExplainPayout explain, CancellationToken cancel)
    {
        var found = PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            ? await explain.FindAsync([ApiKeys.MerchantOf(caller)], payoutId, cancel) : null;
        return Explained(context, found);
    }

    /// <summary>Shows the payout of an invoice id, as the call by its id does.</summary>
    internal static async Task<Results<Ok<PayoutView>, ProblemHttpResult>> GetByInvoice(
        [KeyText] string invoiceId,
        HttpContext context,
        ClaimsPrincipal caller,
        ExplainPayout explain,
        CancellationToken cancel) =>
        Explained(context, await explain.FindByInvoiceAsync(ApiKeys.MerchantOf(caller), invoiceId, cancel));

    private static Results<Ok<PayoutView>, ProblemHttpResult> Explained(HttpContext context, ExplainedPayout? found)
    {
        if (found is not var (payout, told))
        {
            return Problems.NotFound("payout");
        }

        ETags.Set(context, payout.Version);
        return TypedResults.Ok(PayoutView.Of(payout) with { Explain = ExplanationView.Of(told) });
    }

    /// <summary>Shows a payout's history, oldest first: every change, who made it, and what was reported.</summary>
    internal static async Task<Results<Ok<ListOf<EventView>>, ProblemHttpResult>> Events(
        string id, ClaimsPrincipal caller, PayoutDb db, ExplainPayout explain, CancellationToken cancel)
    {
        if (await FindAsync(id, caller, db, cancel) is not { } payout)
        {
            return Problems.NotFound("payout");
        }

        var events = await explain.HistoryAsync(payout, cancel);
        return TypedResults.Ok(new ListOf<EventView>([.. events.Select(EventView.Of)]));
    }

    /// <summary>Withdraws a payout that has not been sent yet.</summary>
    /// <remarks>Only while it is queued or held; afterwards nobody can call money back. 202 with cancelRequested when a
    /// restore of the database may have lost that it was sent: it is canceled once Pockyt says that it does not know
    /// it.</remarks>
    internal static async Task<Results<Ok<PayoutView>, Accepted<PayoutView>, ProblemHttpResult>> Cancel(
        string id,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId))
        {
            return Problems.NotFound("payout");
        }

        return await store.CancelAsync(merchant, payoutId, ETags.Wanted(ifMatch), ApiKeys.ActorOf(caller))
            .InTimeAsync(rules, cancel) switch
        {
            PayoutActionResult.Done(var payout) when payout.CancelRequestedBy is null => Shown(context, payout),
            PayoutActionResult.Done(var payout) => Wished(context, payout),
            PayoutActionResult.NotAllowed(var payout) when payout.Status is PayoutStatus.Canceled =>
                Shown(context, payout),
            PayoutActionResult.NotAllowed(var payout)
                when payout is { IsOnlyPerhapsLost: true, CancelRequestedBy: not null } =>
                Wished(context, payout),
            PayoutActionResult.NotAllowed(var payout) => Problems.NotCancellable(payout),
            PayoutActionResult.Restored => Problems.Restored(),
            PayoutActionResult.Stale(var payout) => Problems.Stale(payout.Version),
            _ => Problems.NotFound("payout"),
        };
    }

    /// <summary>Resolves a payout by an operator's decision.</summary>
    /// <remarks>
    /// Your decision moves the payout, confirms it and ends its attention, unless Pockyt's last answer contradicts it.
    /// It stays in the history with your key's name. Not while a request is on its way (submitting), nor for what was
    /// never sent: there, sendAgain only ends an attention that keeps it from being sent.
    ///
    /// One person cannot decide against what was confirmed, nor against a success: send overrule with If-Match. That
    /// is recorded (attention contradiction, moneyMoved unknown, overruling), and we ask Pockyt. The same call by a key
    /// of another owner moves the payout. Another ruling takes the place of the recorded one; a ruling that agrees
    /// with the status withdraws it.
    /// </remarks>
    internal static async Task<Results<Ok<PayoutView>, ProblemHttpResult>> Resolve(
        string id,
        ResolvePayoutRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        ResolvePayout resolve,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId))
        {
            return Problems.NotFound("payout");
        }

        var versions = ETags.Wanted(ifMatch);
        if (request.Overrule && versions is null)
        {
            return Problems.PreconditionRequired();
        }

        var decision = new OperatorDecision(
            request.Ruling, ApiKeys.ActorOf(caller), ApiKeys.OwnerOf(caller), request.Reason, request.Evidence,
            request.Overrule);
        var result = await resolve.RunAsync(ApiKeys.MerchantOf(caller), payoutId, versions, decision, cancel);
        switch (result)
        {
            case PayoutActionResult.Done(var payout):
                return Shown(context, payout);
            case PayoutActionResult.NotAllowed(var payout):
                return payout.RefusalOf(decision) switch
                {
                    ResolveRefusal.NothingInDoubt => Problems.NothingInDoubt(payout),
                    ResolveRefusal.SecondPersonNeeded => Problems.SecondPersonNeeded(payout),
                    _ => Problems.NotResolvable(payout),
                };
            case PayoutActionResult.Stale(var payout):
                return Problems.Stale(payout.Version);
            case PayoutActionResult.Restored:
                return Problems.Restored();
            default:
                return Problems.NotFound("payout");
        }
    }

    /// <summary>Asks Pockyt about a payout now instead of at nextActionAt.</summary>
    /// <remarks>At most once in five seconds; never makes anything be sent.</remarks>
    internal static async Task<Results<Accepted<PayoutView>, ProblemHttpResult>> Refresh(
        string id,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (!PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            || await store.InquireNowAsync(ApiKeys.MerchantOf(caller), payoutId).InTimeAsync(rules, cancel)
                is not { } payout)
        {
            return Problems.NotFound("payout");
        }

        ETags.Set(context, payout.Version);
        return TypedResults.Accepted(PayoutView.Link(payout), PayoutView.Of(payout));
    }

    /// <summary>Reads an id that may be absent.</summary>
    private static bool TryId(string prefix, string? text, out Guid? id)
    {
        var isRead = PublicId.TryParse(prefix, text, out var read);
        id = isRead ? read : null;
        return isRead || text is null;
    }

    private static Accepted<PayoutView> Wished(HttpContext context, Payout payout)
    {
        ETags.Set(context, payout.Version);
        return TypedResults.Accepted(PayoutView.Link(payout), PayoutView.Of(payout));
    }

    /// <summary>A payout as it is now.</summary>
    public static Ok<PayoutView> Shown(HttpContext context, Payout payout)
    {
        ETags.Set(context, payout.Version);
        return TypedResults.Ok(PayoutView.Of(payout));
    }

    private static async Task<Payout?> FindAsync(
        string id, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            ? await db.Payouts.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Merchant == merchant && row.Id == payoutId, cancel)
            : null;
    }
}
