using PayoutService.Api.Validation;

namespace PayoutService.Api.Refunds;

/// <summary>Money to give back to somebody who paid.</summary>
public sealed record CreateRefundRequest
{
    /// <summary>Your key for this refund: one refund per key, forever, so repeating the call is always safe. Pockyt
    /// shows it too.</summary>
    /// <example>refund-2026-0001</example>
    [KeyText]
    public required string RefundReference { get; init; }

    /// <summary>Pockyt's number of the payment. Exactly one of this and reference.</summary>
    /// <example>null</example>
    [KeyText]
    public string? TransactionNo { get; init; }

    /// <summary>Your key of the payment. Exactly one of this and transactionNo.</summary>
    /// <example>order-2026-0001</example>
    [PlainText(64)]
    public string? Reference { get; init; }

    /// <summary>The amount as decimal text with at most the currency's decimals: all of it or a part.</summary>
    /// <example>10.00</example>
    public required string Amount { get; init; }

    /// <summary>ISO 4217 code of the payment.</summary>
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>The currency in which Pockyt settles with you; currency when left out.</summary>
    /// <example>USD</example>
    public string? SettleCurrency { get; init; }
}
