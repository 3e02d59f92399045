namespace PayoutService.Payouts;

/// <summary>A statement about a payout.</summary>
/// <param name="By">Who.</param>
/// <param name="Said">What, as the end of a sentence.</param>
/// <param name="At">When.</param>
internal sealed record Statement(string By, string Said, DateTimeOffset At)
{
    /// <summary>The statements that cannot all be true, the oldest first: what was believed, and whatever was said
    /// against it since. The same said again is told once.</summary>
    /// <param name="events">The payout's history, oldest first.</param>
    public static IReadOnlyList<Statement> Contradicting(IReadOnlyList<PayoutEvent> events)
    {
        var agreed = events.LastOrDefault(one => one.Attention is not (Attention.Contradiction or Attention.Mismatch));
        List<PayoutEvent> disputes =
            [.. events.Where(one => one.Version > (agreed?.Version ?? 0) && RaisesDispute(one))];
        if (disputes is not [var first, ..])
        {
            return [];
        }

        // What was believed when it was said: whatever led to the status that it met.
        var earlier = events.LastOrDefault(
            one => one.Version < first.Version && one.To == first.From && IsStatement(one));
        return
        [
            .. new[] { earlier }.OfType<PayoutEvent>().Concat(disputes).Select(Of)
                .DistinctBy(told => (told.By, told.Said)),
        ];
    }

    private static bool RaisesDispute(PayoutEvent one) =>
        one.Kind is EventKind.Overruled or EventKind.Resolved
        || one.Detail.ContainsKey("contradiction") || one.Detail.ContainsKey("mismatch")
        || (one.Kind is EventKind.Reported && one.Detail.GetValueOrDefault("attention") is "contradiction"
            && one.Detail.GetValueOrDefault("report") is "notSeen");

    private static bool IsStatement(PayoutEvent one) =>
        one.Kind is EventKind.Accepted or EventKind.Released or EventKind.Canceled or EventKind.Resolved
            or EventKind.Reported or EventKind.Confirmed or EventKind.Claimed or EventKind.LeaseEnded
            or EventKind.Doubted or EventKind.Cleared or EventKind.Held or EventKind.Approved;

    /// <summary>A line of the history as a statement.</summary>
    public static Statement Of(PayoutEvent one) => one.Kind switch
    {
        EventKind.Overruled or EventKind.Resolved => new(
            one.Actor.Name,
            $"ruled {one.Detail.GetValueOrDefault("ruling")} ({one.Detail.GetValueOrDefault("evidence")})",
            one.At),
        EventKind.Reported or EventKind.Confirmed => new(
            WhoOf(one.Detail.GetValueOrDefault("source")), WhatOf(one.Detail), one.At),
        EventKind.Claimed or EventKind.LeaseEnded => new("this service", "sent it, or may have", one.At),
        EventKind.Raised or EventKind.Held when one.Detail.ContainsKey("replaces") => new(
            "this service", $"found that {one.Detail.GetValueOrDefault("replaces")}, which it replaces, may be paid",
            one.At),
        _ => new("this service", "had not sent it", one.At),
    };

    private static string WhoOf(string? source) => source switch
    {
        "reply" => "Pockyt's reply to the send",
        "notice" => "a notice signed as Pockyt",
        "inquiry" => "Pockyt's answer to our question",
        _ => "an operator",
    };

    private static string WhatOf(Dictionary<string, string> detail)
    {
        if (detail.GetValueOrDefault("mismatch") is { } mismatch)
        {
            return $"says other facts ({mismatch})";
        }

        var said = detail.GetValueOrDefault("report") switch
        {
            "acknowledged" => "says that Pockyt has it",
            "settled" => "says that it was paid",
            "refused" => "says that it was not executed",
            "reversed" => "says that the money came back",
            "notSeen" => "says that Pockyt does not know it",
            "postponed" => "says that it was put off",
            _ => "says nothing certain",
        };
        return detail.GetValueOrDefault("providerStatus") is { } word ? $"{said} ({word})" : said;
    }
}
