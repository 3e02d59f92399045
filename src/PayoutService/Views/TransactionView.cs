using PayoutService.Refunds;

namespace PayoutService.Views;

/// <summary>A transaction as Pockyt describes it, in its own words. Nothing of it is kept here.</summary>
public sealed record TransactionView
{
    /// <example>297553638301777927</example>
    public string? TransactionNo { get; init; }

    /// <example>order-2026-0001</example>
    public string? Reference { get; init; }

    /// <summary>payment, refund or void.</summary>
    /// <example>payment</example>
    public string? TransactionType { get; init; }

    /// <summary>Pockyt's word: init, dealing, success, failed, pending, closed, reversed, …</summary>
    /// <example>success</example>
    public string? Status { get; init; }

    /// <example>10.00</example>
    public required string Amount { get; init; }

    /// <example>USD</example>
    public string? Currency { get; init; }

    /// <example>USD</example>
    public string? SettleCurrency { get; init; }

    internal static TransactionView Of(ProviderTransaction told) => new()
    {
        TransactionNo = told.TransactionNo,
        Reference = told.Reference,
        TransactionType = told.TransactionType,
        Status = told.Status,
        Amount = told.Amount,
        Currency = told.Currency,
        SettleCurrency = told.SettleCurrency,
    };
}
