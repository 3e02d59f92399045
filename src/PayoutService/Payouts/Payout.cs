namespace PayoutService.Payouts;

/// <summary>A request for a payout, as accepted. It never changes.</summary>
internal sealed record PayoutOrder
{
    public required string Merchant { get; init; }

    /// <summary>The payout's natural key, chosen by the caller: one payout per invoice id forever.</summary>
    public required string InvoiceId { get; init; }

    public required Guid AccountId { get; init; }

    public required Money Amount { get; init; }

    public string? Description { get; init; }

    public string? Note { get; init; }

    public string? Subject { get; init; }

    public string? ProcessingChannel { get; init; }

    public DateTimeOffset? ExecuteAt { get; init; }

    public Dictionary<string, string> Metadata { get; init; } = [];

    public Guid? Replaces { get; init; }

    /// <summary>The reason for paying again; it stands in the history.</summary>
    public string? Reason { get; init; }

    /// <summary>The batch that it belongs to. It is no part of the content: a row that repeats a payout of another
    /// batch is that payout.</summary>
    public Guid? BatchId { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>The name of the API key that asked.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The person behind that key.</summary>
    public required string Owner { get; init; }

    /// <summary>The span of the request, by which what follows is linked to it.</summary>
    public string? Traceparent { get; init; }

    /// <summary>The request's X-Request-Id, where it is a trace's.</summary>
    public Guid? TraceId { get; init; }

    /// <summary>A keyed hash per field of the request, to tell a repeat from a different request
    /// under the same key.</summary>
    public Dictionary<string, string> Content { get; init; } = [];
}

/// <summary>Whom and where a payout pays, as both were known when it was accepted.</summary>
internal sealed record PaidTo(Guid PayeeId, string CustomerNo, string AccountToken);

/// <summary>
/// One business intent to pay, one invoice id for life. A payout is a row: it moves by a report that the machine judges
/// or by one of our own verbs, and while anything is left to do <see cref="DueAt"/> says when somebody will look.
/// </summary>
internal sealed partial class Payout
{
    private Payout()
    {
    }

    public Guid Id { get; private init; }

    public string Merchant { get; private init; } = "";

    public string InvoiceId { get; private init; } = "";

    public Guid PayeeId { get; private init; }

    public Guid AccountId { get; private init; }

    public string CustomerNo { get; private init; } = "";

    public string AccountToken { get; private init; } = "";

    public long AmountMinor { get; private init; }

    public string Currency { get; private init; } = "";

    public string? Description { get; private init; }

    public string? Note { get; private init; }

    public string? Subject { get; private init; }

    public string? ProcessingChannel { get; private init; }

    public DateTimeOffset? ExecuteAt { get; private init; }

    public Dictionary<string, string> Metadata { get; private init; } = [];

    public Guid? Replaces { get; private init; }

    /// <summary>The batch that it belongs to.</summary>
    public Guid? BatchId { get; private init; }

    /// <summary>The payout that takes its place.</summary>
    public Guid? ReplacedBy { get; private set; }

    public string ApiKey { get; private init; } = "";

    public Dictionary<string, string> Content { get; private init; } = [];

    /// <summary>The span of the request that was accepted; null when it was not traced.</summary>
    public string? Traceparent { get; private init; }

    public PayoutStatus Status { get; private set; }

    public DateTimeOffset StatusSince { get; private set; }

    /// <summary>Whose report led to the status; null after a verb of ours.</summary>
    public Source? StatusSource { get; private set; }

    /// <summary>The source that confirmed a final status: inquiry or operator.</summary>
    public Source? ConfirmedBy { get; private set; }

    public HoldReason? HoldReason { get; private set; }

    /// <summary>The holds of rules that stand, by their words, with what each rule saw. None: null. While one stands it
    /// is not sent, whatever else becomes of it.</summary>
    public Dictionary<string, string>? Findings { get; private set; }

    public Attention? Attention { get; private set; }

    /// <summary>The time of the next check of this row; null only when nothing is left to do.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Concurrency token, key of the history row, and ETag.</summary>
    public int Version { get; private set; }

    /// <summary>The number of the latest claim; a reply names the claim it answers.</summary>
    public int? Claim { get; private set; }

    /// <summary>The batch that made the latest claim, by which a claim in doubt is found again.</summary>
    public Guid? ClaimedBy { get; private set; }

    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>Claims whose request may still be on its way to, or known at, Pockyt.</summary>
    public int[] OpenSends { get; private set; } = [];

    public int SendCount { get; private set; }

    public int ResendCount { get; private set; }

    /// <summary>The timestamp we sign; a re-send repeats it.</summary>
    public DateTimeOffset? SignedAt { get; private set; }

    /// <summary>Pockyt-Request-ID; a re-send repeats it.</summary>
    public Guid? RequestId { get; private set; }

    /// <summary>Pockyt has told us something that only a party which knows this payout could say.</summary>
    public bool KnownToProvider { get; private set; }

    public int NotSeenCount { get; private set; }

    public DateTimeOffset? NotSeenSince { get; private set; }

    public DateTimeOffset? AskedAt { get; private set; }

    public int HoldCount { get; private set; }

    /// <summary>Claims in a row whose request provably never left us.</summary>
    public int NotSentCount { get; private set; }

    /// <summary>The last restore of the database after which this payout was marked as possibly sent already, or was
    /// accepted.</summary>
    public long? RestoreNo { get; private set; }

    /// <summary>The API key that asked to cancel it while it is not known whether it was sent.</summary>
    public string? CancelRequestedBy { get; private set; }

    /// <summary>An operator's decision against a confirmed status. It counts when a second person says the same.
    /// </summary>
    public Ruling? Overruling { get; private set; }

    /// <summary>The name of the API key that overruled first.</summary>
    public string? OverruledBy { get; private set; }

    /// <summary>The person behind that key.</summary>
    public string? OverruledOwner { get; private set; }

    public DateTimeOffset? OverruledAt { get; private set; }

    public string? TransactionNo { get; private set; }

    public string? ProviderStatus { get; private set; }

    /// <summary>The fee that Pockyt named for the payout, in the smallest unit of its currency.</summary>
    public long? FeeMinor { get; private set; }

    /// <summary>Pockyt's time of payment; it proves nothing.</summary>
    public DateTimeOffset? PaymentTime { get; private set; }

    public string? ProviderCode { get; private set; }

    public string? ProviderMessage { get; private set; }

    /// <summary>The reason why it failed or came back.</summary>
    public FailureReason? FailureReason { get; private set; }

    /// <summary>The code with which Pockyt refused it.</summary>
    public string? FailureCode { get; private set; }

    /// <summary>Pockyt's words for why it failed or came back, as it gave them.</summary>
    public string? FailureText { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public Money Amount => new(AmountMinor, Currency);

    /// <summary>Null until Pockyt said one.</summary>
    public Money? Fee => FeeMinor is { } minor ? new Money(minor, Currency) : null;

    /// <summary>The amount less the fee; null until Pockyt named a fee.</summary>
    public Money? Net => FeeMinor is { } minor ? new Money(AmountMinor - minor, Currency) : null;

    public MoneyMoved MoneyMoved => IsPast ? MoneyMoved.Unknown : MoneyMovedIn(Status, Attention, ConfirmedBy);

    /// <summary>Whether money moved, by the status, the attention and the confirmation of a version.</summary>
    public static MoneyMoved MoneyMovedIn(PayoutStatus status, Attention? attention, Source? confirmedBy) =>
        status switch
        {
            _ when attention is Payouts.Attention.Contradiction => MoneyMoved.Unknown,
            PayoutStatus.Queued or PayoutStatus.Held or PayoutStatus.Canceled or PayoutStatus.Failed
                when attention is Payouts.Attention.Mismatch => MoneyMoved.Unknown,
            PayoutStatus.Queued or PayoutStatus.Held or PayoutStatus.Canceled => MoneyMoved.No,
            PayoutStatus.Processing => MoneyMoved.InFlight,
            PayoutStatus.Succeeded when confirmedBy is not null => MoneyMoved.Yes,
            PayoutStatus.Failed when confirmedBy is not null => MoneyMoved.No,
            PayoutStatus.Returned when confirmedBy is not null => MoneyMoved.Returned,
            _ => MoneyMoved.Unknown,
        };

    /// <summary>Another payout may take this one's place only when it is certain
    /// that this one never will pay.</summary>
    public bool MayBeReplaced => Attention is null && (Status is PayoutStatus.Canceled
        || (Status is PayoutStatus.Failed or PayoutStatus.Returned && ConfirmedBy is not null));

    /// <summary>Records the payout that takes its place; the events that follow name it.</summary>
    public void Replace(Guid by) => ReplacedBy = by;

    /// <param name="order">What the caller asked for.</param>
    /// <param name="to">Whom and where it pays.</param>
    /// <param name="id">Its id.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="sent">Why it may have been sent before this row existed; null: it was not.</param>
    /// <param name="findings">The rules that hold it.</param>
    /// <param name="rules">For how long they do.</param>
    public static (Payout Payout, PayoutEvent Accepted) Accept(
        PayoutOrder order,
        PaidTo to,
        Guid id,
        DateTimeOffset now,
        SentBefore? sent = null,
        IReadOnlyList<Finding>? findings = null,
        PayoutRules? rules = null)
    {
        var payout = new Payout
        {
            Id = id,
            Merchant = order.Merchant,
            InvoiceId = order.InvoiceId,
            PayeeId = to.PayeeId,
            AccountId = order.AccountId,
            CustomerNo = to.CustomerNo,
            AccountToken = to.AccountToken,
            AmountMinor = order.Amount.Minor,
            Currency = order.Amount.Currency,
            Description = order.Description,
            Note = order.Note,
            Subject = order.Subject,
            ProcessingChannel = order.ProcessingChannel,
            ExecuteAt = order.ExecuteAt,
            Metadata = order.Metadata,
            Replaces = order.Replaces,
            BatchId = order.BatchId,
            ApiKey = order.ApiKey,
            Content = order.Content,
            Traceparent = order.Traceparent,
            Status = PayoutStatus.Queued,
            StatusSince = now,
            DueAt = order.ExecuteAt > now ? order.ExecuteAt : now,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (findings is { Count: > 0 })
        {
            payout.BeginHeld(findings, now, rules!);
        }

        if (sent is not null)
        {
            payout.BeginUnconfirmed(sent, now);
        }

        var accepted = payout.Event(now, Actor.ApiKey(order.ApiKey), EventKind.Accepted, from: null);
        accepted.TraceId = order.TraceId;
        Tell(accepted, findings ?? []);
        if (order.Reason is not null)
        {
            accepted.Detail["reason"] = order.Reason;
        }

        return (payout, accepted);
    }
}
