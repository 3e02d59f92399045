using PayoutService.Payouts;

namespace PayoutService.Views;

/// <summary>A payout: the request, its status, and when it is checked next.</summary>
public sealed record PayoutView
{
    /// <summary>Its id; all zeros in a dry run that would create it.</summary>
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <summary>Your key; Pockyt shows it too.</summary>
    /// <example>inv-2026-0001</example>
    public required string InvoiceId { get; init; }

    /// <summary>The status.</summary>
    public required PayoutStatus Status { get; init; }

    /// <summary>Money has moved, or not, or nobody knows yet. <c>unknown</c> until a final status is
    /// confirmed.</summary>
    public required MoneyMoved MoneyMoved { get; init; }

    /// <example>500.00</example>
    public required string Amount { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string PayeeId { get; init; }

    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string AccountId { get; init; }

    public string? Description { get; init; }

    public string? Note { get; init; }

    public string? Subject { get; init; }

    public string? ProcessingChannel { get; init; }

    public DateTimeOffset? ExecuteAt { get; init; }

    /// <summary>The reason why it is held.</summary>
    public HoldReason? HoldReason { get; init; }

    /// <summary>Why it failed or came back; absent otherwise.</summary>
    public FailureView? Failure { get; init; }

    /// <summary>The rules that hold it, the one that counts first; absent when no rule does.</summary>
    public IReadOnlyList<HoldView>? Holds { get; init; }

    /// <summary>The reason why a person must look at it.</summary>
    public Attention? Attention { get; init; }

    /// <summary>The source that confirmed a final status: inquiry or operator.</summary>
    public Source? ConfirmedBy { get; init; }

    /// <summary>An operator's decision against a confirmed status. It counts once a second person confirms it.
    /// </summary>
    public OverrulingView? Overruling { get; init; }

    /// <summary>The fee that Pockyt named for this payout; absent until it said so.</summary>
    /// <example>null</example>
    public string? Fee { get; init; }

    /// <summary>The amount less the fee; absent until Pockyt said a fee.</summary>
    /// <example>null</example>
    public string? Net { get; init; }

    /// <summary>The time of the next check; absent when nothing is left to do.</summary>
    public DateTimeOffset? NextActionAt { get; init; }

    /// <summary>Pockyt's last answer.</summary>
    public required ProviderView Provider { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The payout whose place it takes.</summary>
    public string? Replaces { get; init; }

    /// <summary>The payout that takes its place.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>The batch that it belongs to.</summary>
    /// <example>null</example>
    public string? BatchId { get; init; }

    /// <summary>A caller wants to cancel it while nobody knows whether it was sent: it is canceled when Pockyt says
    /// that it does not know it.</summary>
    public bool? CancelRequested { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change; the ETag.</summary>
    /// <example>4</example>
    public required int Version { get; init; }

    /// <summary>True in the answer to a dry run: nothing was written.</summary>
    /// <example>null</example>
    public bool? DryRun { get; init; }

    /// <summary>The same in sentences; shown by GET /v1/payouts/{id} only.</summary>
    public ExplanationView? Explain { get; init; }

    internal static PayoutView Of(Payout payout) => new()
    {
        Id = PublicId.Of(PublicId.Payout, payout.Id),
        InvoiceId = payout.InvoiceId,
        Status = payout.Status,
        MoneyMoved = payout.MoneyMoved,
        Amount = payout.Amount.ToString(),
        Currency = payout.Currency,
        PayeeId = PublicId.Of(PublicId.Payee, payout.PayeeId),
        AccountId = PublicId.Of(PublicId.Account, payout.AccountId),
        Description = payout.Description,
        Note = payout.Note,
        Subject = payout.Subject,
        ProcessingChannel = payout.ProcessingChannel,
        ExecuteAt = payout.ExecuteAt,
        HoldReason = payout.HoldReason,
        Failure = FailureView.Of(payout),
        Holds = HoldView.Of(payout),
        Attention = payout.Attention,
        ConfirmedBy = payout.ConfirmedBy,
        Overruling = OverrulingView.Of(payout),
        Fee = payout.Fee?.ToString(),
        Net = payout.Net?.ToString(),
        NextActionAt = payout.DueAt,
        Provider = new ProviderView
        {
            TransactionNo = payout.TransactionNo,
            Status = payout.ProviderStatus,
            Code = payout.ProviderCode,
            Message = payout.ProviderMessage,
            PaymentTime = payout.PaymentTime,
        },
        Metadata = payout.Metadata,
        Replaces = PublicId.Of(PublicId.Payout, payout.Replaces),
        ReplacedBy = PublicId.Of(PublicId.Payout, payout.ReplacedBy),
        BatchId = PublicId.Of(PublicId.Batch, payout.BatchId),
        CancelRequested = payout is { CancelRequestedBy: not null, Status: PayoutStatus.Unconfirmed } ? true : null,
        CreatedAt = payout.CreatedAt,
        UpdatedAt = payout.UpdatedAt,
        Version = payout.Version,
    };

    internal static string Link(Payout payout) => Link(payout.Id);

    internal static string Link(Guid payoutId) => $"/v1/payouts/{PublicId.Of(PublicId.Payout, payoutId)}";
}

/// <summary>A rule that holds a payout.</summary>
public sealed record HoldView
{
    public required HoldReason Reason { get; init; }

    /// <summary>What the rule saw.</summary>
    /// <example>hr added the account 5 h before.</example>
    public required string Saw { get; init; }

    /// <summary>How it ends: <c>release</c> (scope ops), <c>approve</c> (scope approve, another person), or
    /// <c>screening</c>, by itself.</summary>
    /// <example>release</example>
    public required string EndedBy { get; init; }

    internal static IReadOnlyList<HoldView>? Of(Payout payout) => payout.Findings is not { } findings ? null :
    [
        .. HoldReasons.OfRules.Where(reason => findings.ContainsKey(Finding.Word(reason))).Select(reason => new HoldView
        {
            Reason = reason,
            Saw = findings[Finding.Word(reason)],
            EndedBy = reason.IsReleasable() ? "release" : reason is HoldReason.Approval ? "approve" : "screening",
        }),
    ];
}

/// <summary>An operator's decision against a confirmed status.</summary>
public sealed record OverrulingView
{
    /// <summary>The outcome that the operator names.</summary>
    public required Ruling Ruling { get; init; }

    /// <summary>The name of the API key that said it.</summary>
    /// <example>anna</example>
    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }

    internal static OverrulingView? Of(Payout payout) =>
        payout is { Overruling: { } ruling, OverruledBy: { } by, OverruledAt: { } at }
            ? new() { Ruling = ruling, By = by, At = at }
            : null;
}

/// <summary>Pockyt's last answer, in its own words.</summary>
public sealed record ProviderView
{
    /// <example>305588797074336092</example>
    public string? TransactionNo { get; init; }

    /// <example>success</example>
    public string? Status { get; init; }

    /// <example>000100</example>
    public string? Code { get; init; }

    /// <example>succeeded</example>
    public string? Message { get; init; }

    /// <summary>Pockyt's time of payment. It stands in answers about payouts that are not paid, so it is
    /// no proof: moneyMoved is.</summary>
    /// <example>null</example>
    public DateTimeOffset? PaymentTime { get; init; }
}
