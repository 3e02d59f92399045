using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases;

/// <summary>A delivery of an event of a payout.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Url">The endpoint it goes to.</param>
/// <param name="Last">The last attempt; null: there was none.</param>
internal sealed record DeliveryOfPayout(Delivery Delivery, string Url, DeliveryAttempt? Last);

/// <summary>Everything that happened to a payout.</summary>
/// <param name="Events">Its history, oldest first.</param>
/// <param name="Notices">Pockyt's notifications about it that were verified, oldest first.</param>
/// <param name="Calls">Our calls to Pockyt about it that are still kept, oldest first.</param>
/// <param name="Deliveries">Deliveries of its events to webhook endpoints, oldest first.</param>
internal sealed record PayoutTimeline(
    IReadOnlyList<PayoutEvent> Events,
    IReadOnlyList<Notice> Notices,
    IReadOnlyList<ProviderCall> Calls,
    IReadOnlyList<DeliveryOfPayout> Deliveries);

/// <summary>Reads a payout's timeline.</summary>
internal sealed class ReadTimeline(PayoutDb db, ExplainPayout explain)
{
    /// <summary>The newest of what is longer.</summary>
    private const int Most = 200;

    public async Task<PayoutTimeline> RunAsync(Payout payout, CancellationToken cancel)
    {
        var events = await explain.HistoryAsync(payout, cancel);
        var notices = await db.Notices.AsNoTracking().Where(row => row.PayoutId == payout.Id)
            .OrderByDescending(row => row.ReceivedAt).Take(Most).ToListAsync(cancel);
        var calls = await db.ProviderCalls.AsNoTracking().Where(row => row.PayoutId == payout.Id)
            .OrderByDescending(row => row.Id).Take(Most).ToListAsync(cancel);

        // A delivery is of a place in the feed, and that of a line of the history: all three by their indexes.
        var deliveries = await (
            from line in db.PayoutEvents
            where line.PayoutId == payout.Id
            join entry in db.FeedEntries on EF.Property<long>(line, PayoutDb.LineNo) equals entry.LineNo
            from endpoint in db.WebhookEndpoints.Where(one => one.Merchant == entry.Merchant)
            join delivery in db.Deliveries
                on new { EndpointId = endpoint.Id, entry.Sequence }
                equals new { delivery.EndpointId, delivery.Sequence }
            orderby delivery.Sequence descending
            select new { Delivery = delivery, endpoint.Url })
            .AsNoTracking().Take(Most).ToListAsync(cancel);
        var ids = deliveries.Select(row => row.Delivery.Id).ToArray();
        var attempts = await db.DeliveryAttempts.AsNoTracking().Where(row => ids.Contains(row.DeliveryId))
            .ToListAsync(cancel);
        var last = attempts.GroupBy(row => row.DeliveryId)
            .ToDictionary(group => group.Key, group => group.MaxBy(row => row.No));
        notices.Reverse();
        calls.Reverse();
        deliveries.Reverse();
        return new(
            events,
            notices,
            calls,
            [
                .. deliveries.Select(row =>
                    new DeliveryOfPayout(row.Delivery, row.Url, last.GetValueOrDefault(row.Delivery.Id))),
            ]);
    }
}
