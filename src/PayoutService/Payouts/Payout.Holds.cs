namespace PayoutService.Payouts;

/// <content>Holds of rules: how they begin and how they end. Pockyt is not asked about them, and <c>due_at</c> is their
/// end.</content>
internal sealed partial class Payout
{
    /// <summary>The first hold of a rule that stands; null: none.</summary>
    public HoldReason? StandingHold => Findings is null ? null
        : HoldReasons.OfRules.First(reason => Findings.ContainsKey(Finding.Word(reason)));

    /// <summary>A rule holds a payout that is not sent yet. The caller has the row locked, so either the claim came
    /// first, and this does nothing, or no claim comes until the hold ends.</summary>
    /// <returns>The event; null when the payout is not queued or held by rules any more.</returns>
    public PayoutEvent? Hold(Finding finding, Actor actor, DateTimeOffset now, PayoutRules rules)
    {
        var isHeldByRule = Status is PayoutStatus.Held && Findings is not null;
        return isHeldByRule || Status is PayoutStatus.Queued
            ? StandOn(With(finding), now, actor, EventKind.Held, rules, [finding])
            : null;
    }

    /// <summary>A person ends the holds that one person may end.</summary>
    /// <returns>The event; null when no such hold stands.</returns>
    public PayoutEvent? ReleaseHold(Actor actor, string reason, DateTimeOffset now, PayoutRules rules) =>
        End(hold => hold.IsReleasable(), actor, EventKind.Released, reason, now, rules);

    /// <summary>The last of the people that are needed approved it.</summary>
    public PayoutEvent? Approve(Actor actor, string reason, DateTimeOffset now, PayoutRules rules) =>
        End(hold => hold is Payouts.HoldReason.Approval, actor, EventKind.Approved, reason, now, rules);

    /// <summary>The first of two approved it.</summary>
    public PayoutEvent ApproveFirst(Actor actor, string reason, DateTimeOffset now) =>
        NoteOf(actor, EventKind.Approved, now, new() { ["reason"] = reason, ["missing"] = "1" });

    /// <summary>What it pays has changed since the approval was asked for: it must be looked at again.</summary>
    public PayoutEvent BlockApproval(Actor actor, string changes, DateTimeOffset now) =>
        NoteOf(actor, EventKind.ApprovalBlocked, now, new() { ["changes"] = changes });

    /// <summary>A second person refuses to approve it.</summary>
    public PayoutEvent? Reject(Actor actor, string reason, DateTimeOffset now) =>
        !AwaitsApproval ? null : CancelHeld(actor, EventKind.Rejected, reason, now);

    /// <summary>A hold stands that one person may end.</summary>
    public bool HasReleasableHold => HoldReasons.OfRules.Any(reason => reason.IsReleasable() && Has(reason));

    /// <summary>It waits for approval, whatever else it waits for.</summary>
    public bool AwaitsApproval => Status is PayoutStatus.Held && Has(Payouts.HoldReason.Approval);

    /// <summary>It waits for approval, and nobody is left who may give it.</summary>
    public bool LacksApprover { get; private set; }

    /// <summary>Says of a row that nobody may approve it.</summary>
    public void MarkWithoutApprover() => LacksApprover = true;

    /// <summary>Payee and account were found clean.</summary>
    public PayoutEvent? EndScreening(DateTimeOffset now, PayoutRules rules) => End(
        hold => hold is Payouts.HoldReason.Screening, Actor.Screening, EventKind.Released, "clean", now, rules);

    /// <summary>Screening did not answer clean: it is asked again.</summary>
    /// <returns>The event; null when that is what it had answered before.</returns>
    public PayoutEvent? ScreenAgain(string saw, DateTimeOffset at, DateTimeOffset now, PayoutRules rules)
    {
        var finding = new Finding(Payouts.HoldReason.Screening, saw);
        var told = Findings!.GetValueOrDefault(Finding.Word(finding.Reason)) == saw
            ? null
            : StandOn(With(finding), now, Actor.Screening, EventKind.Held, rules, [finding]);
        DueAt = at;
        return told;
    }

    /// <summary>The hold of a rule has lasted as long as it may.</summary>
    public PayoutEvent? Expire(DateTimeOffset now, PayoutRules rules) =>
        Status is not PayoutStatus.Held || Findings is null || now < EndOfHold(rules) ? null
        : CancelHeld(Actor.Reconciler, EventKind.Expired, $"Nobody ended the hold {HoldWord} in time.", now);

    /// <summary>Pockyt does not know a payout that a rule held when a restore of the database may have lost that it was
    /// sent: the hold stands.</summary>
    /// <returns>The event, or null when it is not so any more.</returns>
    public PayoutEvent? HoldAsBefore(DateTimeOffset now, PayoutRules rules) =>
        Status is PayoutStatus.Unconfirmed && Findings is not null && OpenSends is [LostClaim]
            ? HoldAgain(Actor.Reconciler, EventKind.Held, reason: null, now, rules)
            : null;

    /// <summary>When what rules hold is canceled; what is scheduled has until then, and as long again.</summary>
    public DateTimeOffset EndOfHold(PayoutRules rules) =>
        (ExecuteAt > StatusSince ? ExecuteAt.Value : StatusSince) + rules.RuleHoldLimit;

    private string HoldWord => Finding.Word(HoldReason!.Value);

    private bool Has(HoldReason reason) => Findings?.ContainsKey(Finding.Word(reason)) is true;

    private static void Tell(PayoutEvent line, IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            line.Detail[Finding.Word(finding.Reason)] = finding.Saw;
        }
    }

    private void BeginHeld(IReadOnlyList<Finding> findings, DateTimeOffset now, PayoutRules rules)
    {
        Findings = findings.ToDictionary(finding => Finding.Word(finding.Reason), finding => finding.Saw);
        Status = PayoutStatus.Held;
        StandNow(now, rules);
    }

    /// <summary>The first finding says why it is held. Screening is asked about at once.</summary>
    private void StandNow(DateTimeOffset now, PayoutRules rules)
    {
        HoldReason = StandingHold;
        DueAt = HoldReason is Payouts.HoldReason.Screening ? now : EndOfHold(rules);
    }

    /// <summary>The look before the send found that payee and account are not screened as they are now.</summary>
    private void BeginScreening(Report report) =>
        Findings = With(new Finding(Payouts.HoldReason.Screening, report.Message!));

    private Dictionary<string, string> With(Finding finding) =>
        new(Findings ?? []) { [Finding.Word(finding.Reason)] = finding.Saw };

    private PayoutEvent HoldAgain(
        Actor actor, EventKind kind, string? reason, DateTimeOffset now, PayoutRules rules)
    {
        OpenSends = [];
        var held = StandOn(Findings!, now, actor, kind, rules, []);
        if (reason is not null)
        {
            held.Detail["reason"] = reason;
        }

        return held;
    }

    /// <summary>Ends some holds of rules. It stays held while others stand.</summary>
    private PayoutEvent? End(
        Func<HoldReason, bool> ends,
        Actor actor,
        EventKind kind,
        string reason,
        DateTimeOffset now,
        PayoutRules rules)
    {
        if (Status is not PayoutStatus.Held || Findings is null)
        {
            return null;
        }

        var ended = HoldReasons.OfRules.Where(hold => Has(hold) && ends(hold)).Select(Finding.Word).ToList();
        if (ended.Count == 0)
        {
            return null;
        }

        var standing = Findings.Where(finding => !ended.Contains(finding.Key)).ToDictionary();
        var line = standing.Count > 0
            ? StandOn(standing, now, actor, kind, rules, [])
            : MoveByVerb(PayoutStatus.Queued, ExecuteAt > now ? ExecuteAt : now, now, actor, kind);
        line.Detail["reason"] = reason;
        line.Detail["ended"] = string.Join(", ", ended);
        return line;
    }

    /// <summary>Is held by these findings from now on; since when it is held stays where it was.</summary>
    private PayoutEvent StandOn(
        Dictionary<string, string> findings,
        DateTimeOffset now,
        Actor actor,
        EventKind kind,
        PayoutRules rules,
        IReadOnlyList<Finding> told)
    {
        var since = Status is PayoutStatus.Held ? StatusSince : now;
        var line = MoveByVerb(PayoutStatus.Held, due: null, now, actor, kind);
        StatusSince = since;
        Findings = findings;
        StandNow(now, rules);
        line = Event(now, actor, kind, line.From);
        Tell(line, told);
        return line;
    }

    private PayoutEvent CancelHeld(Actor actor, EventKind kind, string reason, DateTimeOffset now)
    {
        var canceled = MoveByVerb(PayoutStatus.Canceled, due: null, now, actor, kind);
        canceled.Detail["reason"] = reason;
        return canceled;
    }

    private PayoutEvent NoteOf(Actor actor, EventKind kind, DateTimeOffset now, Dictionary<string, string> detail)
    {
        Touch(now);
        return Event(now, actor, kind, Status, detail);
    }
}
