using PayoutService.Payouts;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;
using PayoutService.UseCases;

namespace PayoutService.Ops.Payouts;

/// <summary>One card of a payout's timeline.</summary>
/// <param name="Kind">event, call, notice or delivery.</param>
/// <param name="At">When it happened.</param>
/// <param name="Title">What happened.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="From">The status before it; null: the status did not change.</param>
/// <param name="To">The status after it; null: the status did not change.</param>
/// <param name="Details">What was reported.</param>
/// <param name="After">What was waited for until then; null: nothing to speak of.</param>
/// <param name="Gap">The time since the card before it; null: it is the first.</param>
public sealed record TimelineItem(
    string Kind,
    DateTimeOffset At,
    string Title,
    string Actor,
    string? From,
    string? To,
    IReadOnlyList<(string Name, string Value)> Details,
    TimelineWait? After = null,
    TimeSpan? Gap = null)
{
    /// <summary>The timeline of a payout, newest first.</summary>
    internal static IReadOnlyList<TimelineItem> Of(
        Payout payout, Explanation told, PayoutTimeline all, DateTimeOffset now)
    {
        var events = all.Events.Select((one, at) =>
            Of(one) with { After = at == 0 ? null : Between(payout, all.Events[at - 1], one) });
        List<TimelineItem> items =
        [
            .. events,
            .. all.Notices.Select(one => new TimelineItem(
                "notice", one.ReceivedAt, "A notification came; its signature is right.", "pockyt", null, null,
                [("sha256", Convert.ToHexStringLower(one.Hash)[..16])])),
            .. all.Calls.Select(Of),
            .. all.Deliveries.Select(Of),
        ];

        // Of one instant, the later one first too.
        items.Reverse();
        items = [.. items.OrderByDescending(item => item.At)];
        for (var at = 0; at + 1 < items.Count; at++)
        {
            items[at] = items[at] with { Gap = items[at].At - items[at + 1].At };
        }

        if (payout.DueAt is not null && all.Events is [.., var last]
            && Wait(told.Cause, Later(Start(payout, last), told.Blocker?.Since), now, isOver: false) is { } wait)
        {
            items.Insert(0, new("now", now, "It is waiting.", "", null, null, [], wait));
        }

        return items;
    }

    private static TimelineItem Of(PayoutEvent one) => new(
        "event",
        one.At,
        TitleOf(one),
        one.Actor.Name,
        one.From == one.To || one.From is null ? null : Words.Word(one.From.Value),
        one.From == one.To || one.To is null ? null : Words.Word(one.To.Value),
        [.. one.Detail.Select(member => (member.Key, member.Value))]);

    private static TimelineItem Of(ProviderCall one) => new(
        "call",
        one.At,
        one.Outcome switch
        {
            CallOutcome.Answered => "We called Pockyt, and it answered.",
            CallOutcome.NotSent => "We called Pockyt, and nothing left us.",
            _ => "We called Pockyt, and no answer told what it did.",
        },
        one.Operation,
        null,
        null,
        [
            ("result", one.Result),
            ("latency", $"{one.LatencyMs} ms"),
            .. one.RequestId is { } id ? [("Pockyt-Request-ID", $"{id}")] : Array.Empty<(string, string)>(),
        ]);

    private static TimelineItem Of(DeliveryOfPayout one) => new(
        "delivery",
        one.Last?.At ?? one.Delivery.CreatedAt,
        one.Delivery.Status switch
        {
            DeliveryStatus.Delivered => $"{one.Delivery.Type} was delivered.",
            DeliveryStatus.Exhausted => $"{one.Delivery.Type} was given up.",
            _ when one.Last is null => $"{one.Delivery.Type} waits for an earlier event.",
            _ => $"{one.Delivery.Type} was not delivered; it is tried again.",
        },
        one.Url,
        null,
        null,
        one.Last is not { } last ? [] :
        [
            ("attempts", Words.Number(one.Delivery.Attempts)),
            ("answer", last.Error ?? $"{last.StatusCode}, {last.LatencyMs} ms"),
        ]);

    private static TimelineWait? Between(Payout payout, PayoutEvent before, PayoutEvent after)
    {
        var facts = new CauseFacts(
            before.To ?? PayoutStatus.Queued, before.HoldReason, before.Attention, IsSentBefore: false,
            IsScheduled: false, IsPerhapsSent: false, before.ConfirmedBy is not null, LacksApprover: false);
        return Wait(Cause.Of(facts, blocker: null), Start(payout, before), after.At, isOver: true);
    }

    /// <summary>A wait that is worth a bar: longer than it should be.</summary>
    private static TimelineWait? Wait(Cause cause, DateTimeOffset since, DateTimeOffset until, bool isOver) =>
        cause.TargetAge is { } target && until - since > target
            ? new(cause.Word, Words.Lasting(until - since), Words.Lasting(target), isOver) : null;

    /// <summary>When the wait after a line began: what is to be sent later waits for nothing before.</summary>
    private static DateTimeOffset Start(Payout payout, PayoutEvent line) =>
        line.To is PayoutStatus.Queued ? Later(line.At, payout.ExecuteAt) : line.At;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) =>
        other > one ? other.Value : one;

    private static string TitleOf(PayoutEvent one) => one.Kind switch
    {
        EventKind.Accepted => "It was accepted.",
        EventKind.Claimed => "A worker claimed it for sending.",
        EventKind.ClaimedAgain => "A worker claimed it to repeat the same request.",
        EventKind.Reported or EventKind.Confirmed => Statement.Of(one) is var told
            ? $"{char.ToUpperInvariant(told.By[0])}{told.By[1..]} {told.Said}." : "",
        EventKind.LeaseEnded => "The worker that claimed it did not report back.",
        EventKind.Released => "What it waited for is over.",
        EventKind.Canceled => "It was canceled before it was sent.",
        EventKind.CancelRequested => "Somebody asked to cancel it while it is not known whether it was sent.",
        EventKind.Overruled => $"{one.Actor.Name} ruled {one.Detail.GetValueOrDefault("ruling")} against a confirmed "
            + "status; a second person must say the same.",
        EventKind.Resolved => $"{one.Actor.Name} ruled {one.Detail.GetValueOrDefault("ruling")}.",
        EventKind.Doubted => "The database may have lost that it was sent.",
        EventKind.Cleared => "A doubt about it ended.",
        _ => $"Attention {one.Detail.GetValueOrDefault("attention")} was raised.",
    };
}

/// <summary>A wait that was, or is, longer than it should be.</summary>
/// <param name="Cause">What was waited for, in the word of the cause.</param>
/// <param name="Lasted">How long.</param>
/// <param name="Target">How long it should last at most.</param>
/// <param name="IsOver">It is over.</param>
public sealed record TimelineWait(string Cause, string Lasted, string Target, bool IsOver);
