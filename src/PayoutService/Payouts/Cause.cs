namespace PayoutService.Payouts;

/// <summary>The party that can act on a payout.</summary>
public enum CauseOwner
{
    /// <summary>This service: it goes on by itself.</summary>
    Service,

    /// <summary>Pockyt: it has the payout.</summary>
    Pockyt,

    /// <summary>The caller that asked for the payout.</summary>
    Caller,

    /// <summary>The people who manage the merchant's balance.</summary>
    Finance,

    /// <summary>Operators: holders of a key with the scope ops.</summary>
    Operations,
}

/// <summary>The cause of a payout's status. There is one list of causes, and whatever explains a payout speaks from it.
/// </summary>
/// <param name="Word">Its name in answers.</param>
/// <param name="Sentence">What it is.</param>
/// <param name="Owner">Who can do something about it.</param>
/// <param name="TargetAge">When it should be over; null: nothing has to be done about it.</param>
internal sealed record Cause(string Word, string Sentence, CauseOwner Owner, TimeSpan? TargetAge = null)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static readonly Cause Restored = new(
        "restored",
        "The database was restored, or another server took it over, and that is not noted yet: whether it was sent is "
        + "not known.",
        CauseOwner.Service,
        Minute);

    public static readonly Cause Contradiction = new(
        "contradiction", "Two reports about it cannot both be true.", CauseOwner.Operations, Hour);

    public static readonly Cause Mismatch = new(
        "mismatch", "A report's facts differ from our row.", CauseOwner.Operations, Hour);

    public static readonly Cause Blocked = new(
        "blocked", "Pockyt holds it back: Pockyt's portal may say why.", CauseOwner.Operations, Day);

    public static readonly Cause NotSeen = new(
        "notSeen", "Pockyt still does not know it.", CauseOwner.Operations, Hour);

    public static readonly Cause Stuck = new(
        "stuck",
        "It waits for a payee or an account that does not become active by itself.",
        CauseOwner.Caller,
        Day);

    public static readonly Cause Paused = new(
        "paused", "Its merchant's sending is paused.", CauseOwner.Operations, Hour);

    public static readonly Cause Behind = new(
        "behind", "An older payout of the same currency waits for the balance.", CauseOwner.Finance, Day);

    public static readonly Cause Balance = new(
        "balance", "The merchant's balance at Pockyt did not cover it.", CauseOwner.Finance, Day);

    public static readonly Cause Access = new(
        "access",
        "Pockyt denied the merchant access (000030), which paused sending. The usual reasons: the token is not the one "
        + "in Pockyt's portal, our address is not on its IP list, or the merchant has no right to pay out.",
        CauseOwner.Operations,
        Hour);

    public static readonly Cause PayeeStatus = new(
        "payeeStatus", "The payee was not active at Pockyt when it was to be sent.", CauseOwner.Caller, Day);

    public static readonly Cause AccountStatus = new(
        "accountStatus", "The account was not active at Pockyt when it was to be sent.", CauseOwner.Caller, Day);

    public static readonly Cause NotSent = new(
        "notSent", "It was claimed, nothing left us, and it will be sent again.", CauseOwner.Service, Hour);

    public static readonly Cause Scheduled = new(
        "scheduled", "It was accepted, and is sent at its time.", CauseOwner.Service);

    public static readonly Cause Due = new(
        "due", "It was accepted and is not sent yet.", CauseOwner.Service, Minute);

    public static readonly Cause Submitting = new(
        "submitting",
        "A request is on its way to Pockyt, or was when a worker last reported.",
        CauseOwner.Service,
        2 * Minute);

    public static readonly Cause PerhapsSent = new(
        "perhapsSent",
        "A restore of the database may have lost that it was sent, so Pockyt is asked before it is.",
        CauseOwner.Service,
        Hour);

    public static readonly Cause Unconfirmed = new(
        "unconfirmed",
        "A request may have reached Pockyt, and no answer gave the outcome.",
        CauseOwner.Service,
        Hour);

    public static readonly Cause Processing = new(
        "processing", "Pockyt has it; the outcome is open.", CauseOwner.Pockyt, 5 * Day);

    public static readonly Cause NotConfirmed = new(
        "notConfirmed", "One report gave the outcome, and nothing has confirmed it yet.", CauseOwner.Service, Hour);

    public static readonly Cause Ended = new("ended", "The outcome is known.", CauseOwner.Service);

    /// <summary>The list, the most pressing first.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        Restored, Contradiction, Mismatch, Blocked, NotSeen, Stuck, Paused, Behind, Balance, Access, PayeeStatus,
        AccountStatus, NotSent, Scheduled, Due, Submitting, PerhapsSent, Unconfirmed, Processing, NotConfirmed, Ended,
    ];

    /// <summary>The cause of where a payout is.</summary>
    /// <param name="payout">The payout.</param>
    /// <param name="blocker">What keeps it from being sent; null when nothing else does.</param>
    /// <param name="now">The time it is.</param>
    public static Cause Of(Payout payout, Blocker? blocker, DateTimeOffset now) =>
        payout.IsPast ? Restored : payout.Attention switch
        {
            Attention.Contradiction => Contradiction,
            Attention.Mismatch => Mismatch,
            Attention.Blocked => Blocked,
            Attention.NotSeen => NotSeen,
            Attention.Stuck => Stuck,
            _ when blocker is { Payout: null } => Paused,
            _ when blocker is not null => Behind,
            _ => OfStatus(payout, now),
        };

    private static Cause OfStatus(Payout payout, DateTimeOffset now) => payout.Status switch
    {
        PayoutStatus.Queued when payout.SendCount > 0 => NotSent,
        PayoutStatus.Queued => payout.DueAt > now ? Scheduled : Due,
        PayoutStatus.Held => payout.HoldReason switch
        {
            HoldReason.Balance => Balance,
            HoldReason.PayeeStatus => PayeeStatus,
            HoldReason.AccountStatus => AccountStatus,
            _ => Access,
        },
        PayoutStatus.Submitting => Submitting,
        PayoutStatus.Unconfirmed => payout.IsOnlyPerhapsLost ? PerhapsSent : Unconfirmed,
        PayoutStatus.Processing => Processing,
        _ => payout.Status.IsFinal() && payout.ConfirmedBy is null ? NotConfirmed : Ended,
    };
}

/// <summary>The blocker of a payout that is due.</summary>
/// <param name="Payout">The payout that is first in line for the balance; null when sending is paused.</param>
/// <param name="Since">Since when.</param>
/// <param name="By">Who paused sending, or the invoice id of the payout that is first.</param>
/// <param name="Reason">Why it is paused, or why the first one waits.</param>
/// <param name="Ahead">How many payouts are before it in line; null when sending is paused.</param>
internal sealed record Blocker(Guid? Payout, DateTimeOffset Since, string By, string Reason, int? Ahead);
