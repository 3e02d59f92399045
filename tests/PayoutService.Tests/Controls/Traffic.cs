namespace PayoutService.Tests.Controls;

/// <summary>One thing that happens at a merchant.</summary>
/// <param name="At">When.</param>
/// <param name="Merchant">At whom.</param>
/// <param name="Key">The API key that did it.</param>
internal abstract record Step(DateTimeOffset At, string Merchant, string Key)
{
    /// <summary>A payee was registered.</summary>
    internal sealed record Registered(DateTimeOffset At, string Merchant, string Key, string Payee)
        : Step(At, Merchant, Key);

    /// <summary>The details of a payee were changed.</summary>
    internal sealed record Changed(DateTimeOffset At, string Merchant, string Key, string Payee)
        : Step(At, Merchant, Key);

    /// <summary>An account was added.</summary>
    internal sealed record Added(
        DateTimeOffset At, string Merchant, string Key, string Payee, string Account, string Number)
        : Step(At, Merchant, Key);

    /// <summary>A payout was asked for. It is judged unless it only makes history.</summary>
    internal sealed record Asked(
        DateTimeOffset At,
        string Merchant,
        string Key,
        string Account,
        long Cents,
        string InvoiceId,
        bool IsJudged,
        string? Replaces = null)
        : Step(At, Merchant, Key);

    /// <summary>The money of a payout came back.</summary>
    internal sealed record Returned(DateTimeOffset At, string Merchant, string InvoiceId)
        : Step(At, Merchant, "pockyt");
}

/// <summary>A way to have money paid to somebody who should not get it.</summary>
internal enum FraudKind
{
    /// <summary>The payee's details are changed, or an account is added to it, and it is paid soon after.</summary>
    ChangedThenPaid,

    /// <summary>Several payees are given one account.</summary>
    SharedAccount,

    /// <summary>Each payout stays just under what would be looked at.</summary>
    JustUnder,

    /// <summary>One sum is paid in parts over hours or days.</summary>
    SplitOverHours,

    /// <summary>One sum is paid to several payees.</summary>
    SplitOverPayees,

    /// <summary>One invoice is paid in parts.</summary>
    SplitOverInvoices,

    /// <summary>The same amount is paid to the same payee under another invoice id.</summary>
    SameAgain,

    /// <summary>Many payees that are new are paid at once.</summary>
    YoungBurst,

    /// <summary>The key that pays has changed the payee, or added its account.</summary>
    ChangedByPayer,

    /// <summary>The first payout to an account is far above what its payee got before.</summary>
    FirstFarAbove,
}

/// <summary>A variant of a kind of fraud: all that happens at a merchant of its own.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Variant">Its number.</param>
/// <param name="IsNear">It stays within 5 % of what a rule asks for, on either side.</param>
/// <param name="Steps">What happens, in order.</param>
internal sealed record Fraud(FraudKind Kind, int Variant, bool IsNear, IReadOnlyList<Step> Steps)
{
    /// <summary>Its merchant.</summary>
    public static string MerchantOf(FraudKind kind, int variant) => $"fraud-{kind}-{variant:00}";
}

/// <summary>The amounts and times that the generators aim at: those that docs/controls.md names.</summary>
internal static class Thresholds
{
    public static readonly TimeSpan NewAccount = TimeSpan.FromDays(3);
    public static readonly TimeSpan OwnChange = TimeSpan.FromDays(7);
    public static readonly TimeSpan Duplicate = TimeSpan.FromDays(3);
    public static readonly TimeSpan Together = TimeSpan.FromDays(7);

    /// <summary>In cents of USD.</summary>
    public const long FirstPayout = 5_000_00;
    public const long Approval = 10_000_00;
    public const int TimesTheLargest = 3;

    /// <summary>The number of payouts to one payee in 24 hours that passes.</summary>
    public const int Velocity = 5;
}
