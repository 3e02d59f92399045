using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Api.Json;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Refunds;

/// <summary>Money that came in, and money that goes back, as callers see them.</summary>
internal static class RefundEndpoints
{
    private const string List = "refunds";

    public static void MapRefunds(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/transactions", FindTransaction).WithName("findTransaction").WithTags("Transactions")
            .RequireAuthorization(Scopes.ReadPayouts).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(422).ProducesProblem(502);
        var refunds = api.MapGroup("/v1/refunds").WithTags("Refunds");
        refunds.MapPost("/", Create).WithName("createRefund").RequireAuthorization(Scopes.WriteRefunds).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        refunds.MapGet("/", Search).WithName("listRefunds")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(400).ProducesProblem(503);
        refunds.MapGet("/{id}", Get).WithName("getRefund").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
    }

    /// <summary>Looks up a payment or a refund at Pockyt.</summary>
    /// <remarks>By exactly one of transactionNo and reference. Payouts are not here: see GET /v1/payouts.</remarks>
    internal static async Task<Results<Ok<TransactionView>, ProblemHttpResult>> FindTransaction(
        ClaimsPrincipal caller,
        IRefundGateway gateway,
        CancellationToken cancel,
        [KeyText] string? transactionNo = null,
        [PlainText(64)] string? reference = null)
    {
        if (transactionNo is null == reference is null)
        {
            return Problems.OneOfTransactionNoAndReference();
        }

        var answer = await gateway.FindAsync(ApiKeys.MerchantOf(caller), transactionNo, reference, cancel);
        return answer switch
        {
            ProviderAnswer<ProviderTransaction>.Done(var told) => TypedResults.Ok(TransactionView.Of(told)),
            ProviderAnswer<ProviderTransaction>.NotFound => Problems.NotFound("transaction"),
            _ => Problems.Of(answer)!,
        };
    }

    /// <summary>Gives money back to somebody who paid.</summary>
    /// <remarks>
    /// 201 when Pockyt answered; 202 when it did not: then Pockyt is asked until the outcome is known, and the refund
    /// is never sent again. Safe to repeat at any time: the same refundReference with the same content answers 200 with
    /// the one refund and the header Idempotent-Replayed. 422 and 503 leave nothing behind: the key may be used again.
    /// </remarks>
    internal static async Task<
        Results<Created<RefundView>, Ok<RefundView>, Accepted<RefundView>, ProblemHttpResult>> Create(
        CreateRefundRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        SendRefund send,
        Fingerprints fingerprints,
        CancellationToken cancel)
    {
        if (Read(request, caller, fingerprints, out var order) is { } problem)
        {
            return problem;
        }

        var outcome = await send.RunAsync(order!, cancel);
        switch (outcome)
        {
            case RegistrationOutcome<Refund>.Created(var refund):
                ETags.Set(context, refund.Version);
                return TypedResults.Created(RefundView.Link(refund), RefundView.Of(refund));
            case RegistrationOutcome<Refund>.Pending(var refund):
                ETags.Set(context, refund.Version);
                return TypedResults.Accepted(RefundView.Link(refund), RefundView.Of(refund));
            case RegistrationOutcome<Refund>.Replayed(var refund):
                Replays.Mark(context, RefundView.Link(refund));
                return Shown(context, refund);
            case RegistrationOutcome<Refund>.Differs(var refund, var fields):
                return Problems.RefundReferenceInUse(refund, fields);
            default:
                return Problems.Of(outcome);
        }
    }

    /// <summary>Lists refunds, newest first.</summary>
    internal static async Task<Results<Ok<Page<RefundView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        PayoutDb db,
        Cursors cursors,
        Searches searches,
        CancellationToken cancel,
        [KeyText] string? refundReference = null,
        [KeyText] string? transactionNo = null,
        [Description("any, mismatch, notSeen or slow.")] string? attention = null,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var rows = db.Refunds.AsNoTracking().Where(row => row.Merchant == merchant);
        rows = refundReference is null ? rows : rows.Where(row => row.RefundReference == refundReference);
        rows = transactionNo is null ? rows : rows.Where(row => row.TransactionNo == transactionNo);
        if (attention is "any")
        {
            rows = rows.Where(row => row.Attention != null);
        }
        else if (attention is not null)
        {
            if (!ApiJson.TryWord<RefundAttention>(attention, out var wanted))
            {
                return Problems.Invalid("attention", "must be any, mismatch, notSeen or slow");
            }

            rows = rows.Where(row => row.Attention == wanted);
        }

        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id, RefundView.Of, cursors, List, merchant, searches, cancel));
    }

    /// <summary>Shows a refund: its status, whether the money went back, and when it is checked next.</summary>
    internal static async Task<Results<Ok<RefundView>, ProblemHttpResult>> Get(
        string id, HttpContext context, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var refund = await FindAsync(id, caller, db, cancel);
        return refund is null ? Problems.NotFound("refund") : Shown(context, refund);
    }

    /// <summary>A refund of the caller's merchant by its public id.</summary>
    internal static async Task<Refund?> FindAsync(
        string id, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return PublicId.TryParse(PublicId.Refund, id, out var refundId)
            ? await db.Refunds.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Merchant == merchant && row.Id == refundId, cancel)
            : null;
    }

    private static Ok<RefundView> Shown(HttpContext context, Refund refund)
    {
        ETags.Set(context, refund.Version);
        return TypedResults.Ok(RefundView.Of(refund));
    }

    /// <summary>Turns a request into an order; answers the problem when it cannot be one.</summary>
    private static ProblemHttpResult? Read(
        CreateRefundRequest request, ClaimsPrincipal caller, Fingerprints fingerprints, out RefundOrder? order)
    {
        order = null;
        var settleCurrency = request.SettleCurrency ?? request.Currency;
        if (Currency.Decimals(request.Currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        if (Currency.Decimals(settleCurrency) is null)
        {
            return Problems.Invalid("settleCurrency", "is not a currency we know");
        }

        if (!Money.TryParse(request.Amount, request.Currency, out var amount, out var reason))
        {
            return Problems.Invalid("amount", reason);
        }

        if (request.TransactionNo is null == request.Reference is null)
        {
            return Problems.OneOfTransactionNoAndReference();
        }

        order = new RefundOrder
        {
            Merchant = ApiKeys.MerchantOf(caller),
            RefundReference = request.RefundReference,
            TransactionNo = request.TransactionNo,
            Reference = request.Reference,
            AmountMinor = amount.Minor,
            Currency = amount.Currency,
            SettleCurrency = settleCurrency,
            ApiKey = ApiKeys.NameOf(caller),

            // In one spelling: 5 and 5.00 dollars are the same request.
            Content = fingerprints.Of(row: request.RefundReference, fields: new Dictionary<string, string?>
            {
                ["transactionNo"] = request.TransactionNo,
                ["reference"] = request.Reference,
                ["amount"] = amount.ToString(),
                ["currency"] = amount.Currency,
                ["settleCurrency"] = settleCurrency,
            }),
        };
        return null;
    }
}
