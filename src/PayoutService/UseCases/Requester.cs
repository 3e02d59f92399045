using PayoutService.Storage.Batches;

namespace PayoutService.UseCases;

/// <summary>The person and the key that ask for payouts.</summary>
/// <param name="Merchant">Whose payouts.</param>
/// <param name="ApiKey">The name of the API key.</param>
/// <param name="Owner">The person behind it.</param>
internal sealed record Requester(string Merchant, string ApiKey, string Owner)
{
    public static Requester Of(Batch batch) => new(batch.Merchant, batch.ApiKey, batch.Owner);
}
