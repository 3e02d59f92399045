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

    /// <summary>Those who may approve: holders of a key with the scope approve.</summary>
    Approvers,
}

/// <summary>The facts of a payout that decide its cause: many payouts with the same facts have the same cause.
/// </summary>
/// <param name="Status">Its status.</param>
/// <param name="HoldReason">Why it is held.</param>
/// <param name="Attention">Why a person must look at it.</param>
/// <param name="IsSentBefore">It was claimed before.</param>
/// <param name="IsScheduled">It is due later.</param>
/// <param name="IsPerhapsSent">A restore may have lost that it was sent.</param>
/// <param name="IsConfirmed">Its final status is confirmed.</param>
/// <param name="LacksApprover">It waits for approval, and nobody is left who may give it.</param>
internal readonly record struct CauseFacts(
    PayoutStatus Status,
    HoldReason? HoldReason,
    Attention? Attention,
    bool IsSentBefore,
    bool IsScheduled,
    bool IsPerhapsSent,
    bool IsConfirmed,
    bool LacksApprover)
{
    public static CauseFacts Of(Payout payout, DateTimeOffset now) => new(
        payout.Status,
        payout.HoldReason,
        payout.Attention,
        payout.SendCount > 0,
        payout.DueAt > now,
        payout.IsOnlyPerhapsLost,
        payout.ConfirmedBy is not null,
        payout.LacksApprover);
}

/// <summary>A kind of what keeps payouts from being sent though they are due.</summary>
internal enum BlockerKind
{
    /// <summary>The merchant's sending is paused.</summary>
    Pause,

    /// <summary>An older payout of the same currency waits for the balance.</summary>
    Payout,
}

/// <summary>The cause of a payout's status. There is one list of causes, and whatever explains a payout speaks from it.
/// </summary>
/// <param name="Word">Its name in answers.</param>
/// <param name="Sentence">What it is.</param>
/// <param name="Owner">Who can do something about it.</param>
/// <param name="Action">What its owner does about it.</param>
/// <param name="TargetAge">When it should be over; null: nothing has to be done about it.</param>
internal sealed record Cause(
    string Word, string Sentence, CauseOwner Owner, string Action, TimeSpan? TargetAge = null)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static readonly Cause Restored = new(
        "restored",
        "The database was restored, or another server took it over, and that is not noted yet: whether it was "
        + "sent is not known.",
        CauseOwner.Service,
        "Nothing: the service notes it within seconds. If it stays, read /health/ready.",
        Minute);

    public static readonly Cause Contradiction = new(
        "contradiction",
        "Two reports about it cannot both be true.",
        CauseOwner.Operations,
        "Look it up in Pockyt's portal, then resolve it.",
        Hour);

    public static readonly Cause Mismatch = new(
        "mismatch",
        "A report's facts differ from our row.",
        CauseOwner.Operations,
        "Compare the facts in Pockyt's portal, then resolve it.",
        Hour);

    public static readonly Cause Blocked = new(
        "blocked",
        "Pockyt holds it back: Pockyt's portal may say why.",
        CauseOwner.Operations,
        "Look it up in Pockyt's portal; ask Pockyt's support.",
        Day);

    public static readonly Cause NotSeen = new(
        "notSeen",
        "Pockyt still does not know it.",
        CauseOwner.Operations,
        "Look it up in Pockyt's portal, then resolve it.",
        Hour);

    public static readonly Cause Stuck = new(
        "stuck",
        "It waits for a payee or an account that does not become active by itself.",
        CauseOwner.Caller,
        "Have the payee fixed at Pockyt, or cancel it and pay to another account.",
        Day);

    public static readonly Cause Paused = new(
        "paused",
        "Its merchant's sending is paused.",
        CauseOwner.Operations,
        "Remove the reason for the pause, then resume sending.",
        Hour);

    public static readonly Cause Behind = new(
        "behind",
        "An older payout of the same currency waits for the balance.",
        CauseOwner.Finance,
        "Fund the merchant, or cancel what stands before it.",
        Day);

    public static readonly Cause Balance = new(
        "balance",
        "The merchant's balance at Pockyt did not cover it.",
        CauseOwner.Finance,
        "Fund the merchant at Pockyt; it is sent by itself then.",
        Day);

    public static readonly Cause Access = new(
        "access",
        "Pockyt denied the merchant access (000030), which paused sending. The usual reasons: the token is "
        + "not the one in Pockyt's portal, our address is not on its IP list, or the merchant has no right to "
        + "pay out.",
        CauseOwner.Operations,
        "Clear it with Pockyt, then resume sending.",
        Hour);

    public static readonly Cause PayeeStatus = new(
        "payeeStatus",
        "The payee was not active at Pockyt when it was to be sent.",
        CauseOwner.Caller,
        "See the payee's next step; the payee acts at Pockyt.",
        Day);

    public static readonly Cause AccountStatus = new(
        "accountStatus",
        "The account was not active at Pockyt when it was to be sent.",
        CauseOwner.Caller,
        "See the payee's next step; the payee acts at Pockyt.",
        Day);

    public static readonly Cause Screening = new(
        "screening",
        "Nobody has said yet that payee and account are clean.",
        CauseOwner.Service,
        "Nothing: the screening is asked again. After a hit, ask who runs it, or cancel the payout.",
        Hour);

    public static readonly Cause Limit = new(
        "limit",
        "It, or what is paid on its day, is above an amount that a person looks at.",
        CauseOwner.Operations,
        "Check what it is for, then release or cancel it.",
        4 * Hour);

    public static readonly Cause DuplicateSuspect = new(
        "duplicateSuspect",
        "The same amount was paid to the same payee a short time before.",
        CauseOwner.Operations,
        "Compare it with the payout that it names, then release or cancel it.",
        4 * Hour);

    public static readonly Cause NewAccount = new(
        "newAccount",
        "The account was added, or the payee changed, a short time before.",
        CauseOwner.Operations,
        "Ask the payee, by a way known from before the change, whether that is right; then release or cancel it.",
        4 * Hour);

    public static readonly Cause FirstPayout = new(
        "firstPayout",
        "The first payouts to the account are large, or far above what the payee got before.",
        CauseOwner.Operations,
        "Ask who requested it what it is for, then release or cancel it.",
        4 * Hour);

    public static readonly Cause Velocity = new(
        "velocity",
        "The payee gets many payouts in a short time.",
        CauseOwner.Operations,
        "Look at the other payouts to the payee, then release or cancel it.",
        4 * Hour);

    public static readonly Cause SharedAccount = new(
        "sharedAccount",
        "The account belongs to several payees.",
        CauseOwner.Operations,
        "Find out whether they are one person or a household, then release or cancel it.",
        4 * Hour);

    public static readonly Cause Approval = new(
        "approval",
        "A second person has to approve it.",
        CauseOwner.Approvers,
        "Approve or reject it, with a key of another owner than its caller's.",
        4 * Hour);

    public static readonly Cause NoApprover = new(
        "noApprover",
        "A second person has to approve it, and nobody else has the scope approve.",
        CauseOwner.Operations,
        "Give the scope approve to a key of another person, or cancel it.",
        Hour);

    public static readonly Cause NotSent = new(
        "notSent",
        "It was claimed, nothing left us, and it will be sent again.",
        CauseOwner.Service,
        "Nothing: it is sent again. If it lasts, check the way to Pockyt.",
        Hour);

    public static readonly Cause Scheduled = new(
        "scheduled",
        "It was accepted, and is sent at its time.",
        CauseOwner.Service,
        "Nothing.");

    public static readonly Cause Due = new(
        "due",
        "It was accepted and is not sent yet.",
        CauseOwner.Service,
        "Nothing. If it lasts, check that workers run.",
        Minute);

    public static readonly Cause Submitting = new(
        "submitting",
        "A request is on its way to Pockyt, or was when a worker last reported.",
        CauseOwner.Service,
        "Nothing. If it lasts, check that workers run.",
        2 * Minute);

    public static readonly Cause PerhapsSent = new(
        "perhapsSent",
        "A restore of the database may have lost that it was sent, so Pockyt is asked before it is.",
        CauseOwner.Service,
        "Nothing: Pockyt is asked. Resume sending with nothingLost if you know that nothing was lost.",
        Hour);

    public static readonly Cause Unconfirmed = new(
        "unconfirmed",
        "A request may have reached Pockyt, and no answer gave the outcome.",
        CauseOwner.Service,
        "Nothing: Pockyt is asked again and again. Never pay it another way meanwhile.",
        Hour);

    public static readonly Cause Processing = new(
        "processing",
        "Pockyt has it; the outcome is open.",
        CauseOwner.Pockyt,
        "Nothing. If it lasts, ask Pockyt's support with its transactionNo.",
        5 * Day);

    public static readonly Cause NotConfirmed = new(
        "notConfirmed",
        "One report gave the outcome, and nothing has confirmed it yet.",
        CauseOwner.Service,
        "Nothing: Pockyt is asked to confirm it.",
        Hour);

    public static readonly Cause Ended = new(
        "ended",
        "The outcome is known.",
        CauseOwner.Service,
        "Nothing.");

    /// <summary>The list, the most pressing first.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        Restored, Contradiction, Mismatch, Blocked, NotSeen, Stuck, Paused, Behind, Balance, Access, PayeeStatus,
        AccountStatus, Screening, Limit, DuplicateSuspect, NewAccount, FirstPayout, Velocity, SharedAccount, Approval,
        NoApprover, NotSent, Scheduled, Due, Submitting, PerhapsSent, Unconfirmed, Processing, NotConfirmed, Ended,
    ];

    public static readonly Cause EndpointFailing = new(
        "endpointFailing",
        "A webhook endpoint has not taken events for a while; they are kept and tried again.",
        CauseOwner.Caller,
        "Tell the endpoint's owner what it answers.",
        Hour);

    public static readonly Cause EndpointDisabled = new(
        "endpointDisabled",
        "A webhook endpoint is disabled: its owner switched it off, it answered 410, or it failed for five days.",
        CauseOwner.Caller,
        "Once it works, enable it: it goes on where it stopped.",
        Day);

    public static readonly Cause WorkersSilent = new(
        "workersSilent",
        "No process has reported for a minute: nothing is sent and nothing is asked about.",
        CauseOwner.Operations,
        "Start a replica with the role workers.",
        Minute);

    public static readonly Cause NotReady = new(
        "notReady",
        "The service or its database is not able to work.",
        CauseOwner.Operations,
        "Read the sentence on the page Health, and act on it.",
        Minute);

    /// <summary>What concerns the service and not one payout.</summary>
    public static IReadOnlyList<Cause> OfService { get; } =
        [NotReady, WorkersSilent, EndpointFailing, EndpointDisabled];

    /// <summary>The cause of where a payout is.</summary>
    /// <param name="payout">The payout.</param>
    /// <param name="blocker">What keeps it from being sent; null when nothing else does.</param>
    /// <param name="now">The time it is.</param>
    public static Cause Of(Payout payout, Blocker? blocker, DateTimeOffset now) =>
        payout.IsPast ? Restored : Of(CauseFacts.Of(payout, now), blocker?.Kind);

    /// <summary>The cause of where payouts with these facts are.</summary>
    public static Cause Of(CauseFacts facts, BlockerKind? blocker) => facts.Attention switch
    {
        Attention.Contradiction => Contradiction,
        Attention.Mismatch => Mismatch,
        Attention.Blocked => Blocked,
        Attention.NotSeen => NotSeen,
        Attention.Stuck => Stuck,
        _ when blocker is BlockerKind.Pause => Paused,
        _ when blocker is BlockerKind.Payout => Behind,
        _ => OfStatus(facts),
    };

    /// <summary>The cause of a hold.</summary>
    public static Cause OfHold(HoldReason? reason) => reason switch
    {
        HoldReason.Balance => Balance,
        HoldReason.PayeeStatus => PayeeStatus,
        HoldReason.AccountStatus => AccountStatus,
        HoldReason.Screening => Screening,
        HoldReason.Limit => Limit,
        HoldReason.DuplicateSuspect => DuplicateSuspect,
        HoldReason.NewAccount => NewAccount,
        HoldReason.FirstPayout => FirstPayout,
        HoldReason.Velocity => Velocity,
        HoldReason.SharedAccount => SharedAccount,
        HoldReason.Approval => Approval,
        _ => Access,
    };

    private static Cause OfStatus(CauseFacts facts) => facts.Status switch
    {
        PayoutStatus.Queued when facts.IsSentBefore => NotSent,
        PayoutStatus.Queued => facts.IsScheduled ? Scheduled : Due,
        PayoutStatus.Held when facts.LacksApprover => NoApprover,
        PayoutStatus.Held => OfHold(facts.HoldReason),
        PayoutStatus.Submitting => Submitting,
        PayoutStatus.Unconfirmed => facts.IsPerhapsSent ? PerhapsSent : Unconfirmed,
        PayoutStatus.Processing => Processing,
        _ => facts.Status.IsFinal() && !facts.IsConfirmed ? NotConfirmed : Ended,
    };
}

/// <summary>The blocker of a payout that is due.</summary>
/// <param name="Payout">The payout that is first in line for the balance; null when sending is paused.</param>
/// <param name="Since">Since when.</param>
/// <param name="By">Who paused sending, or the invoice id of the payout that is first.</param>
/// <param name="Reason">Why it is paused, or why the first one waits.</param>
/// <param name="Ahead">How many payouts are before it in line; null when sending is paused.</param>
internal sealed record Blocker(Guid? Payout, DateTimeOffset Since, string By, string Reason, int? Ahead)
{
    public BlockerKind Kind => Payout is null ? BlockerKind.Pause : BlockerKind.Payout;
}
