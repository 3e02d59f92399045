using PayoutService.Payouts;
using PayoutService.Storage.Calls;

namespace PayoutService.Storage.Reports;

/// <summary>The payouts of a merchant that were accepted on one day and are alike now, as far as they are counted.
/// </summary>
internal sealed class PayoutCount
{
    public required string Merchant { get; init; }

    /// <summary>The day in UTC on which they were accepted.</summary>
    public required DateOnly Day { get; init; }

    public required string Currency { get; init; }

    /// <summary>The type of the account that they pay to.</summary>
    public required string Rail { get; init; }

    public required PayoutStatus Status { get; init; }

    public required MoneyMoved MoneyMoved { get; init; }

    public long Count { get; init; }

    /// <summary>The sum of their amounts, in the smallest unit of the currency.</summary>
    public decimal AmountMinor { get; init; }

    /// <summary>The number of those for which Pockyt named a fee.</summary>
    public long FeeCount { get; init; }

    /// <summary>The sum of those fees, in the smallest unit of the currency.</summary>
    public decimal FeeMinor { get; init; }
}

/// <summary>Confirmations of a final status: of payouts of one merchant that were accepted on one day, and took about
/// as long.</summary>
internal sealed class PayoutTime
{
    public required string Merchant { get; init; }

    /// <summary>The day in UTC on which the payouts were accepted.</summary>
    public required DateOnly Day { get; init; }

    public required string Currency { get; init; }

    /// <summary>The type of the account that they pay to.</summary>
    public required string Rail { get; init; }

    /// <summary>The status that was confirmed.</summary>
    public required PayoutStatus Status { get; init; }

    /// <summary>How long it took: see <see cref="TimeBuckets"/>.</summary>
    public required short Bucket { get; init; }

    public long Count { get; init; }
}

/// <summary>Calls to Pockyt for a merchant on one day that ended alike and took about as long.</summary>
internal sealed class CallCount
{
    public required string Merchant { get; init; }

    /// <summary>The day in UTC of the calls.</summary>
    public required DateOnly Day { get; init; }

    public required CallOutcome Outcome { get; init; }

    /// <summary>How long they took: see <see cref="TimeBuckets"/>.</summary>
    public required short Bucket { get; init; }

    public long Count { get; init; }
}

/// <summary>Requests to a webhook endpoint on one day that ended alike.</summary>
internal sealed class DeliveryCount
{
    public required Guid EndpointId { get; init; }

    /// <summary>The day in UTC of the requests.</summary>
    public required DateOnly Day { get; init; }

    public required DeliveryOutcome Outcome { get; init; }

    public long Count { get; init; }
}

/// <summary>How a request to a webhook endpoint ended.</summary>
public enum DeliveryOutcome
{
    /// <summary>The endpoint took the event.</summary>
    Delivered,

    /// <summary>It did not, and is tried again.</summary>
    Failed,

    /// <summary>It did not, and the event was given up.</summary>
    Exhausted,
}
