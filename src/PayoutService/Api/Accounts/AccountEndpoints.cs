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
    private static readonly string[] NumberNames =
        ["iban", "bankAccountId", "cardNumber", "accountId", "pixKey", "walletAddress"];

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/v1/payees/{payeeId}/accounts").WithTags("Accounts");
        accounts.MapPost("/", Create).RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        accounts.MapGet("/", All).RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        accounts.MapGet("/{accountId}", Get).RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);
        accounts.MapDelete("/{accountId}", Remove).RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(404).ProducesProblem(412).ProducesProblem(422).ProducesProblem(502).ProducesProblem(503);
        accounts.MapPost("/sync", Sync).RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(404).ProducesProblem(502);
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
            PayeeStore store,
            PayoutRules rules,
            IPayeeGateway gateway,
            AccountRequirementsCache requirements,
            Fingerprints fingerprints,
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

        var actor = ApiKeys.NameOf(caller);
        var wanted = new AccountRequest(
            request.AccountTag, request.AccountType, request.Country, request.Currency, request.Details);
        var kept = new AccountTrace(
            Last4(request),
            Number(request) is { } number ? fingerprints.OfAccountNumber(number) : null,
            await fingerprints.OfAsync(request.Content(), $"{payee.Id}/{request.AccountTag}")
                .InTimeAsync(rules, cancel));
        var begun = await store.BeginAsync(payee, wanted, kept, actor).InTimeAsync(rules, cancel);
        switch (begun)
        {
            case BeginResult<Account>.New(var account):
                return await AddAsync(account, resumed: false);
            case BeginResult<Account>.Resumed(var account):
                return await AddAsync(account, resumed: true);
            case BeginResult<Account>.Busy(var account):
                return TypedResults.Accepted(AccountView.Link(account), AccountView.Of(account));
            case BeginResult<Account>.Replayed({ Status: AccountStatus.Removed } account):
                return Problems.AccountRemoved(account);
            case BeginResult<Account>.Replayed(var account):
                Replays.Mark(context, AccountView.Link(account));
                return Shown(context, account);
            case BeginResult<Account>.Differs(var account, var fields):
                return Problems.AccountTagInUse(account, fields);
            default:
                throw new System.Diagnostics.UnreachableException(begun.ToString());
        }

        // From here on the caller's hanging up changes nothing: Pockyt may have the account.
        async Task<Results<Created<AccountView>, Ok<AccountView>, Accepted<AccountView>, ProblemHttpResult>> AddAsync(
            Account account, bool resumed)
        {
            var answer = await IdempotentRegistration.OnceAsync(
                resumed,
                () => FindAtPockytAsync(payee, account, gateway),
                () => gateway.AddAccountAsync(payee, account, wanted, CancellationToken.None));
            switch (answer)
            {
                case ProviderAnswer<ProviderAccount>.Done(var told):
                    var added = await store.LearnAsync(account, told, actor)
                        .InTimeAsync(rules, CancellationToken.None);
                    if (added.Id != account.Id)
                    {
                        return Problems.AccountExists(added);
                    }

                    ETags.Set(context, added.Version);
                    return TypedResults.Created(AccountView.Link(added), AccountView.Of(added));
                case ProviderAnswer<ProviderAccount>.Refused(var code, var message):
                    await store.AbandonAsync(account, actor)
                        .InTimeAsync(rules, CancellationToken.None);
                    return Problems.ProviderRefused(code, message);
                case ProviderAnswer<ProviderAccount>.Unreachable(var why):
                    await (resumed ? store.LeaveOpenAsync(account, actor) : store.AbandonAsync(account, actor))
                        .InTimeAsync(rules, CancellationToken.None);
                    return Problems.ProviderUnreachable(why);
                default:
                    var open = await store.LeaveOpenAsync(account, actor)
                        .InTimeAsync(rules, CancellationToken.None);
                    return TypedResults.Accepted(AccountView.Link(open), AccountView.Of(open));
            }
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
            && await store.TakeAsync(account, versions, ApiKeys.NameOf(caller)).InTimeAsync(rules, cancel)
                is { } current)
        {
            return Problems.Stale(current);
        }

        if (account.Status is not AccountStatus.Removed)
        {
            var answer = await gateway.RemoveAccountAsync(payee, account, CancellationToken.None);

            // What Pockyt does not know any more is removed already.
            if (answer is not ProviderAnswer<ProviderAccount>.NotFound
                && PayeeEndpoints.Unanswered(answer) is { } problem)
            {
                return problem;
            }
        }

        if (await store.RemoveAsync(account, ApiKeys.NameOf(caller)).InTimeAsync(rules, cancel) is not { } removed)
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
            return PayeeEndpoints.Unanswered(answer)!;
        }

        var accounts = await store.ImportAsync(payee.Id, told, ApiKeys.NameOf(caller)).InTimeAsync(rules, cancel);
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

    private static async Task<ProviderAnswer<ProviderAccount>> FindAtPockytAsync(
        Payee payee, Account account, IPayeeGateway gateway) =>
        await gateway.ListAccountsAsync(payee, CancellationToken.None) switch
        {
            ProviderAnswer<ProviderAccounts>.Done(var listed) =>
                listed.All.FirstOrDefault(told => told.AccountTag == account.AccountTag) is { } found
                    ? new ProviderAnswer<ProviderAccount>.Done(found)
                    : new ProviderAnswer<ProviderAccount>.NotFound(),
            ProviderAnswer<ProviderAccounts>.Unreachable(var why) =>
                new ProviderAnswer<ProviderAccount>.Unreachable(why),
            _ => new ProviderAnswer<ProviderAccount>.Unclear("Pockyt did not list the accounts."),
        };

    /// <summary>What tells this account from all others, whatever Pockyt calls it for this kind.</summary>
    private static string? Number(CreateAccountRequest request) =>
        NumberNames.Select(name => request.Details.GetValueOrDefault(name)).OfType<string>().FirstOrDefault();

    private static string? Last4(CreateAccountRequest request)
    {
        var number = request.Details.GetValueOrDefault("bankAccountId")
            ?? request.Details.GetValueOrDefault("cardNumber");
        return number is { Length: > 4 } ? number[^4..] : null;
    }

    private static Ok<AccountView> Shown(HttpContext context, Account account)
    {
        ETags.Set(context, account.Version);
        return TypedResults.Ok(AccountView.Of(account));
    }
}
