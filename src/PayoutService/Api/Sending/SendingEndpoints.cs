using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Sending;

/// <summary>A merchant's sending and its balances.</summary>
internal static class SendingEndpoints
{
    public const string OfWhich = "Which merchant; only a key for all merchants needs it.";

    public static void MapSending(this IEndpointRouteBuilder api)
    {
        var sending = api.MapGroup("/v1/sending").WithTags("Sending");
        sending.MapGet("/", Show).WithName("getSending").RequireAuthorization(Scopes.ReadSending)
            .ProducesProblem(400);
        sending.MapPost("/pause", Pause).WithName("pauseSending")
            .RequireAuthorization(Scopes.Ops).ProducesProblem(400).ProducesProblem(409);
        sending.MapPost("/resume", Resume).WithName("resumeSending")
            .RequireAuthorization(Scopes.Ops).ProducesProblem(400);
        api.MapGet("/v1/balances", Balances).WithName("listBalances")
            .WithTags("Sending").RequireAuthorization(Scopes.ReadPayouts).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(502).ProducesProblem(503);
    }

    /// <summary>Shows whether your merchant's payouts are sent, and if not, why and since when.</summary>
    internal static async Task<Results<Ok<SendingView>, ProblemHttpResult>> Show(
        ClaimsPrincipal caller,
        SendingStore store,
        IPayoutGateway gateway,
        PayoutRules rules,
        CancellationToken cancel,
        [Description(OfWhich), PlainText(64)] string? merchant = null)
    {
        if (!TryMerchant(caller, gateway, ref merchant, out var problem))
        {
            return problem;
        }

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
        IPayoutGateway gateway,
        PayoutRules rules,
        CancellationToken cancel,
        [Description(OfWhich), PlainText(64)] string? merchant = null)
    {
        if (!TryMerchant(caller, gateway, ref merchant, out var problem))
        {
            return problem;
        }

        var (pauses, isNew) = await store.PauseAsync(merchant, ApiKeys.ActorOf(caller), request.Reason)
            .InTimeAsync(rules, cancel);
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
        ResumeSending resume,
        IPayoutGateway gateway,
        CancellationToken cancel,
        [Description(OfWhich), PlainText(64)] string? merchant = null)
    {
        if (!TryMerchant(caller, gateway, ref merchant, out var problem))
        {
            return problem;
        }

        if (request is { NothingLost: true } && string.IsNullOrWhiteSpace(request.Reason))
        {
            return Problems.Invalid("reason", "is required with nothingLost");
        }

        var ended = await resume.RunAsync(
            merchant, ApiKeys.ActorOf(caller), request is { NothingLost: true } ? request.Reason : null, cancel);
        return TypedResults.Ok(SendingView.Of([]) with { Ended = [.. ended.Select(PauseView.Of)] });
    }

    /// <summary>Asks Pockyt what your merchant has in a currency; without one, in each that an account of yours
    /// takes.</summary>
    internal static async Task<Results<Ok<ListOf<BalanceView>>, ProblemHttpResult>> Balances(
        ClaimsPrincipal caller,
        ReadBalances balances,
        IPayoutGateway gateway,
        CancellationToken cancel,
        string? currency = null)
    {
        if (currency is not null && Currency.Decimals(currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        return await balances.RunAsync(ApiKeys.MerchantOf(caller), currency, cancel) is { } told
            ? TypedResults.Ok(new ListOf<BalanceView>([.. told.Select(BalanceView.Of)]))
            : Problems.ProviderSilent(gateway, "Pockyt did not say what the balance is.");
    }

    /// <summary>The merchant that a call is about: the key's, or the one that a key for all merchants names.</summary>
    public static bool TryMerchant(
        ClaimsPrincipal caller,
        IPayoutGateway gateway,
        [NotNull] ref string? merchant,
        [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        var own = ApiKeys.MerchantOf(caller);
        string[] mine = own == Caller.AllMerchants ? gateway.Merchants : [own];
        merchant ??= own;
        problem = mine.Contains(merchant)
            ? null : Problems.Invalid("merchant", $"must be {string.Join(" or ", mine)}: those of your key");
        return problem is null;
    }
}
