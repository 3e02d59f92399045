using PayoutService.Payouts;
using PayoutService.Refunds;

namespace PayoutService.Views;

/// <summary>A refund: what was asked for, what we believe about it, and when somebody looks next.</summary>
public sealed record RefundView
{
    /// <example>rfd_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>refund-2026-0001</example>
    public required string RefundReference { get; init; }

    /// <summary>The status.</summary>
    public required RefundStatus Status { get; init; }

    /// <summary>The money went back to the payer, or not, or nobody knows yet.</summary>
    public required MoneyMoved MoneyMoved { get; init; }

    /// <example>10.00</example>
    public required string Amount { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <example>USD</example>
    public required string SettleCurrency { get; init; }

    /// <summary>Pockyt's number of the payment, as you sent it or as Pockyt told it.</summary>
    /// <example>297553638301777927</example>
    public string? TransactionNo { get; init; }

    /// <summary>Your key of the payment, when you named it by this.</summary>
    /// <example>order-2026-0001</example>
    public string? Reference { get; init; }

    /// <summary>The reason why a person must look at it.</summary>
    public RefundAttention? Attention { get; init; }

    /// <summary>The time of the next check; absent when nothing is left to do.</summary>
    public DateTimeOffset? NextActionAt { get; init; }

    /// <summary>Pockyt's last answer.</summary>
    public required RefundProviderView Provider { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change; the ETag.</summary>
    /// <example>2</example>
    public required int Version { get; init; }

    internal static RefundView Of(Refund refund) => new()
    {
        Id = PublicId.Of(PublicId.Refund, refund.Id),
        RefundReference = refund.RefundReference,
        Status = refund.Status,
        MoneyMoved = refund.Status switch
        {
            RefundStatus.Succeeded => MoneyMoved.Yes,
            RefundStatus.Failed => MoneyMoved.No,
            RefundStatus.Processing => MoneyMoved.InFlight,
            _ => MoneyMoved.Unknown,
        },
        Amount = new Money(refund.AmountMinor, refund.Currency).ToString(),
        Currency = refund.Currency,
        SettleCurrency = refund.SettleCurrency,
        TransactionNo = refund.TransactionNo,
        Reference = refund.Reference,
        Attention = refund.Attention,
        NextActionAt = refund.DueAt,
        Provider = new RefundProviderView
        {
            RefundTransactionNo = refund.RefundTransactionNo,
            Status = refund.ProviderStatus,
            Code = refund.ProviderCode,
            Message = refund.ProviderMessage,
        },
        CreatedAt = refund.CreatedAt,
        UpdatedAt = refund.UpdatedAt,
        Version = refund.Version,
    };

    internal static string Link(Refund refund) => $"/v1/refunds/{PublicId.Of(PublicId.Refund, refund.Id)}";
}

/// <summary>Pockyt's last answer about a refund, in its own words.</summary>
public sealed record RefundProviderView
{
    /// <summary>Pockyt's number of the refund itself.</summary>
    /// <example>297553638301777928</example>
    public string? RefundTransactionNo { get; init; }

    /// <example>success</example>
    public string? Status { get; init; }

    /// <example>000100</example>
    public string? Code { get; init; }

    /// <example>success</example>
    public string? Message { get; init; }
}
