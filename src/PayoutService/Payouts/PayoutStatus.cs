namespace PayoutService.Payouts;

/// <summary>The status of a payout; docs/machine.md has a sentence for each.</summary>
public enum PayoutStatus
{
    /// <summary>Accepted and durable; nothing is on the wire.</summary>
    Queued,

    /// <summary>Due, but something must change first: see the hold reason.</summary>
    Held,

    /// <summary>Claimed by a worker: a request may be on the wire.</summary>
    Submitting,

    /// <summary>A request may have reached Pockyt and we do not know.</summary>
    Unconfirmed,

    /// <summary>Pockyt has it; the outcome is open.</summary>
    Processing,

    /// <summary>Paid to the payee's account.</summary>
    Succeeded,

    /// <summary>Not paid, and the money was not taken.</summary>
    Failed,

    /// <summary>Paid or sent, and the money came back.</summary>
    Returned,

    /// <summary>Withdrawn before anything was sent.</summary>
    Canceled,
}

/// <summary>Whether money has moved, as far as is known.</summary>
public enum MoneyMoved
{
    No,
    Unknown,
    InFlight,
    Yes,
    Returned,
}

/// <summary>The reason why a due payout waits.</summary>
public enum HoldReason
{
    /// <summary>The merchant's balance at Pockyt did not cover it.</summary>
    Balance,

    /// <summary>Pockyt denied the merchant access.</summary>
    Access,

    /// <summary>The payee was not active when it was to be sent.</summary>
    PayeeStatus,

    /// <summary>The account was not active when it was to be sent.</summary>
    AccountStatus,

    /// <summary>Nobody has said yet that payee and account are clean.</summary>
    Screening,

    /// <summary>It, or what is paid on its day, is above an amount that a person looks at.</summary>
    Limit,

    /// <summary>The same amount was paid to the same payee a short time before.</summary>
    DuplicateSuspect,

    /// <summary>The account was added, or the payee changed, a short time before.</summary>
    NewAccount,

    /// <summary>The first payouts to the account are large, or far above what the payee got before.</summary>
    FirstPayout,

    /// <summary>The payee gets many payouts in a short time.</summary>
    Velocity,

    /// <summary>The account belongs to several payees.</summary>
    SharedAccount,

    /// <summary>A second person has to approve it.</summary>
    Approval,
}

/// <summary>The reason why a person must look at a payout, the least pressing first.
/// A lower one never overwrites a higher.</summary>
public enum Attention
{
    /// <summary>Pockyt denied the merchant access; its sending is paused until somebody resumes it.</summary>
    Access,

    /// <summary>It has been open for longer than its kind should be. It goes on all the same.</summary>
    Slow,

    /// <summary>It waits for a payee or an account that does not become active by itself.</summary>
    Stuck,

    /// <summary>Sent, and Pockyt says again and again that it does not know it.</summary>
    NotSeen,

    /// <summary>Pockyt holds it back and says neither that it was paid nor that it never will be.</summary>
    Blocked,

    /// <summary>Somebody told us facts that differ from our row.</summary>
    Mismatch,

    /// <summary>Two reports about it cannot both be true.</summary>
    Contradiction,
}

internal static class HoldReasons
{
    /// <summary>The holds of rules, in the order in which a payout that has several names them: what ends by itself
    /// comes first, and approval last.</summary>
    public static readonly HoldReason[] OfRules =
    [
        HoldReason.Screening, HoldReason.Limit, HoldReason.DuplicateSuspect, HoldReason.NewAccount,
        HoldReason.FirstPayout, HoldReason.Velocity, HoldReason.SharedAccount, HoldReason.Approval,
    ];

    /// <summary>A rule held it, and Pockyt is not asked about it.</summary>
    public static bool IsOfRule(this HoldReason reason) => OfRules.Contains(reason);

    /// <summary>One person may end it. Screening ends by an answer, and approval by a second person.</summary>
    public static bool IsReleasable(this HoldReason reason) =>
        reason.IsOfRule() && reason is not (HoldReason.Screening or HoldReason.Approval);
}

internal static class PayoutStatuses
{
    /// <summary>The statuses of payouts that are still on their way.</summary>
    public static readonly PayoutStatus[] Open =
    [
        PayoutStatus.Queued, PayoutStatus.Held, PayoutStatus.Submitting, PayoutStatus.Unconfirmed,
        PayoutStatus.Processing,
    ];

    /// <summary>Statuses in which <c>due_at</c> means: ask Pockyt.</summary>
    public static bool IsPolled(this PayoutStatus status) =>
        status is PayoutStatus.Unconfirmed or PayoutStatus.Processing || status.IsFinal();

    public static bool IsFinal(this PayoutStatus status) =>
        status is PayoutStatus.Succeeded or PayoutStatus.Failed or PayoutStatus.Returned;
}
