namespace PayoutService.Payouts;

/// <summary>A rule holds a payout.</summary>
/// <param name="Reason">The rule.</param>
/// <param name="Saw">What it saw: a sentence.</param>
internal sealed record Finding(HoldReason Reason, string Saw)
{
    /// <summary>The rule's word, as answers have it.</summary>
    public static string Word(HoldReason reason) => Payout.Camel(reason.ToString());
}

/// <summary>An amount that a payout would exceed.</summary>
/// <param name="Limit">The setting, for example <c>PayeeDay</c>.</param>
/// <param name="Max">The most that it allows.</param>
/// <param name="Before">What of it was used before.</param>
internal sealed record Exceeded(string Limit, Money Max, Money Before);

/// <summary>The verdict of the rules: refused, or accepted and held when anything was found.</summary>
/// <param name="Exceeded">The limit that refuses it.</param>
/// <param name="Findings">The rules that hold it.</param>
/// <param name="Approvers">How many people have to approve it.</param>
internal sealed record Judgement(Exceeded? Exceeded, IReadOnlyList<Finding> Findings, int Approvers)
{
    public static readonly Judgement Passed = new(null, [], 0);
}

/// <summary>The part of the past that the rules of a merchant look at.</summary>
/// <param name="LookBack">For how long they look back at payouts to the payee.</param>
/// <param name="NewWithin">For how long what was added or changed may count as new.</param>
/// <param name="SumsPayeeDay">They add up what a payee gets on a day.</param>
/// <param name="SumsMerchantDay">They add up what the merchant pays on a day.</param>
internal sealed record NeededFacts(
    TimeSpan LookBack, TimeSpan NewWithin, bool SumsPayeeDay, bool SumsMerchantDay);

/// <summary>A payout to a payee that counts: one that was not canceled, and did not fail or come back.</summary>
/// <param name="AccountId">Where it pays.</param>
/// <param name="Amount">How much.</param>
/// <param name="At">When it is sent at the earliest.</param>
/// <param name="InvoiceId">Its key.</param>
internal sealed record EarlierPayout(Guid AccountId, Money Amount, DateTimeOffset At, string InvoiceId);

/// <summary>What is known of payee and account when a payout is judged.</summary>
internal sealed record PayoutFacts
{
    public required Guid PayeeId { get; init; }

    public required DateTimeOffset AccountAddedAt { get; init; }

    /// <summary>The API key that added the account, or a name of ours; null when it was long ago.</summary>
    public string? AccountAddedBy { get; init; }

    /// <summary>The last change of the payee's details by a caller; null: none, or long ago.</summary>
    public DateTimeOffset? PayeeChangedAt { get; init; }

    public string? PayeeChangedBy { get; init; }

    /// <summary>The number of other payees of the merchant that have the same account.</summary>
    public required int OtherPayees { get; init; }

    /// <summary>When the first payout to the account was accepted that nothing stopped.</summary>
    public DateTimeOffset? PaidSince { get; init; }

    /// <summary>The largest payouts to other accounts of the payee that nothing stopped, by currency, in the smallest
    /// unit; of a new account only.</summary>
    public required IReadOnlyDictionary<string, long> LargestElsewhere { get; init; }

    /// <summary>The latest payouts to the payee.</summary>
    public required IReadOnlyList<EarlierPayout> Earlier { get; init; }

    /// <summary>What the payee gets today in the order's currency.</summary>
    public required long PayeeDay { get; init; }

    /// <summary>What the merchant pays today in the order's currency.</summary>
    public required long MerchantDay { get; init; }

    /// <summary>Payee and account, as they are now, were found clean.</summary>
    public required bool IsScreened { get; init; }
}

/// <summary>The rules that may refuse or hold a payout. They are judged in the transaction that accepts it.</summary>
internal interface IHoldRules
{
    /// <summary>The facts that a merchant's rules need; null when it has no rules.</summary>
    NeededFacts? Needs(string merchant);

    /// <summary>True when a merchant's payees and accounts are screened before they are paid.</summary>
    bool NeedsScreening(string merchant);

    /// <summary>Judges a payout. It reads nothing and changes nothing.</summary>
    Judgement Judge(PayoutOrder order, PayoutFacts facts, DateTimeOffset now);
}
