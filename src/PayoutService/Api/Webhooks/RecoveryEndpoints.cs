using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Views;
using PayoutService.Views.Events;

namespace PayoutService.Api.Webhooks;

/// <summary>Recoveries: a webhook endpoint is sent what it missed.</summary>
internal static class RecoveryEndpoints
{
    public static void MapRecoveries(this IEndpointRouteBuilder api)
    {
        var endpoint = api.MapGroup("/v1/webhook-endpoints/{id}").WithTags(WebhookEndpoints.Tag);
        endpoint.MapPost("/recover", Recover).WithName("recoverWebhookEndpoint")
            .RequireAuthorization(Scopes.WriteEvents)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        endpoint.MapGet("/recoveries/{recoveryId}", Get).WithName("getRecovery")
            .RequireAuthorization(Scopes.ReadEvents).ProducesProblem(404);
    }

    /// <summary>Sends an endpoint the events that it missed.</summary>
    /// <remarks>
    /// Every event of the time that was not delivered is sent: those that were given up, and those that were never
    /// sent, because the endpoint did not exist then or took other types. What was delivered is not sent again. One
    /// endpoint has one recovery at a time; follow it at Location. An event that is recovered may come after later
    /// ones of its object: the higher version is the newer.
    /// </remarks>
    internal static async Task<Results<Accepted<RecoveryView>, ProblemHttpResult>> Recover(
        string id,
        RecoverRequest request,
        ClaimsPrincipal caller,
        RecoveryStore store,
        DatabaseClock clock,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (request.Since > clock.GetUtcNow())
        {
            return Problems.Invalid("since", "must not be in the future");
        }

        if (request.Until <= request.Since)
        {
            return Problems.Invalid("until", "must be later than since");
        }

        if (!PublicId.TryParse(PublicId.Endpoint, id, out var endpointId))
        {
            return Problems.NotFound("webhook endpoint");
        }

        var started = await store
            .StartAsync(ApiKeys.MerchantOf(caller), endpointId, request.Since, request.Until)
            .InTimeAsync(rules, cancel);
        return started switch
        {
            RecoveryStarted.Created(var recovery) =>
                TypedResults.Accepted(RecoveryView.Link(recovery), RecoveryView.Of(recovery)),
            RecoveryStarted.NotFound => Problems.NotFound("webhook endpoint"),
            RecoveryStarted.Disabled => Problems.EndpointDisabled(),
            RecoveryStarted.Running(var running) => Problems.RecoveryRunning(running),
            _ => throw new UnreachableException($"{started}"),
        };
    }

    /// <summary>Shows how far a recovery is.</summary>
    internal static async Task<Results<Ok<RecoveryView>, ProblemHttpResult>> Get(
        string id,
        string recoveryId,
        ClaimsPrincipal caller,
        RecoveryStore store,
        PayoutRules rules,
        CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            && PublicId.TryParse(PublicId.Recovery, recoveryId, out var recovery)
            && await store.FindAsync(ApiKeys.MerchantOf(caller), endpointId, recovery).InTimeAsync(rules, cancel)
                is { } found
            ? TypedResults.Ok(RecoveryView.Of(found)) : Problems.NotFound("recovery");
}
