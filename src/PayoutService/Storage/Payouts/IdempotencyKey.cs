namespace PayoutService.Storage.Payouts;

/// <summary>A caller's Idempotency-Key; it belongs permanently to the first payout created with it.</summary>
internal sealed class IdempotencyKey
{
    public required string Merchant { get; init; }

    /// <summary>The name of the API key that sent it.</summary>
    public required string ApiKey { get; init; }

    public required string Key { get; init; }

    public required Guid PayoutId { get; init; }
}
