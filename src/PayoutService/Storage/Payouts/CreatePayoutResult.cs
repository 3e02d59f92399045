using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <summary>The outcome that creating a payout would have.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Also">When it would be refused: what else it would be refused for.</param>
internal sealed record JudgedOrder(CreatePayoutResult Result, IReadOnlyList<CreatePayoutResult> Also);

/// <summary>The outcome of creating a payout.</summary>
internal abstract record CreatePayoutResult
{
    /// <summary>Accepted and durable.</summary>
    internal sealed record Created(Payout Payout) : CreatePayoutResult;

    /// <summary>The same request again: this is the one payout it made.</summary>
    internal sealed record Replayed(Payout Payout) : CreatePayoutResult;

    /// <summary>The invoice id belongs to a payout with other content.</summary>
    internal sealed record Differs(Payout Payout, string[] Fields) : CreatePayoutResult;

    /// <summary>The idempotency key means a payout with another invoice id.</summary>
    internal sealed record KeyInUse(Payout Payout) : CreatePayoutResult;

    /// <summary>Pockyt takes fewer decimals of the currency than the amount has.</summary>
    internal sealed record TooManyDecimals(int Decimals, string Currency) : CreatePayoutResult;

    internal sealed record AccountNotFound : CreatePayoutResult;

    internal sealed record AccountNotUsable(AccountStatus Status) : CreatePayoutResult;

    internal sealed record PayeeNotActive(PayeeStatus Status) : CreatePayoutResult;

    /// <summary>It would exceed an amount that the settings allow.</summary>
    internal sealed record LimitExceeded(Exceeded Limit) : CreatePayoutResult;

    internal sealed record CurrencyDiffers(string AccountCurrency) : CreatePayoutResult;

    internal sealed record ReplacedNotFound : CreatePayoutResult;

    internal sealed record NotReplaceable(Payout Replaced) : CreatePayoutResult;

    /// <summary>It is to pay other than what it replaces.</summary>
    internal sealed record ReplacementDiffers(string[] Fields) : CreatePayoutResult;

    internal sealed record AlreadyReplaced : CreatePayoutResult;

    /// <summary>The database may have lost something, and whether the replaced one was sent.</summary>
    internal sealed record Restored : CreatePayoutResult;
}
