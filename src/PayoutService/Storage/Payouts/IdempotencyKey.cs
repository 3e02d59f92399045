namespace PayoutService.Storage.Payouts;

/// <summary>An Idempotency-Key of a caller: it means the payout that it first came with, for ever.</summary>
internal sealed class IdempotencyKey
{
    public required string Merchant { get; init; }

    /// <summary>The name of the API key that sent it.</summary>
    public required string ApiKey { get; init; }

    public required string Key { get; init; }

    public required Guid PayoutId { get; init; }
}
