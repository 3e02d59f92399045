namespace PayoutService.Storage;

/// <summary>A signed message from Pockyt as it was received, and what was made of it. Never changed.</summary>
internal sealed class Notice
{
    public required string Merchant { get; init; }

    /// <summary>SHA-256 of the signed text: the same notice again is the same row.</summary>
    public required byte[] Hash { get; init; }

    public required string InvoiceId { get; init; }

    /// <summary>Null when we have no such payout.</summary>
    public Guid? PayoutId { get; set; }

    /// <summary>The signed text.</summary>
    public required string Text { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}
