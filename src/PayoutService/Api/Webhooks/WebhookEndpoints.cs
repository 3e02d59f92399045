using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Json;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Events;

namespace PayoutService.Api.Webhooks;

/// <summary>Webhook endpoints: where a merchant's events are posted to.</summary>
internal static class WebhookEndpoints
{
    public const string Tag = "Webhook endpoints";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        var endpoints = api.MapGroup("/v1/webhook-endpoints").WithTags(Tag);
        endpoints.MapPost("/", Create).WithName("createWebhookEndpoint").RequireAuthorization(Scopes.WriteEvents)
            .ProducesProblem(400).ProducesProblem(422);
        endpoints.MapGet("/", All).WithName("listWebhookEndpoints").RequireAuthorization(Scopes.ReadEvents);
        endpoints.MapGet("/{id}", Get).WithName("getWebhookEndpoint").RequireAuthorization(Scopes.ReadEvents)
            .ProducesProblem(404);
        endpoints.MapPatch("/{id}", Change).WithName("updateWebhookEndpoint").RequireAuthorization(Scopes.WriteEvents)
            .ProducesProblem(400).ProducesProblem(404);
        endpoints.MapDelete("/{id}", Remove).WithName("deleteWebhookEndpoint").RequireAuthorization(Scopes.WriteEvents)
            .ProducesProblem(404);
        endpoints.MapPost("/{id}/rotate-secret", Rotate).WithName("rotateWebhookSecret")
            .RequireAuthorization(Scopes.WriteEvents).ProducesProblem(404);
        endpoints.MapPost("/{id}/test", Test).WithName("testWebhookEndpoint")
            .RequireAuthorization(Scopes.WriteEvents).ProducesProblem(404);
        endpoints.MapGet("/{id}/deliveries", Deliveries).WithName("listDeliveries")
            .RequireAuthorization(Scopes.ReadEvents).ProducesProblem(400).ProducesProblem(404);
        api.MapPost("/v1/deliveries/{id}/resend", Resend).WithName("resendDelivery").WithTags(Tag)
            .RequireAuthorization(Scopes.WriteEvents).ProducesProblem(404);
    }

    /// <summary>Has a delivery sent again, whatever became of it.</summary>
    /// <remarks>The event is the same, with the same id.</remarks>
    internal static async Task<Results<Accepted<DeliveryView>, ProblemHttpResult>> Resend(
        string id, ClaimsPrincipal caller, EndpointStore store, PayoutRules rules, CancellationToken cancel)
    {
        var delivery = PublicId.TryParse(PublicId.Delivery, id, out var deliveryId)
            ? await store.ResendAsync(ApiKeys.MerchantOf(caller), deliveryId).InTimeAsync(rules, cancel) : null;
        return delivery is null ? Problems.NotFound("delivery")
            : TypedResults.Accepted((string?)null, DeliveryView.Of(delivery, last: null));
    }

    /// <summary>Has your events posted to an address.</summary>
    /// <remarks>
    /// Everything that happens from now on is posted to it, signed as Standard Webhooks 1.0.0 says: of one object in
    /// the order of its versions, at least once. Answer 2xx within 15 s. The secret is shown in this answer only. The
    /// same url again answers 200 with the one endpoint, without its secret.
    /// </remarks>
    internal static async Task<Results<Created<WebhookEndpointView>, Ok<WebhookEndpointView>, ProblemHttpResult>>
        Create(
            CreateWebhookEndpointRequest request,
            HttpContext context,
            ClaimsPrincipal caller,
            EndpointStore store,
            IWebhookGateway gateway,
            PayoutRules rules,
            CancellationToken cancel)
    {
        if (gateway.Problem(request.Url) is { } reason)
        {
            return Problems.Invalid("url", reason);
        }

        if (Unknown(request.EventTypes) is { } problem)
        {
            return problem;
        }

        var registered = await store.RegisterAsync(
            ApiKeys.MerchantOf(caller), request.Url, TypesOf(request.EventTypes), request.Description)
            .InTimeAsync(rules, cancel);
        switch (registered)
        {
            case EndpointRegistered.Created(var made):
                ETags.Set(context, made.Version);
                return TypedResults.Created(
                    WebhookEndpointView.Link(made), WebhookEndpointView.Of(made, gateway.SecretOf(made)));
            case EndpointRegistered.Replayed(var known):
                Replays.Mark(context, WebhookEndpointView.Link(known));
                ETags.Set(context, known.Version);
                return TypedResults.Ok(WebhookEndpointView.Of(known));
            case EndpointRegistered.TooMany:
                return Problems.TooManyEndpoints(EndpointStore.Most);
            default:
                throw new UnreachableException($"{registered}");
        }
    }

    /// <summary>Lists your webhook endpoints, oldest first.</summary>
    internal static async Task<Ok<ListOf<WebhookEndpointView>>> All(
        ClaimsPrincipal caller, EndpointStore store, FeedReader feeds, PayoutRules rules, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var feed = await feeds.BoundsAsync(merchant).InTimeAsync(rules, cancel);
        var endpoints = await store.AllAsync(merchant).InTimeAsync(rules, cancel);
        return TypedResults.Ok(new ListOf<WebhookEndpointView>(
            [.. endpoints.Select(endpoint => WebhookEndpointView.Of(endpoint, newest: feed.Newest))]));
    }

    /// <summary>Shows a webhook endpoint, and how far behind it is.</summary>
    internal static async Task<Results<Ok<WebhookEndpointView>, ProblemHttpResult>> Get(
        string id,
        HttpContext context,
        ClaimsPrincipal caller,
        EndpointStore store,
        FeedReader feeds,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var feed = await feeds.BoundsAsync(ApiKeys.MerchantOf(caller)).InTimeAsync(rules, cancel);
        return Shown(
            context, await FindAsync(id, caller, store, rules, cancel), endpoint =>
                WebhookEndpointView.Of(endpoint, newest: feed.Newest));
    }

    /// <summary>Changes a webhook endpoint: its types, its description, or whether events are sent to it.</summary>
    internal static async Task<Results<Ok<WebhookEndpointView>, ProblemHttpResult>> Change(
        string id,
        ChangeWebhookEndpointRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        EndpointStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (Unknown(request.EventTypes) is { } problem)
        {
            return problem;
        }

        var changed = PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            ? await store.ChangeAsync(ApiKeys.MerchantOf(caller), endpointId, Apply).InTimeAsync(rules, cancel) : null;
        return Shown(context, changed, endpoint => WebhookEndpointView.Of(endpoint));

        void Apply(WebhookEndpoint endpoint)
        {
            endpoint.EventTypes = request.EventTypes is null ? endpoint.EventTypes : TypesOf(request.EventTypes);
            endpoint.Description = request.Description ?? endpoint.Description;
            endpoint.FailingSince = request.Status is EndpointStatus.Enabled ? null : endpoint.FailingSince;
            endpoint.Status = request.Status ?? endpoint.Status;
        }
    }

    /// <summary>Removes a webhook endpoint and its deliveries. What is on its way arrives.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        string id, ClaimsPrincipal caller, EndpointStore store, PayoutRules rules, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            && await store.RemoveAsync(ApiKeys.MerchantOf(caller), endpointId).InTimeAsync(rules, cancel)
            ? TypedResults.NoContent() : Problems.NotFound("webhook endpoint");

    /// <summary>Makes a new secret and shows it once.</summary>
    /// <remarks>For 24 hours both secrets sign, so that you can change yours without losing an event.</remarks>
    internal static async Task<Results<Ok<WebhookEndpointView>, ProblemHttpResult>> Rotate(
        string id,
        HttpContext context,
        ClaimsPrincipal caller,
        EndpointStore store,
        IWebhookGateway gateway,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var rotated = PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            ? await store.RotateAsync(ApiKeys.MerchantOf(caller), endpointId).InTimeAsync(rules, cancel) : null;
        return Shown(context, rotated, endpoint => WebhookEndpointView.Of(endpoint, gateway.SecretOf(endpoint)));
    }

    /// <summary>Posts an event of type endpoint.test to the endpoint, and says what it answered.</summary>
    internal static async Task<Results<Ok<WebhookTestView>, ProblemHttpResult>> Test(
        string id,
        ClaimsPrincipal caller,
        EndpointStore store,
        IWebhookGateway gateway,
        PayoutRules rules,
        CancellationToken cancel) =>
        await FindAsync(id, caller, store, rules, cancel) is { } endpoint
            ? TypedResults.Ok(WebhookTestView.Of(await gateway.TestAsync(endpoint, cancel)))
            : Problems.NotFound("webhook endpoint");

    /// <summary>Lists what was sent to an endpoint, newest event first.</summary>
    internal static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> Deliveries(
        string id,
        ClaimsPrincipal caller,
        EndpointStore store,
        PayoutRules rules,
        CancellationToken cancel,
        [Description("Only those that are pending, delivered or exhausted.")] string? status = null,
        [Description("nextCursor of the page before.")] string? cursor = null,
        [Description("1 to 200.")] int limit = DefaultLimit)
    {
        long? before = long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : null;
        if (cursor is not null && before is null)
        {
            return Problems.Invalid("cursor", "is not one we gave you");
        }

        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Invalid("limit", $"must be 1 to {MaxLimit}");
        }

        DeliveryStatus? ofStatus = null;
        if (status is not null)
        {
            if (!ApiJson.TryWord<DeliveryStatus>(status, out var wanted))
            {
                return Problems.Invalid("status", "must be one of: pending, delivered, exhausted");
            }

            ofStatus = wanted;
        }

        if (await FindAsync(id, caller, store, rules, cancel) is not { } endpoint)
        {
            return Problems.NotFound("webhook endpoint");
        }

        var rows = await store.DeliveriesAsync(endpoint.Id, ofStatus, before, limit + 1).InTimeAsync(rules, cancel);
        return TypedResults.Ok(new Page<DeliveryView>(
            [.. rows.Take(limit).Select(row => DeliveryView.Of(row.Delivery, row.Last))],
            rows.Count > limit ? rows[limit - 1].Delivery.Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static Results<Ok<WebhookEndpointView>, ProblemHttpResult> Shown(
        HttpContext context, WebhookEndpoint? endpoint, Func<WebhookEndpoint, WebhookEndpointView> view)
    {
        if (endpoint is null)
        {
            return Problems.NotFound("webhook endpoint");
        }

        ETags.Set(context, endpoint.Version);
        return TypedResults.Ok(view(endpoint));
    }

    private static async Task<WebhookEndpoint?> FindAsync(
        string id, ClaimsPrincipal caller, EndpointStore store, PayoutRules rules, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            ? await store.FindAsync(ApiKeys.MerchantOf(caller), endpointId).InTimeAsync(rules, cancel) : null;

    private static ProblemHttpResult? Unknown(IReadOnlyList<string>? types) =>
        types?.All(type => type is not null && EventCatalogue.IsKnown(type)) is false
            ? Problems.Invalid("eventTypes", "must be types of docs/events.md") : null;

    private static string[]? TypesOf(IReadOnlyList<string>? types) =>
        types is null or [] ? null : [.. types.Distinct()];
}
