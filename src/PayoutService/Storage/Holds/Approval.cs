using PayoutService.Payouts;

namespace PayoutService.Storage.Holds;

/// <summary>The request that a second person approves a payout. Its decision stands in the payout's history.</summary>
internal sealed class Approval
{
    public required Guid PayoutId { get; init; }

    public required string Merchant { get; init; }

    /// <summary>The API key that asked for the payout.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The person behind it, who cannot approve it.</summary>
    public required string RequestedOwner { get; init; }

    /// <summary>How many people have to approve it: 1 or 2.</summary>
    public required int Approvers { get; init; }

    /// <summary>What changed of payee and account after this has to be looked at again.</summary>
    public required DateTimeOffset AskedAt { get; set; }

    /// <summary>The key that approved first, of two.</summary>
    public string? FirstBy { get; set; }

    public string? FirstOwner { get; set; }

    public DateTimeOffset? FirstAt { get; set; }

    public static Approval Of(PayoutOrder order, Payout payout, int approvers, DateTimeOffset now) => new()
    {
        PayoutId = payout.Id,
        Merchant = order.Merchant,
        RequestedBy = order.ApiKey,
        RequestedOwner = order.Owner,
        Approvers = approvers,
        AskedAt = now,
    };
}
