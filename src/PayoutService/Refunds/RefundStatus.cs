namespace PayoutService.Refunds;

/// <summary>The status of a refund.</summary>
public enum RefundStatus
{
    /// <summary>Written down, and its one request may be on the wire.</summary>
    Submitting,

    /// <summary>Its one request may have reached Pockyt and we do not know: asked about, never sent again.</summary>
    Unconfirmed,

    /// <summary>Pockyt has it; the outcome is open.</summary>
    Processing,

    /// <summary>The money went back to the payer.</summary>
    Succeeded,

    /// <summary>Pockyt says that it failed: the money did not go back.</summary>
    Failed,
}

/// <summary>The reason why a person must look at a refund, the least pressing first.
/// A lower one never overwrites a higher.</summary>
public enum RefundAttention
{
    /// <summary>It has been open for longer than it should be.</summary>
    Slow,

    /// <summary>Sent, and Pockyt says again and again that it does not know it.</summary>
    NotSeen,

    /// <summary>Somebody told us facts that differ from our row, or from what we were told before.</summary>
    Mismatch,
}
