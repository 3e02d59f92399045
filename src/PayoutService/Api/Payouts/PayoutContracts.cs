using System.ComponentModel.DataAnnotations;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Views;

namespace PayoutService.Api.Payouts;

/// <summary>A payout to make.</summary>
public sealed record CreatePayoutRequest
{
    /// <summary>The account to pay to; its payee is paid.</summary>
    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string AccountId { get; init; }

    /// <summary>How much, as decimal text with at most the currency's decimals.</summary>
    /// <example>500.00</example>
    public required string Amount { get; init; }

    /// <summary>ISO 4217 code, or USDC. Must be the account's currency.</summary>
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>Your key for this payout: one payout per key for ever, so repeating the call is always safe. May be
    /// left out when an Idempotency-Key header is sent.</summary>
    /// <example>inv-2026-0001</example>
    [KeyText]
    public string? InvoiceId { get; init; }

    /// <summary>What the payee reads about it.</summary>
    /// <example>November invoice</example>
    [PlainText(100)]
    public string? Description { get; init; }

    /// <summary>What only you read about it.</summary>
    [PlainText(100)]
    public string? Note { get; init; }

    /// <summary>Subject of Pockyt's e-mail to the payee.</summary>
    [PlainText(100)]
    public string? Subject { get; init; }

    /// <summary>STANDARD_ACH (the default at Pockyt), SAME_DAY_ACH or REAL_TIME_PAY.</summary>
    /// <example>STANDARD_ACH</example>
    [AllowedValues("STANDARD_ACH", "SAME_DAY_ACH", "REAL_TIME_PAY", null,
        ErrorMessage = "must be STANDARD_ACH, SAME_DAY_ACH or REAL_TIME_PAY")]
    public string? ProcessingChannel { get; init; }

    /// <summary>When to send it; now when left out. Within the next year.</summary>
    /// <example>null</example>
    public DateTimeOffset? ExecuteAt { get; init; }

    /// <summary>Up to 32 texts of yours, kept and shown, never sent to Pockyt.</summary>
    [OwnText(500)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>A payout that this one replaces: one that was canceled, or that certainly never pays.</summary>
    /// <example>null</example>
    public string? Replaces { get; init; }
}

/// <summary>A payout: what was asked for, what we believe about it, and when somebody looks next.</summary>
public sealed record PayoutView
{
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <summary>Your key; Pockyt shows it too.</summary>
    /// <example>inv-2026-0001</example>
    public required string InvoiceId { get; init; }

    /// <summary>What we believe.</summary>
    public required PayoutStatus Status { get; init; }

    /// <summary>Whether money has moved. <c>unknown</c> until a final status is confirmed.</summary>
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

    /// <summary>Why it waits, when it is held.</summary>
    public HoldReason? HoldReason { get; init; }

    /// <summary>Why a human must look.</summary>
    public Attention? Attention { get; init; }

    /// <summary>Who confirmed a final status: inquiry or operator.</summary>
    public Source? ConfirmedBy { get; init; }

    /// <summary>What an operator says against what was certain. It counts once a second person says the same.</summary>
    public OverrulingView? Overruling { get; init; }

    /// <summary>What Pockyt said it takes for this payout; absent until it said so.</summary>
    /// <example>null</example>
    public string? Fee { get; init; }

    /// <summary>The amount less the fee; absent until Pockyt said a fee.</summary>
    /// <example>null</example>
    public string? Net { get; init; }

    /// <summary>When somebody looks at it next; absent when nothing is left to do.</summary>
    public DateTimeOffset? NextActionAt { get; init; }

    /// <summary>What Pockyt said last.</summary>
    public required ProviderView Provider { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public string? Replaces { get; init; }

    /// <summary>A caller wants to cancel it while nobody knows whether it was sent: it is canceled when Pockyt says
    /// that it does not know it.</summary>
    public bool? CancelRequested { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change; the ETag.</summary>
    /// <example>4</example>
    public required int Version { get; init; }

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
        Replaces = payout.Replaces is { } replaced ? PublicId.Of(PublicId.Payout, replaced) : null,
        CancelRequested = payout is { CancelRequestedBy: not null, Status: PayoutStatus.Unconfirmed } ? true : null,
        CreatedAt = payout.CreatedAt,
        UpdatedAt = payout.UpdatedAt,
        Version = payout.Version,
    };

    internal static string Link(Payout payout) => Link(payout.Id);

    internal static string Link(Guid payoutId) => $"/v1/payouts/{PublicId.Of(PublicId.Payout, payoutId)}";
}

/// <summary>What an operator says against what was certain.</summary>
public sealed record OverrulingView
{
    /// <summary>What is said to have become of the payout.</summary>
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

/// <summary>A payout in sentences.</summary>
public sealed record ExplanationView
{
    /// <summary>The cause that counts most, in a word: restored, contradiction, mismatch, blocked, notSeen, stuck,
    /// paused, behind, balance, access, payeeStatus, accountStatus, notSent, scheduled, due, submitting, perhapsSent,
    /// unconfirmed, processing, notConfirmed or ended.</summary>
    /// <example>processing</example>
    public required string Cause { get; init; }

    /// <summary>Who can do something about it.</summary>
    public required CauseOwner Owner { get; init; }

    /// <summary>Within how many seconds it should be over; absent when nothing has to be done.</summary>
    /// <example>432000</example>
    public long? TargetSeconds { get; init; }

    /// <summary>Why it is where it is.</summary>
    /// <example>Pockyt has it and has not told the outcome.</example>
    public required string Why { get; init; }

    /// <summary>What happens next.</summary>
    /// <example>Pockyt is asked, ever more seldom, until it is known.</example>
    public required string Next { get; init; }

    /// <summary>When, at the latest; absent when nothing is left to do.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>True when that time is over: see blockedBy, or somebody must look.</summary>
    /// <example>null</example>
    public bool? Overdue { get; init; }

    /// <summary>What would change it.</summary>
    /// <example>Pockyt's notice, its answer to our question.</example>
    public required string ChangedBy { get; init; }

    /// <summary>What keeps it from being sent though it is due.</summary>
    public BlockerView? BlockedBy { get; init; }

    /// <summary>The statements that cannot both be true, the older first; only while attention says so.</summary>
    public IReadOnlyList<StatementView>? Statements { get; init; }

    internal static ExplanationView Of(Explanation told) => new()
    {
        Cause = told.Cause.Word,
        Owner = told.Cause.Owner,
        TargetSeconds = (long?)told.Cause.TargetAge?.TotalSeconds,
        Why = told.Why,
        Next = told.Next,
        At = told.At,
        Overdue = told.IsOverdue ? true : null,
        ChangedBy = told.ChangedBy,
        BlockedBy = told.Blocker is { } blocker ? BlockerView.Of(blocker) : null,
        Statements = told.Statements.Count > 0 ? [.. told.Statements.Select(StatementView.Of)] : null,
    };
}

/// <summary>What keeps a payout from being sent though it is due.</summary>
public sealed record BlockerView
{
    /// <summary>pause: sending is paused; payout: an older payout waits for the balance.</summary>
    /// <example>payout</example>
    public required string Kind { get; init; }

    /// <summary>Where it can be looked at.</summary>
    /// <example>/v1/payouts/po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Link { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Who paused sending, or the invoiceId of the payout that is first in line.</summary>
    /// <example>inv-2026-0001</example>
    public required string By { get; init; }

    /// <example>The merchant's balance at Pockyt did not cover it.</example>
    public required string Reason { get; init; }

    /// <summary>How many payouts are before this one; absent for a pause.</summary>
    /// <example>1</example>
    public int? Ahead { get; init; }

    internal static BlockerView Of(Blocker blocker) => new()
    {
        Kind = blocker.Payout is null ? "pause" : "payout",
        Link = blocker.Payout is { } payout ? PayoutView.Link(payout) : "/v1/sending",
        Since = blocker.Since,
        By = blocker.By,
        Reason = blocker.Reason,
        Ahead = blocker.Ahead,
    };
}

/// <summary>What somebody said of a payout.</summary>
public sealed record StatementView
{
    /// <example>a notice signed as Pockyt</example>
    public required string By { get; init; }

    /// <example>says that it was paid (success)</example>
    public required string Said { get; init; }

    public required DateTimeOffset At { get; init; }

    internal static StatementView Of(Statement told) => new() { By = told.By, Said = told.Said, At = told.At };
}

/// <summary>What an operator found out about a payout by other means.</summary>
public sealed record ResolvePayoutRequest
{
    /// <summary>paid, notPaid or returned for what became of it; sendAgain when Pockyt certainly does not have it:
    /// Pockyt is then asked once more and, should it still not have it, the same request is sent again.</summary>
    public required Ruling Ruling { get; init; }

    /// <summary>Why you say so. Kept in the history, for ever.</summary>
    /// <example>The payee's bank shows the credit of 21 November.</example>
    [OwnText(500)]
    public required string Reason { get; init; }

    /// <summary>Where you found it out: a portal, a statement, a ticket.</summary>
    /// <example>Pockyt portal, statement of 2026-11-21, line 14</example>
    [OwnText(200)]
    public required string Evidence { get; init; }

    /// <summary>True when the ruling is against what was confirmed, or against a success. Needs If-Match. It counts
    /// once a key of another owner sends the same ruling.</summary>
    /// <example>false</example>
    public bool Overrule { get; init; }
}

/// <summary>What Pockyt said last, in its own words.</summary>
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

    /// <summary>What Pockyt calls the time of payment. It stands in answers about payouts that are not paid, so it is
    /// no proof: moneyMoved is.</summary>
    /// <example>null</example>
    public DateTimeOffset? PaymentTime { get; init; }
}

/// <summary>One line of a payout's history.</summary>
public sealed record EventView
{
    /// <summary>The payout's version after it.</summary>
    /// <example>3</example>
    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it: an API key's name, a worker, pockyt, or operator.</summary>
    /// <example>pockyt</example>
    public required string Actor { get; init; }

    /// <summary>accepted, claimed, claimedAgain, reported, confirmed, leaseEnded, released, canceled, cancelRequested,
    /// overruled, resolved, doubted or cleared.</summary>
    /// <example>reported</example>
    public required string Kind { get; init; }

    public PayoutStatus? From { get; init; }

    public PayoutStatus? To { get; init; }

    /// <summary>What was said, and by whom.</summary>
    public required IReadOnlyDictionary<string, string> Detail { get; init; }

    internal static EventView Of(PayoutEvent happened) => new()
    {
        Version = happened.Version,
        At = happened.At,
        Actor = happened.Actor,
        Kind = happened.Kind,
        From = happened.From,
        To = happened.To,
        Detail = happened.Detail,
    };
}

/// <summary>A list without pages.</summary>
public sealed record ListOf<T>(IReadOnlyList<T> Data);

/// <summary>One page of a list, newest first.</summary>
/// <param name="Data">The page.</param>
/// <param name="NextCursor">Send it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);
