using System.Globalization;
using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Storage.Operators;
using PayoutService.Views;
using PayoutService.Views.Csv;
using PayoutService.Views.Events;

namespace PayoutService.Ops.Sending;

/// <summary>What a webhook endpoint got.</summary>
public sealed record EndpointModel(
    WebhookEndpointView Endpoint, IReadOnlyList<DeliveryView> Deliveries, string? Status, string? Next);

/// <summary>Deliveries to subscribers.</summary>
internal static class DeliveryPages
{
    private const int PageSize = 50;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/deliveries", ListAsync).WithName("opsDeliveries");
        ops.MapGet("/deliveries.csv", DownloadAsync).WithName("opsDeliveriesCsv");
        ops.MapGet("/deliveries/{id}/resend", ConfirmAsync).WithName("opsConfirmResend");
        ops.MapPost("/deliveries/{id}/resend", ResendAsync).WithName("opsResend")
            .RequireAuthorization(OpsSessions.Act);
    }

    private static async Task<IResult> ListAsync(
        Session session,
        HttpContext context,
        EndpointStore store,
        FeedReader feeds,
        PayoutRules rules,
        CancellationToken cancel,
        string? endpoint = null,
        string? status = null,
        string? before = null)
    {
        var feed = await feeds.BoundsAsync(session.Merchant).InTimeAsync(rules, cancel);
        var endpoints = await store.AllAsync(session.Merchant).InTimeAsync(rules, cancel);
        EndpointModel? shown = null;
        if (endpoints.Find(one => PublicId.Of(PublicId.Endpoint, one.Id) == endpoint) is { } chosen)
        {
            var wanted = Words.Read<DeliveryStatus>(status);
            long? last = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : null;
            var rows = await store.DeliveriesAsync(chosen.Id, wanted, last, PageSize + 1).InTimeAsync(rules, cancel);
            shown = new(
                WebhookEndpointView.Of(chosen, newest: feed.Newest),
                [.. rows.Take(PageSize).Select(row => DeliveryView.Of(row.Delivery, row.Last))],
                wanted is null ? null : status,
                rows.Count <= PageSize ? null : session.At(
                    $"/ops/deliveries?endpoint={endpoint}&status={status}"
                    + $"&before={rows[PageSize - 1].Delivery.Sequence}"));
        }

        return Pages.Show<DeliveriesPage>(
            session,
            context,
            ("Endpoints", endpoints.Select(one => WebhookEndpointView.Of(one, newest: feed.Newest)).ToList()),
            ("Shown", shown));
    }

    /// <summary>Sends all deliveries to an endpoint.</summary>
    private static async Task<IResult> DownloadAsync(
        Session session,
        HttpContext context,
        EndpointStore store,
        Searches searches,
        PayoutRules rules,
        CancellationToken cancel,
        string? endpoint = null,
        string? status = null)
    {
        var endpoints = await store.AllAsync(session.Merchant).InTimeAsync(rules, cancel);
        if (endpoints.Find(one => PublicId.Of(PublicId.Endpoint, one.Id) == endpoint) is not { } chosen)
        {
            return Pages.NotFound(context, "endpoint");
        }

        var deliveries = searches.AllAsync<DeliveryView>(
            async last =>
            {
                var part = await store.DeliveriesAsync(
                    chosen.Id, Words.Read<DeliveryStatus>(status), last?.Sequence, Searches.PartSize);
                return [.. part.Select(row => DeliveryView.Of(row.Delivery, row.Last))];
            },
            cancel);
        return Downloads.Send(
            session, "deliveries", ListLines.DeliveryHeader, ListLines.Of(chosen.Url, deliveries, cancel), cancel);
    }

    private static async Task<IResult> ConfirmAsync(
        string id,
        Session session,
        HttpContext context,
        EndpointStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var delivery = await FindAsync(id, session, store).InTimeAsync(rules, cancel);
        return delivery is null ? Pages.NotFound(context, "delivery")
            : Confirm(delivery, session, context, error: null, reason: null);
    }

    private static async Task<IResult> ResendAsync(
        string id,
        Session session,
        HttpContext context,
        EndpointStore store,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (await FindAsync(id, session, store).InTimeAsync(rules, cancel) is not { } delivery)
        {
            return Pages.NotFound(context, "delivery");
        }

        var form = await context.Request.ReadFormAsync(cancel);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null)
        {
            return Confirm(delivery, session, context, problem, reason);
        }

        if (form["version"] != VersionOf(delivery))
        {
            return Answer(session, context, isDone: false, "It changed meanwhile.",
                "Nothing was done: the endpoint was tried again after you saw it. Look at the delivery again first.");
        }

        await log.WriteAsync(session.Merchant, session.Actor, OperatorAction.Resent, id, reason)
            .InTimeAsync(rules, cancel);
        await store.ResendAsync(session.Merchant, delivery.Id).InTimeAsync(rules, cancel);
        return Answer(session, context, isDone: true, "It is sent again.",
            "The same event, with the same id, is due now. What the endpoint answers stands in the list.");
    }

    private static IResult Confirm(
        Delivery delivery, Session session, HttpContext context, string? error, string? reason) =>
        session.MayAct ? Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", "Send this event again?"),
            ("Consequences", (string[])[
                $"Event {Words.Number(delivery.Sequence)}, {delivery.Type}, now {Words.Word(delivery.Status)}.",
                "The endpoint gets the same event with the same id once more. No money moves by it."]),
            ("Button", "Send it again"),
            ("Back", session.At("/ops/deliveries")),
            ("Version", VersionOf(delivery)),
            ("Error", error),
            ("Reason", reason))
        : Answer(session, context, isDone: false, "That is not possible now.",
            Session.WatchesOnly);

    private static string VersionOf(Delivery delivery) => $"{delivery.Attempts},{Words.Word(delivery.Status)}";

    private static Task<Delivery?> FindAsync(string id, Session session, EndpointStore store) =>
        PublicId.TryParse(PublicId.Delivery, id, out var deliveryId)
            ? store.FindDeliveryAsync(session.Merchant, deliveryId) : Task.FromResult<Delivery?>(null);

    private static IResult Answer(
        Session session, HttpContext context, bool isDone, string title, string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (session.At("/ops/deliveries"), "To deliveries"));
}
