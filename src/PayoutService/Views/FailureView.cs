using PayoutService.Payouts;

namespace PayoutService.Views;

/// <summary>Why a payout failed or came back, and who acts next.</summary>
public sealed record FailureView
{
    /// <summary>The reason.</summary>
    public required FailureReason Reason { get; init; }

    /// <summary>The reason in a sentence, and what to do.</summary>
    /// <example>The money came back. Check the account with the payee, then pay again.</example>
    public required string Message { get; init; }

    /// <summary>The party that acts next.</summary>
    public required FailureActor ActBy { get; init; }

    /// <summary>True when the same payment, to the same account, may succeed without a correction.</summary>
    /// <example>false</example>
    public required bool Repeatable { get; init; }

    /// <summary>The code with which Pockyt refused the request.</summary>
    /// <example>null</example>
    public string? ProviderCode { get; init; }

    /// <summary>Pockyt's own words for it: the message of its refusal, or its status word.</summary>
    /// <example>returned</example>
    public string? ProviderText { get; init; }

    internal static FailureView? Of(Payout payout) =>
        payout.Status is PayoutStatus.Failed or PayoutStatus.Returned
            ? Of(payout.FailureReason) with { ProviderCode = payout.FailureCode, ProviderText = payout.FailureText }
            : null;

    /// <summary>The view of a reason; a payout that ended before reasons were kept has none.</summary>
    internal static FailureView Of(FailureReason? reason)
    {
        var failure = Failure.All[reason ?? FailureReason.Unknown];
        return new()
        {
            Reason = failure.Reason,
            Message = failure.Message,
            ActBy = failure.ActBy,
            Repeatable = failure.Repeatable,
        };
    }
}
