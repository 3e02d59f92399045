namespace PayoutService.Storage;

/// <summary>How many rows of a merchant may be claimed.</summary>
internal readonly record struct Room(string Merchant, int Places);
