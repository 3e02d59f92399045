namespace PayoutService.Storage.Payouts;

/// <summary>How many rows of a merchant may be claimed.</summary>
internal readonly record struct Capacity(string Merchant, int Slots);
