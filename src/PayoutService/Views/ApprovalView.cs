using PayoutService.Payouts;
using PayoutService.Storage.Holds;

namespace PayoutService.Views;

/// <summary>A payout that waits until a second person approves it.</summary>
public sealed record ApprovalView
{
    public required PayoutView Payout { get; init; }

    /// <summary>The API key that asked for it.</summary>
    /// <example>billing</example>
    public required string RequestedBy { get; init; }

    /// <summary>The person behind that key, who cannot approve it.</summary>
    /// <example>billing-team</example>
    public required string RequestedOwner { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it is canceled if nobody has decided.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How many people have to approve it.</summary>
    /// <example>1</example>
    public required int Approvers { get; init; }

    /// <summary>The API key that approved it first, of two.</summary>
    /// <example>null</example>
    public string? ApprovedBy { get; init; }

    /// <summary>You asked for it, or have approved it already, so you cannot approve it.</summary>
    /// <example>false</example>
    public required bool IsYours { get; init; }

    internal static ApprovalView Of(Payout payout, Approval approval, string owner) => new()
    {
        Payout = PayoutView.Of(payout),
        RequestedBy = approval.RequestedBy,
        RequestedOwner = approval.RequestedOwner,
        RequestedAt = payout.CreatedAt,
        ExpiresAt = payout.DueAt!.Value,
        Approvers = approval.Approvers,
        ApprovedBy = approval.FirstBy,
        IsYours = owner.Equals(approval.RequestedOwner, StringComparison.OrdinalIgnoreCase)
            || owner.Equals(approval.FirstOwner, StringComparison.OrdinalIgnoreCase),
    };
}
