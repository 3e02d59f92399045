using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Views;
using PayoutService.Views.Events;

namespace PayoutService.Api.Events;

/// <summary>A part of your feed, oldest first.</summary>
/// <param name="Data">The events.</param>
/// <param name="NextCursor">Send it as <c>after</c> to go on behind them. Always there.</param>
public sealed record EventPage(IReadOnlyList<PublishedEvent> Data, string NextCursor);

/// <summary>What happens to a merchant's payouts and all else, as a feed.</summary>
internal static class EventEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int MaxWait = 30;
    private const string Latest = "latest";

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        var events = api.MapGroup("/v1/events").WithTags("Events").RequireAuthorization(Scopes.ReadEvents);
        events.MapGet("/", Read).WithName("listEvents")
            .ProducesProblem(400).ProducesProblem(410).ProducesProblem(503);
        events.MapGet("/{id}", Get).WithName("getEvent").ProducesProblem(404);
    }

    /// <summary>Reads your feed, oldest first.</summary>
    /// <remarks>
    /// Everything that happens to your payouts, payees, accounts, refunds and payors, and to your sending, in one order
    /// that never changes; of one payout in the order of its versions. Read it in a loop: handle data, keep nextCursor
    /// in the same transaction, and send it as after. An event may come to you twice when you fail between the two:
    /// its id is the same. With wait the answer is held until there is something.
    /// </remarks>
    internal static async Task<Results<Ok<EventPage>, ProblemHttpResult>> Read(
        ClaimsPrincipal caller,
        FeedReader feed,
        WakeUps wakeUps,
        PayoutRules rules,
        TimeProvider clock,
        IHostApplicationLifetime lifetime,
        CancellationToken cancel,
        [Description("nextCursor of the part before; latest: from now on. Absent: from the oldest that is kept.")]
        string? after = null,
        [Description("1 to 1000.")] int limit = DefaultLimit,
        [Description("Only events of this type, such as payout.confirmed; several with commas.")] string? type = null,
        [Description("Only events of this payout.")] string? payoutId = null,
        [Description("The seconds to wait for an event when there is none: 0 to 30.")] int wait = 0)
    {
        var types = type?.Split(',');
        if (Problem(after, limit, types, payoutId, wait) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var merchant = ApiKeys.MerchantOf(caller);
        var bounds = await feed.BoundsAsync(merchant).InTimeAsync(rules, cancel);
        var cursor = after is null ? bounds.Oldest - 1
            : after is Latest ? bounds.Newest
            : long.Parse(after, CultureInfo.InvariantCulture);
        if (cursor < bounds.Oldest - 1)
        {
            return Problems.CursorExpired(bounds.Oldest - 1);
        }

        if (cursor > bounds.Newest)
        {
            return Problems.Invalid("after", "is not one that we gave you");
        }

        Guid? payout = PublicId.TryParse(PublicId.Payout, payoutId, out var id) ? id : null;
        var began = clock.GetTimestamp();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        while (true)
        {
            var (told, next) = await feed.ReadAsync(new(merchant, cursor, limit, types, payout))
                .InTimeAsync(rules, cancel);
            var left = TimeSpan.FromSeconds(wait) - clock.GetElapsedTime(began);
            if (told.Count > 0 || left <= TimeSpan.Zero || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return TypedResults.Ok(new EventPage(
                    [.. told.Select(PublishedEvent.Of)], next.ToString(CultureInfo.InvariantCulture)));
            }

            cursor = next;
            var wake = wakeUps.Feeds.WaitAsync(
                left < rules.PollInterval ? left : rules.PollInterval, clock, waiting.Token);

            // When the service stops, the next round answers with what there is.
            await wake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Shows one event.</summary>
    internal static async Task<Results<Ok<PublishedEvent>, ProblemHttpResult>> Get(
        string id, ClaimsPrincipal caller, FeedReader feed, PayoutRules rules, CancellationToken cancel)
    {
        if (!PublishedEventId.TryParse(id, out var parsed))
        {
            return Problems.NotFound("event");
        }

        var told = await feed.FindAsync(
            ApiKeys.MerchantOf(caller), parsed.Kind, parsed.ObjectId, parsed.Version, parsed.Part)
            .InTimeAsync(rules, cancel);
        return told is not null && PublishedEventId.Of(told) == id
            ? TypedResults.Ok(PublishedEvent.Of(told)) : Problems.NotFound("event");
    }

    private static (string Field, string Reason)? Problem(
        string? after, int limit, string[]? types, string? payoutId, int wait) =>
        after is not (null or Latest)
            && !(long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor)
                && cursor.ToString(CultureInfo.InvariantCulture) == after) ? ("after", "is not one that we gave you")
        : limit is < 1 or > MaxLimit ? ("limit", $"must be 1 to {MaxLimit}")
        : types?.FirstOrDefault(one => !EventCatalogue.IsKnown(one)) is not null
            ? ("type", "must be types of docs/events.md, with commas between them")
        : payoutId is not null && !PublicId.TryParse(PublicId.Payout, payoutId, out _)
            ? ("payoutId", "must be an id of a payout, such as po_01jh9m4c5d7f9h1k3m5p7r9t1v")
        : wait is < 0 or > MaxWait ? ("wait", $"must be 0 to {MaxWait} seconds")
        : null;
}
