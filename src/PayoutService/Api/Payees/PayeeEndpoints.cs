using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Api.Json;
using PayoutService.Api.Validation;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payees;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Payees;

/// <summary>Payees, as callers see them.</summary>
internal static class PayeeEndpoints
{
    private const string List = "payees";

    public static void MapPayees(this IEndpointRouteBuilder api)
    {
        var payees = api.MapGroup("/v1/payees").WithTags("Payees");
        payees.MapPost("/", Create).WithName("createPayee").RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        payees.MapGet("/", Search).WithName("listPayees")
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(400).ProducesProblem(503);
        payees.MapGet("/{id}", Get).WithName("getPayee").AllowNotModified().RequireAuthorization(Scopes.ReadPayees)
            .ProducesProblem(404);
        payees.MapPatch("/{id}", Change).WithName("updatePayee").RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(422).ProducesProblem(502);
        payees.MapPost("/{id}/refresh", Refresh).WithName("refreshPayee")
            .RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(404).ProducesProblem(412).ProducesProblem(422).ProducesProblem(502);
    }

    /// <summary>Registers a payee at Pockyt.</summary>
    /// <remarks>
    /// 201 when Pockyt answered; 202 when it did not: repeat the call,
    /// and it looks the payee up before registering again.
    /// The same customerCode with the same content always answers with the one payee.
    /// </remarks>
    internal static async Task<
        Results<Created<PayeeView>, Ok<PayeeView>, Accepted<PayeeView>, ProblemHttpResult>> Create(
        CreatePayeeRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        PayeeRules payees,
        TimeProvider clock,
        RegisterPayee register,
        CancellationToken cancel)
    {
        if (PayeeRequestValidator.Problem(request, payees, clock.GetUtcNow()) is { } problem)
        {
            return problem;
        }

        var outcome = await register.RunAsync(
            new NewPayee(
                ApiKeys.MerchantOf(caller),
                request.Profile(),
                request.Metadata?.ToDictionary() ?? [],
                request.Content(),
                ApiKeys.ActorOf(caller)),
            cancel);
        switch (outcome)
        {
            case RegistrationOutcome<Payee>.Created(var payee):
                ETags.Set(context, payee.Version);
                return TypedResults.Created(PayeeView.Link(payee), PayeeView.Of(payee));
            case RegistrationOutcome<Payee>.Pending(var payee):
                return TypedResults.Accepted(PayeeView.Link(payee), PayeeView.Of(payee));
            case RegistrationOutcome<Payee>.Replayed(var payee):
                Replays.Mark(context, PayeeView.Link(payee));
                return Shown(context, payee);
            case RegistrationOutcome<Payee>.Differs(var payee, var fields):
                return Problems.CustomerCodeInUse(payee, fields);
            case RegistrationOutcome<Payee>.Duplicate(var payee):
                return Problems.PayeeExists(payee);
            default:
                return Problems.Of(outcome);
        }
    }

    /// <summary>Lists payees, newest first.</summary>
    internal static async Task<Results<Ok<Page<PayeeView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        PayoutDb db,
        Cursors cursors,
        Searches searches,
        CancellationToken cancel,
        [KeyText] string? customerCode = null,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var rows = db.Payees.AsNoTracking().Where(row => row.Merchant == merchant);
        rows = customerCode is null ? rows : rows.Where(row => row.CustomerCode == customerCode);
        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id, PayeeView.Of, cursors, List, merchant, searches, cancel));
    }

    /// <summary>Shows a payee.</summary>
    internal static async Task<Results<Ok<PayeeView>, ProblemHttpResult>> Get(
        string id, HttpContext context, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var payee = await FindAsync(id, caller, db, cancel);
        return payee is null ? Problems.NotFound("payee") : Shown(context, payee);
    }

    /// <summary>Changes a payee at Pockyt, and here.</summary>
    /// <remarks>With If-Match the version goes up before Pockyt is called, also when Pockyt then refuses the change or
    /// does not answer: read the payee again before you repeat the call.</remarks>
    internal static async Task<Results<Ok<PayeeView>, ProblemHttpResult>> Change(
        string id,
        ChangePayeeRequest request,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        PayeeRules payees,
        PayoutDb db,
        PayeeStore store,
        PayoutRules rules,
        IPayeeGateway gateway,
        CancellationToken cancel)
    {
        if (await FindAsync(id, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("payee");
        }

        if (await NullMembers.ProblemAsync(context, cancel) is { } cleared)
        {
            return cleared;
        }

        if (request.ChangesProfile && PayeeRequestValidator.Problem(request, payee, payees) is { } refusal)
        {
            return refusal;
        }

        if (request.ChangesProfile && payee.CustomerNo is null)
        {
            return Problems.PayeeNotActive(payee.Status);
        }

        if (ETags.Wanted(ifMatch) is { } versions
            && await store.TakeAsync(payee, versions, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel)
                is { } current)
        {
            return Problems.Stale(current);
        }

        if (request.ChangesProfile)
        {
            var answer = await gateway.ChangeAsync(payee, request.Profile(), CancellationToken.None);
            if (Problems.Of(answer) is { } problem)
            {
                return answer is ProviderAnswer<ProviderPayee>.Refused && request.Email is { } email
                    && await RegisterPayee.IsEmailTakenAsync(payee, email, gateway)
                        ? Problems.EmailInUse()
                        : problem;
            }
        }

        var changed = await store.ChangeAsync(
            payee.Id, request.Profile(), request.Metadata?.ToDictionary(), ApiKeys.ActorOf(caller))
            .InTimeAsync(rules, cancel);
        return Shown(context, changed);
    }

    /// <summary>Reads a payee's status again from Pockyt.</summary>
    internal static async Task<Results<Ok<PayeeView>, ProblemHttpResult>> Refresh(
        string id,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutDb db,
        PayeeStore store,
        PayoutRules rules,
        IPayeeGateway gateway,
        CancellationToken cancel)
    {
        if (await FindAsync(id, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("payee");
        }

        if (ETags.Wanted(ifMatch) is { } versions && !versions.Contains(payee.Version))
        {
            return Problems.Stale(payee.Version);
        }

        var answer = await gateway.FindAsync(payee, cancel);
        return answer is ProviderAnswer<ProviderPayee>.Done(var told)
            ? Shown(context, await store.LearnAsync(payee, told, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel))
            : Problems.Of(answer)!;
    }

    /// <summary>A payee of the caller's merchant by its public id.</summary>
    internal static async Task<Payee?> FindAsync(
        string id, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return PublicId.TryParse(PublicId.Payee, id, out var payeeId)
            ? await db.Payees.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Merchant == merchant && row.Id == payeeId, cancel)
            : null;
    }

    private static Ok<PayeeView> Shown(HttpContext context, Payee payee)
    {
        ETags.Set(context, payee.Version);
        return TypedResults.Ok(PayeeView.Of(payee));
    }
}
