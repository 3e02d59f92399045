namespace PayoutService.Storage.Payouts;

/// <summary>The number of rows of a merchant that may be claimed.</summary>
internal readonly record struct Capacity(string Merchant, int Slots);
