using PayoutService.Payouts;

namespace PayoutService.Refunds;

/// <summary>The kinds of reports about a refund.</summary>
internal enum RefundReportKind
{
    /// <summary>The money went back.</summary>
    Settled,

    /// <summary>Pockyt has it, and says that it failed.</summary>
    Declined,

    /// <summary>Pockyt has it; the outcome is open.</summary>
    Acknowledged,

    /// <summary>The request was certainly not executed; the caller can correct it.</summary>
    Refused,

    /// <summary>Provably no byte of the request's body left us.</summary>
    NotSent,

    /// <summary>A question does not find it.</summary>
    NotSeen,

    /// <summary>Everything else: it may or may not have happened.</summary>
    Unclear,
}

/// <summary>What Pockyt said about a refund, in answer to its request or to a question.</summary>
/// <param name="Kind">What was said.</param>
internal sealed record RefundReport(RefundReportKind Kind)
{
    /// <summary>Facts that differ from our row, in words; such a report proves only that a human must look.</summary>
    public string? Mismatch { get; init; }

    /// <summary>Pockyt's number of the refund.</summary>
    public string? RefundTransactionNo { get; init; }

    /// <summary>Pockyt's number of the transaction that is refunded.</summary>
    public string? TransactionNo { get; init; }

    public string? ProviderStatus { get; init; }

    public string? Code { get; init; }

    public string? Message { get; init; }
}

/// <summary>A payment, refund or void as Pockyt describes it, in its own words.</summary>
internal sealed record ProviderTransaction(
    string? TransactionNo,
    string? Reference,
    string? TransactionType,
    string? Status,
    string Amount,
    string? Currency,
    string? SettleCurrency);

/// <summary>Sends refunds and asks about them. Whatever happens on the wire comes back as a report, never as an
/// exception.</summary>
internal interface IRefundGateway
{
    /// <summary>The longest time that one call may take; a refund is not sent unless its lease covers it.</summary>
    TimeSpan Timeout { get; }

    /// <summary>The number of calls that may be begun now: 0 while the provider does not answer.</summary>
    int FreeSlots { get; }

    /// <summary>Sends a refund. Only ever called once for each.</summary>
    Task<RefundReport> SendAsync(Refund refund, CancellationToken cancel);

    /// <summary>Asks what became of a refund. The answer never refuses.</summary>
    Task<RefundReport> InquireAsync(Refund refund, CancellationToken cancel);

    /// <summary>Looks up a transaction by exactly one of its number and its reference.</summary>
    Task<ProviderAnswer<ProviderTransaction>> FindAsync(
        string merchant, string? transactionNo, string? reference, CancellationToken cancel);
}
