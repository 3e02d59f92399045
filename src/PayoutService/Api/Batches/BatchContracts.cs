using PayoutService.Api.Payouts;
using PayoutService.Api.Validation;
using PayoutService.Payouts;

namespace PayoutService.Api.Batches;

/// <summary>A batch to make: payouts, or what is paid again.</summary>
public sealed record CreateBatchRequest
{
    /// <summary>1 to 10,000 payouts, each as POST /v1/payouts takes it. Each needs an invoiceId.</summary>
    public IReadOnlyList<CreatePayoutRequest>? Payouts { get; init; }

    /// <summary>Instead of payouts: pays again what failed or came back for certain and has no replacement.</summary>
    public BatchPayAgainRequest? PayAgain { get; init; }
}

/// <summary>The payouts that a batch pays again: 10,000 at most, the oldest first.</summary>
public sealed record BatchPayAgainRequest
{
    /// <summary>The reason. It stays in the history of each payout.</summary>
    /// <example>The bank closed on the day of the payroll.</example>
    [OwnText(500)]
    public required string Reason { get; init; }

    /// <summary>Only payouts that were created from then on.</summary>
    public required DateTimeOffset CreatedFrom { get; init; }

    /// <summary>Only payouts that were created before.</summary>
    public required DateTimeOffset CreatedTo { get; init; }

    /// <summary>Only payouts that failed for this reason.</summary>
    /// <example>returned</example>
    public FailureReason? FailureReason { get; init; }
}

/// <summary>Confirms that a batch is paid.</summary>
public sealed record ConfirmBatchRequest
{
    /// <summary>The sum of each currency, as the batch has them in totals.</summary>
    /// <example>{"USD": "24.00"}</example>
    [OwnText(40)]
    public required IReadOnlyDictionary<string, string> Totals { get; init; }
}
