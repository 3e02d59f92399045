namespace PayoutService.Payouts;

/// <summary>The reason why a payout failed or came back. Each has a source in docs/pockyt.md.</summary>
public enum FailureReason
{
    /// <summary>The account could not be paid to by then: its status was not active.</summary>
    AccountInvalid,

    /// <summary>The payee could not be paid by then: its status was not active.</summary>
    PayeeNotActive,

    /// <summary>Pockyt refused the request with a code.</summary>
    Refused,

    /// <summary>The money came back.</summary>
    Returned,

    /// <summary>Pockyt, or an operator, said no reason.</summary>
    Unknown,
}

/// <summary>The party that acts next on a payout that failed or came back.</summary>
public enum FailureActor
{
    /// <summary>The payee: it gives an account that works, or completes its registration.</summary>
    Payee,

    /// <summary>The caller that asked for the payout.</summary>
    Caller,
}

/// <summary>What a reason means: the one table.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Message">What it is, and what to do.</param>
/// <param name="ActBy">Who acts next.</param>
/// <param name="Repeatable">The same payment, to the same account, may succeed without anything being corrected.
/// </param>
internal sealed record Failure(FailureReason Reason, string Message, FailureActor ActBy, bool Repeatable)
{
    public static readonly IReadOnlyDictionary<FailureReason, Failure> All = new Failure[]
    {
        new(
            FailureReason.AccountInvalid,
            "The account could not be paid to. Ask the payee for another, and pay again to that one.",
            FailureActor.Payee,
            Repeatable: false),
        new(
            FailureReason.PayeeNotActive,
            "The payee could not be paid. Pay again once its status is active.",
            FailureActor.Payee,
            Repeatable: false),
        new(
            FailureReason.Refused,
            "Pockyt refused the request. Correct what providerText names, then pay again.",
            FailureActor.Caller,
            Repeatable: false),
        new(
            FailureReason.Returned,
            "The money came back. Check the account with the payee, then pay again.",
            FailureActor.Payee,
            Repeatable: false),
        new(
            FailureReason.Unknown,
            "Pockyt gave no reason. Check the account with the payee, or ask Pockyt's support, then pay again.",
            FailureActor.Caller,
            Repeatable: true),
    }.ToDictionary(failure => failure.Reason);

    /// <summary>The reason of a report that ends a payout.</summary>
    /// <param name="status">Failed or returned.</param>
    /// <param name="report">What was reported.</param>
    public static FailureReason ReasonOf(PayoutStatus status, Report report) =>
        report.IsAccountInvalid ? FailureReason.AccountInvalid
        : report.IsPayeeInactive ? FailureReason.PayeeNotActive
        : status is PayoutStatus.Returned ? FailureReason.Returned
        : CodeOf(report) is not null ? FailureReason.Refused
        : FailureReason.Unknown;

    /// <summary>The code with which Pockyt refused the request. An answer with a status word has a code of its own that
    /// says only that the question was understood.</summary>
    public static string? CodeOf(Report report) =>
        report is { Source: Source.Reply, Kind: ReportKind.Refused, ProviderStatus: null } ? report.Code : null;

    /// <summary>Pockyt's own words: of a refusal its message, else the status word.</summary>
    public static string? TextOf(Report report) =>
        CodeOf(report) is not null ? report.Message : report.ProviderStatus;
}
