using PayoutService.Payouts;

namespace PayoutService.Workers;

/// <summary>A payout whose claim is committed, and the monotonic time just before the claim: wall clocks may jump.
/// </summary>
internal readonly record struct ClaimedPayout(Payout Payout, long BeforeClaim);
