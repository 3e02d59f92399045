using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.Views.Events;

/// <summary>A type of event that subscribers are told.</summary>
/// <param name="Name">As in <c>type</c>.</param>
/// <param name="Meaning">When it is published: a sentence for subscribers.</param>
internal sealed record EventType(string Name, string Meaning)
{
    /// <summary>The object that it is about.</summary>
    public Type Snapshot => Name.Split('.')[0] switch
    {
        "payout" => typeof(PayoutSnapshot),
        "payee" => typeof(PayeeSnapshot),
        "account" => typeof(AccountSnapshot),
        "refund" => typeof(RefundSnapshot),
        "payor" => typeof(PayorSnapshot),
        "sending" => typeof(SendingSnapshot),
        "balance" => typeof(BalanceSnapshot),
        "batch" => typeof(BatchSnapshot),
        _ => typeof(EndpointSnapshot),
    };
}

/// <summary>
/// Every type of event, in the order in which one change publishes several. The OpenAPI document, the AsyncAPI document
/// and docs/events.md are made of this list.
/// </summary>
internal static class EventCatalogue
{
    public static readonly IReadOnlyList<EventType> All =
    [
        new("payout.accepted", "A payout was accepted."),
        new("payout.sent", "A worker claimed it and sends it to Pockyt now."),
        new("payout.held", "It was not sent: it waits for what holdReason says."),
        new("payout.processing", "Pockyt has it."),
        new("payout.succeeded",
            "Pockyt says that it is paid. Until payout.confirmed moneyMoved is unknown: ship goods then, not now."),
        new("payout.failed", "Pockyt refused it, or says that it failed. It is certain at payout.confirmed."),
        new("payout.returned", "The money came back. It is certain at payout.confirmed."),
        new("payout.canceled", "It was canceled before it was sent."),
        new("payout.confirmed", "An inquiry or an operator confirmed the final status: moneyMoved says how it ended."),
        new("payout.unconfirmed", "A request may have reached Pockyt, and nobody knows yet. Pockyt is asked."),
        new("payout.released", "What it waited for is over, or nothing was sent: it is queued again."),
        new("payout.approval_requested", "A second person has to approve it before it is sent."),
        new("payout.approved", "A second person approved it; it is sent once nothing else holds it."),
        new("payout.blocked", "It was not approved: what it pays has changed since, and must be looked at again."),
        new("payout.rejected", "A second person refused to approve it, so it was canceled."),
        new("payout.expired", "Nobody ended the hold of a rule in time, so it was canceled."),
        new("payout.resolved", "An operator decided how it ended."),
        new("payout.contradicted", "Two statements about it cannot both be true. A person must look."),
        new("payout.attention_opened", "A person must look at it; attention says why."),
        new("payout.attention_closed", "Nobody has to look at it any more."),
        new("payout.updated", "Something else changed: Pockyt's number or status, or a wish to cancel it."),
        new("payee.created", "A payee was registered."),
        new("payee.updated", "A payee changed."),
        new("payee.active", "A payee can be paid."),
        new("payee.declined", "Pockyt declined a payee."),
        new("payee.removed", "A payee is not kept: Pockyt refused it, or it is the same as another."),
        new("account.created", "An account was added."),
        new("account.updated", "An account changed."),
        new("account.active", "An account can be paid to."),
        new("account.invalid", "Pockyt says that an account cannot be paid to."),
        new("account.removed", "An account was removed."),
        new("refund.created", "A refund was asked for."),
        new("refund.updated", "A refund changed."),
        new("refund.succeeded", "Pockyt refunded."),
        new("refund.failed", "Pockyt refused a refund."),
        new("refund.attention_opened", "A person must look at a refund; attention says why."),
        new("payor.updated", "A payor was registered or changed."),
        new("sending.paused", "Your payouts are not sent until somebody resumes sending."),
        new("sending.resumed", "Your payouts are sent again."),
        new("sending.updated", "An operator said that a restore of the database lost nothing."),
        new("balance.low", "A payout waits for your balance at Pockyt, and none of this currency did before."),
        new("balance.restored", "No payout of this currency waits for your balance any more."),
        new("batch.planned", "A batch was checked: it waits for your confirmation."),
        new("batch.finished", "Every row of a batch is accepted, refused, skipped or canceled."),
        new("endpoint.failing", "A delivery to another of your webhook endpoints failed, after one that succeeded."),
        new("endpoint.recovered", "Another of your webhook endpoints answers again."),
        new("endpoint.exhausted", "A delivery to another of your webhook endpoints was given up."),
        new("endpoint.disabled", "Another of your webhook endpoints was disabled: it was gone, or failed for days."),
    ];

    private static readonly Dictionary<string, int> PlaceOf =
        All.Select((type, at) => (type.Name, at)).ToDictionary(type => type.Name, type => type.at);

    public static bool IsKnown(string name) => PlaceOf.ContainsKey(name);

    /// <summary>The events that a line of a payout's history publishes, in the order of the list; at least one.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="before">The line of the version before.</param>
    /// <param name="isBalanceLow">True: it is the first payout that waits for the balance. False: it was the last.
    /// </param>
    public static IReadOnlyList<string> Of(PayoutEvent line, PayoutEvent? before, bool? isBalanceLow)
    {
        var (attentionBefore, confirmedBefore) = (before?.Attention, before?.ConfirmedBy);
        List<string> types = [];
        if (OfMove(line) is { } move)
        {
            types.Add(move);
        }

        if (line.Kind is EventKind.Accepted && line.To is PayoutStatus.Held)
        {
            types.Add("payout.held");
        }

        if (line.Kind is EventKind.Accepted or EventKind.Held
            && line.Detail.ContainsKey(Finding.Word(HoldReason.Approval)))
        {
            types.Add("payout.approval_requested");
        }

        if (OfDecision(line.Kind) is { } decision)
        {
            types.Add(decision);
        }

        if (line.Kind is EventKind.Resolved)
        {
            types.Add("payout.resolved");
        }

        if (line.ConfirmedBy is not null && (confirmedBefore is null || line.Kind is EventKind.Confirmed))
        {
            types.Add("payout.confirmed");
        }

        if (line.Attention is Attention.Contradiction && attentionBefore is not Attention.Contradiction)
        {
            types.Add("payout.contradicted");
        }

        if (line.Attention is not null && line.Attention != attentionBefore)
        {
            types.Add("payout.attention_opened");
        }

        if (line.Attention is null && attentionBefore is not null)
        {
            types.Add("payout.attention_closed");
        }

        if (isBalanceLow is { } isLow)
        {
            types.Add(isLow ? "balance.low" : "balance.restored");
        }

        return types is [] ? ["payout.updated"] : [.. types.OrderBy(type => PlaceOf[type])];
    }

    /// <summary>The events that a line of another history publishes.</summary>
    public static IReadOnlyList<string> Of(HistoryEntry line) => line.Kind switch
    {
        HistoryKind.Payee => [(line.What, line.From, line.To) switch
        {
            (ChangeKind.Began, _, _) => "payee.created",
            (ChangeKind.Abandoned, _, _) => "payee.removed",
            (_, not "active", "active") => "payee.active",
            (_, not "declined", "declined") => "payee.declined",
            _ => "payee.updated",
        }],
        HistoryKind.Account => [(line.What, line.From, line.To) switch
        {
            (ChangeKind.Abandoned or ChangeKind.Removed, _, _) => "account.removed",
            (ChangeKind.Began, _, _) => "account.created",
            (_, not "active", "active") => "account.active",
            (_, not "invalid", "invalid") => "account.invalid",
            (_, not "removed", "removed") => "account.removed",
            _ => "account.updated",
        }],
        HistoryKind.Refund =>
        [
            (line.What, line.From, line.To) switch
            {
                (ChangeKind.Began, _, _) => "refund.created",
                (_, not "succeeded", "succeeded") => "refund.succeeded",
                (ChangeKind.Abandoned, _, _) or (_, not "failed", "failed") => "refund.failed",
                _ => "refund.updated",
            },
            .. line.Members.ContainsKey("attention") ? Array.Empty<string>().Append("refund.attention_opened") : [],
        ],
        HistoryKind.Payor => ["payor.updated"],
        HistoryKind.Batch => line.What switch
        {
            ChangeKind.Planned => ["batch.planned"],
            ChangeKind.Finished or ChangeKind.Canceled => ["batch.finished"],
            _ => [],
        },
        HistoryKind.Endpoint => [line.What switch
        {
            ChangeKind.Failing => "endpoint.failing",
            ChangeKind.Recovered => "endpoint.recovered",
            ChangeKind.Exhausted => "endpoint.exhausted",
            _ => "endpoint.disabled",
        }],
        _ => [line.What switch
        {
            ChangeKind.Paused => "sending.paused",
            ChangeKind.Resumed => "sending.resumed",
            _ => "sending.updated",
        }],
    };

    private static string? OfDecision(EventKind kind) => kind switch
    {
        EventKind.Approved => "payout.approved",
        EventKind.ApprovalBlocked => "payout.blocked",
        EventKind.Rejected => "payout.rejected",
        EventKind.Expired => "payout.expired",
        _ => null,
    };

    private static string? OfMove(PayoutEvent line) => line.Kind switch
    {
        EventKind.Accepted => "payout.accepted",
        _ when line.To == line.From => null,
        _ => line.To switch
        {
            PayoutStatus.Queued => "payout.released",
            PayoutStatus.Submitting => "payout.sent",
            PayoutStatus.Held => "payout.held",
            PayoutStatus.Processing => "payout.processing",
            PayoutStatus.Succeeded => "payout.succeeded",
            PayoutStatus.Failed => "payout.failed",
            PayoutStatus.Returned => "payout.returned",
            PayoutStatus.Canceled => "payout.canceled",
            _ => "payout.unconfirmed",
        },
    };
}
