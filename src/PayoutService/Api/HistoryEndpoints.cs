using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Accounts;
using PayoutService.Api.Http;
using PayoutService.Api.Payees;
using PayoutService.Api.Payors;
using PayoutService.Api.Refunds;
using PayoutService.Api.Sending;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Views;

namespace PayoutService.Api;

/// <summary>The history of payees, accounts, refunds, payors and a merchant's sending; payouts show their
/// own.</summary>
internal static class HistoryEndpoints
{
    /// <summary>The newest of a history that is longer.</summary>
    private const int Most = 500;

    public static void MapHistory(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/payees/{id}/events", OfPayee).WithName("listPayeeEvents").WithTags("Payees")
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        api.MapGet("/v1/payees/{payeeId}/accounts/{accountId}/events", OfAccount).WithName("listAccountEvents")
            .WithTags("Accounts")
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        api.MapGet("/v1/refunds/{id}/events", OfRefund).WithName("listRefundEvents").WithTags("Refunds")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
        api.MapGet("/v1/payors/{payorNo}/events", OfPayor).WithName("listPayorEvents").WithTags("Payors")
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        api.MapGet("/v1/sending/events", OfSending).WithName("listSendingEvents")
            .WithTags("Sending").RequireAuthorization(Scopes.ReadSending).ProducesProblem(400);
    }

    /// <summary>Shows a payee's history, oldest first: each change, who made it, and the fields it changed.</summary>
    internal static async Task<Results<Ok<ListOf<ChangeView>>, ProblemHttpResult>> OfPayee(
        string id, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel) =>
        await PayeeEndpoints.FindAsync(id, caller, db, cancel) is { } payee
            ? await ReadAsync(db, payee.Merchant, HistoryKind.Payee, payee.Id, cancel)
            : Problems.NotFound("payee");

    /// <summary>Shows an account's history, oldest first: every change, and who made it.</summary>
    internal static async Task<Results<Ok<ListOf<ChangeView>>, ProblemHttpResult>> OfAccount(
        string payeeId, string accountId, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel) =>
        await AccountEndpoints.FindAsync(payeeId, accountId, caller, db, cancel) is { } account
            ? await ReadAsync(db, account.Merchant, HistoryKind.Account, account.Id, cancel)
            : Problems.NotFound("account");

    /// <summary>Shows a refund's history, oldest first: every change, and who made it.</summary>
    internal static async Task<Results<Ok<ListOf<ChangeView>>, ProblemHttpResult>> OfRefund(
        string id, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel) =>
        await RefundEndpoints.FindAsync(id, caller, db, cancel) is { } refund
            ? await ReadAsync(db, refund.Merchant, HistoryKind.Refund, refund.Id, cancel)
            : Problems.NotFound("refund");

    /// <summary>Shows a payor's history, oldest first: every change, and who made it.</summary>
    internal static async Task<Results<Ok<ListOf<ChangeView>>, ProblemHttpResult>> OfPayor(
        string payorNo, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel) =>
        await PayorEndpoints.FindAsync(payorNo, caller, db, cancel) is { } payor
            ? await ReadAsync(db, payor.Merchant, HistoryKind.Payor, payor.Id, cancel)
            : Problems.NotFound("payor");

    /// <summary>Shows who paused and resumed your merchant's sending, when and why, oldest first.</summary>
    internal static async Task<Results<Ok<ListOf<ChangeView>>, ProblemHttpResult>> OfSending(
        ClaimsPrincipal caller,
        PayoutDb db,
        IPayoutGateway gateway,
        CancellationToken cancel,
        [Description(SendingEndpoints.OfWhich), PlainText(64)] string? merchant = null) =>
        SendingEndpoints.TryMerchant(caller, gateway, ref merchant, out var problem)
            ? await ReadAsync(db, merchant, HistoryKind.Sending, Guid.Empty, cancel) : problem;

    private static async Task<Ok<ListOf<ChangeView>>> ReadAsync(
        PayoutDb db, string merchant, HistoryKind kind, Guid id, CancellationToken cancel)
    {
        var newest = await db.History.AsNoTracking()
            .Where(row => row.Merchant == merchant && row.Kind == kind && row.Id == id)
            .OrderByDescending(row => row.Version).Take(Most).ToListAsync(cancel);
        newest.Reverse();
        return TypedResults.Ok(new ListOf<ChangeView>([.. newest.Select(ChangeView.Of)]));
    }
}
