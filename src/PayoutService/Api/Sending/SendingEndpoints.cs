using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;
using PayoutService.Views;

namespace PayoutService.Api.Sending;

/// <summary>A merchant's sending and its balances.</summary>
internal static class SendingEndpoints
{
    public static void MapSending(this IEndpointRouteBuilder api)
    {
        var sending = api.MapGroup("/v1/sending").WithTags("Sending");
        sending.MapGet("/", Show).WithName("getSending").RequireAuthorization(Scopes.ReadSending);
        sending.MapPost("/pause", Pause).WithName("pauseSending")
            .RequireAuthorization(Scopes.Ops).ProducesProblem(400).ProducesProblem(409);
        sending.MapPost("/resume", Resume).WithName("resumeSending")
            .RequireAuthorization(Scopes.Ops).ProducesProblem(400);
        api.MapGet("/v1/balances", Balances).WithName("listBalances")
            .WithTags("Sending").RequireAuthorization(Scopes.ReadPayouts).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(502).ProducesProblem(503);
    }

    /// <summary>Shows whether your merchant's payouts are sent, and if not, why and since when.</summary>
    internal static async Task<Ok<SendingView>> Show(
        ClaimsPrincipal caller,
        SendingStore store,
        IPayoutGateway gateway,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return TypedResults.Ok(
            SendingView.Of(await store.PausesOfAsync(merchant).InTimeAsync(rules, cancel)) with
            {
                DepositNotifications =
                    ApiKeys.HasScope(caller, Scopes.Ops) ? gateway.DepositNotifications(merchant) : null,
            });
    }

    /// <summary>Stops sending your merchant's payouts.</summary>
    /// <remarks>Payouts are still accepted and asked about; what is on the wire goes on. A pause of Pockyt's or of a
    /// restore is kept beside yours; a second one by hand is refused, so that no reason is lost.</remarks>
    internal static async Task<Results<Ok<SendingView>, ProblemHttpResult>> Pause(
        PauseSendingRequest request,
        ClaimsPrincipal caller,
        SendingStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var (pauses, isNew) = await store.PauseAsync(
            ApiKeys.MerchantOf(caller), ApiKeys.ActorOf(caller), request.Reason).InTimeAsync(rules, cancel);
        return !isNew && pauses.Find(pause => pause.Kind is PauseKind.Operator) is { } first
            ? Problems.AlreadyPaused(first)
            : TypedResults.Ok(SendingView.Of(pauses));
    }

    /// <summary>Lets your merchant's payouts be sent again.</summary>
    /// <remarks>Ends every pause there is, and the answer names each. What paused sending stays held and is tried last.
    /// After a restore of the database that may have lost something, Pockyt is asked about each payout before
    /// it is sent for the first time. nothingLost ends that.</remarks>
    internal static async Task<Results<Ok<SendingView>, ProblemHttpResult>> Resume(
        ResumeSendingRequest? request,
        ClaimsPrincipal caller,
        SendingStore store,
        PayoutRules rules,
        ILoggerFactory loggers,
        CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        if (request is { NothingLost: true })
        {
            if (string.IsNullOrWhiteSpace(request.Reason))
            {
                return Problems.Invalid("reason", "is required with nothingLost");
            }

            await store.ClearRestoresAsync(merchant, ApiKeys.ActorOf(caller), request.Reason)
                .WaitAsync(Patience.ForMany, cancel);
        }

        var ended = await store.ResumeAsync(merchant, ApiKeys.ActorOf(caller)).InTimeAsync(rules, cancel);
        foreach (var pause in ended)
        {
            loggers.CreateLogger(typeof(SendingEndpoints)).LogWarning(
                "Sending of {merchant} was resumed by {actor}: the pause of {pausedBy} is ended.",
                merchant, ApiKeys.ActorOf(caller), pause.Actor);
        }

        return TypedResults.Ok(SendingView.Of([]) with { Ended = [.. ended.Select(PauseView.Of)] });
    }

    /// <summary>Asks Pockyt what your merchant has in a currency; without one, in each that an account of yours
    /// takes.</summary>
    internal static async Task<Results<Ok<ListOf<BalanceView>>, ProblemHttpResult>> Balances(
        ClaimsPrincipal caller,
        PayoutDb db,
        IPayoutGateway gateway,
        CancellationToken cancel,
        string? currency = null)
    {
        if (currency is not null && Currency.Decimals(currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        var merchant = ApiKeys.MerchantOf(caller);
        List<string> currencies = currency is not null ? [currency]
            : await db.Accounts.Where(row => row.Merchant == merchant && row.Currency != "")
                .Select(row => row.Currency).Distinct().OrderBy(one => one).ToListAsync(cancel);
        List<Money> balances = [];
        foreach (var one in currencies)
        {
            if (await gateway.BalancesAsync(merchant, one, cancel) is not { } told)
            {
                return Problems.ProviderSilent(gateway, "Pockyt did not say what the balance is.");
            }

            balances.AddRange(told);
        }

        return TypedResults.Ok(new ListOf<BalanceView>([.. balances.Select(BalanceView.Of)]));
    }
}
