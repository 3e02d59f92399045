using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Api.Payees;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payees;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Accounts;

/// <summary>A payee's accounts, as callers see them.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/v1/payees/{payeeId}/accounts").WithTags("Accounts");
        accounts.MapPost("/", Create).WithName("createAccount").RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        accounts.MapGet("/", All).WithName("listAccounts").RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        accounts.MapGet("/{accountId}", Get).WithName("getAccount").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        accounts.MapDelete("/{accountId}", Remove).WithName("removeAccount")
            .RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(404).ProducesProblem(412).ProducesProblem(422).ProducesProblem(502).ProducesProblem(503);
        accounts.MapPost("/sync", Sync).WithName("syncAccounts").RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(404).ProducesProblem(422).ProducesProblem(502);
    }

    /// <summary>Adds an account at Pockyt.</summary>
    /// <remarks>201 when Pockyt answered; 202 when it did not: repeat the call. The details are not kept.</remarks>
    internal static async Task<Results<Created<AccountView>, Ok<AccountView>, Accepted<AccountView>, ProblemHttpResult>>
        Create(
            string payeeId,
            CreateAccountRequest request,
            HttpContext context,
            ClaimsPrincipal caller,
            PayeeRules payees,
            PayoutDb db,
            AccountRequirementsCache requirements,
            AddAccount add,
            CancellationToken cancel)
    {
        if (await PayeeEndpoints.FindAsync(payeeId, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("payee");
        }

        if (payees.RefusedCountries.Contains(request.Country))
        {
            return Problems.CountryNotSupported("country", request.Country);
        }

        if (await AccountRequestValidator.ProblemAsync(request, payee, requirements, cancel) is { } problem)
        {
            return problem;
        }

        if (payee.CustomerNo is null)
        {
            return Problems.PayeeNotActive(payee.Status);
        }

        var wanted = request.Account();
        var outcome = await add.RunAsync(payee, wanted, request.Content(), ApiKeys.ActorOf(caller), cancel);
        switch (outcome)
        {
            case RegistrationOutcome<Account>.Created(var account):
                ETags.Set(context, account.Version);
                return TypedResults.Created(AccountView.Link(account), AccountView.Of(account));
            case RegistrationOutcome<Account>.Pending(var account):
                return TypedResults.Accepted(AccountView.Link(account), AccountView.Of(account));
            case RegistrationOutcome<Account>.Replayed({ Status: AccountStatus.Removed } account):
                return Problems.AccountRemoved(account);
            case RegistrationOutcome<Account>.Replayed(var account):
                Replays.Mark(context, AccountView.Link(account));
                return Shown(context, account);
            case RegistrationOutcome<Account>.Differs(var account, var fields):
                return Problems.AccountTagInUse(account, fields);
            case RegistrationOutcome<Account>.Duplicate(var account):
                return Problems.AccountExists(account);
            default:
                return Problems.Of(outcome);
        }
    }

    /// <summary>Lists a payee's accounts, oldest first.</summary>
    internal static async Task<Results<Ok<ListOf<AccountView>>, ProblemHttpResult>> All(
        string payeeId, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        if (await PayeeEndpoints.FindAsync(payeeId, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("payee");
        }

        var accounts = await db.Accounts.AsNoTracking()
            .Where(row => row.PayeeId == payee.Id).OrderBy(row => row.Id).ToListAsync(cancel);
        return TypedResults.Ok(new ListOf<AccountView>([.. accounts.Select(AccountView.Of)]));
    }

    /// <summary>Shows an account.</summary>
    internal static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Get(
        string payeeId,
        string accountId,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutDb db,
        CancellationToken cancel)
    {
        var account = await FindAsync(payeeId, accountId, caller, db, cancel);
        return account is null ? Problems.NotFound("account") : Shown(context, account);
    }

    /// <summary>Removes an account at Pockyt, and from use here. What was paid to it stays on record.</summary>
    /// <remarks>Its payouts that were not sent are canceled, and the answer links them; one that a restore of the
    /// database may have lost the sending of has cancelRequested. With If-Match the version goes up before Pockyt is
    /// called, as when a payee is changed.</remarks>
    internal static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Remove(
        string payeeId,
        string accountId,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutDb db,
        PayeeStore store,
        PayoutRules rules,
        IPayeeGateway gateway,
        CancellationToken cancel)
    {
        if (await FindAsync(payeeId, accountId, caller, db, cancel) is not { } account
            || await PayeeEndpoints.FindAsync(payeeId, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("account");
        }

        if (account.Status is AccountStatus.Registering)
        {
            return Problems.AccountNotUsable(account.Status);
        }

        if (ETags.Wanted(ifMatch) is { } versions
            && await store.TakeAsync(account, versions, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel)
                is { } current)
        {
            return Problems.Stale(current);
        }

        if (account.Status is not AccountStatus.Removed)
        {
            var answer = await gateway.RemoveAccountAsync(payee, account, CancellationToken.None);

            // What Pockyt does not know any more is removed already.
            if (answer is not ProviderAnswer<ProviderAccount>.NotFound
                && Problems.Of(answer) is { } problem)
            {
                return problem;
            }
        }

        if (await store.RemoveAsync(account, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel) is not { } removed)
        {
            return Problems.Restored();
        }

        ETags.Set(context, removed.Account.Version);
        return TypedResults.Ok(AccountView.Of(removed.Account) with
        {
            CanceledPayouts = [.. removed.Canceled.Select(PayoutView.Link)],
        });
    }

    /// <summary>Takes over the accounts that the payee set up at Pockyt without us.</summary>
    internal static async Task<Results<Ok<ListOf<AccountView>>, ProblemHttpResult>> Sync(
        string payeeId,
        ClaimsPrincipal caller,
        PayoutDb db,
        PayeeStore store,
        PayoutRules rules,
        IPayeeGateway gateway,
        CancellationToken cancel)
    {
        if (await PayeeEndpoints.FindAsync(payeeId, caller, db, cancel) is not { } payee)
        {
            return Problems.NotFound("payee");
        }

        if (payee.CustomerNo is null)
        {
            return Problems.PayeeNotActive(payee.Status);
        }

        var answer = await gateway.ListAccountsAsync(payee, cancel);
        if (answer is not ProviderAnswer<ProviderAccounts>.Done(var told))
        {
            return Problems.Of(answer)!;
        }

        var accounts = await store.ImportAsync(payee.Id, told, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel);
        return TypedResults.Ok(new ListOf<AccountView>([.. accounts.Select(AccountView.Of)]));
    }

    internal static async Task<Account?> FindAsync(
        string payeeId, string accountId, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return PublicId.TryParse(PublicId.Payee, payeeId, out var payee)
            && PublicId.TryParse(PublicId.Account, accountId, out var id)
                ? await db.Accounts.AsNoTracking().SingleOrDefaultAsync(
                    row => row.Merchant == merchant && row.PayeeId == payee && row.Id == id, cancel)
                : null;
    }

    private static Ok<AccountView> Shown(HttpContext context, Account account)
    {
        ETags.Set(context, account.Version);
        return TypedResults.Ok(AccountView.Of(account));
    }
}
