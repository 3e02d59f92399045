using PockytSimulator.Notices;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Payouts;

/// <summary>Takes an accepted payout through the statuses its amount asks for, with the notices.</summary>
internal sealed class PayoutLifecycle(
    SimulatorSettings settings,
    SimulatorClock clock,
    Scheduler agenda,
    Ledger book,
    NoticeFactory notices,
    NoticeSender sender)
{
    public void Begin(BookedPayout payout) => Plan(payout);

    /// <summary>Goes on where a restart interrupted it; untold are the notices no attempt of which is known.</summary>
    public void Resume(BookedPayout payout, IReadOnlyList<Notice> untold)
    {
        if (untold.Count == 0)
        {
            Plan(payout);
        }
        else
        {
            agenda.Add(TimeSpan.Zero, stopping => TellAsync(payout, untold, stopping));
        }
    }

    // The next status is planned when the notices of this one were tried, so that even without any delay a
    // receiver hears of success before it hears of the return.
    private void Plan(BookedPayout payout)
    {
        var statuses = MagicAmounts.Of(payout.Amount).Statuses;
        if (payout.StepsTaken < statuses.Count && !payout.MovedByHand)
        {
            var delay = payout.StepsTaken == 0 ? settings.NoticeDelay : settings.BetweenStatuses;
            var dueAt = payout.Since(payout.Status) + delay;
            agenda.Add(dueAt - clock.GetUtcNow(), stopping => TakeAsync(payout, stopping));
        }
    }

    private async Task TakeAsync(BookedPayout payout, CancellationToken stopping)
    {
        var step = payout.StepsTaken;
        var magic = MagicAmounts.Of(payout.Amount);
        var at = clock.GetUtcNow();
        var owed = OwedFor(payout, magic, step, at);
        if (book.Move(payout, magic.Statuses[step], at, step, owed))
        {
            await TellAsync(payout, owed, stopping);
        }
    }

    private async Task TellAsync(BookedPayout payout, IReadOnlyList<Notice> owed, CancellationToken stopping)
    {
        foreach (var notice in owed)
        {
            await sender.SendAsync(notice, stopping);
        }

        Plan(payout);
    }

    private List<Notice> OwedFor(BookedPayout payout, MagicAmount magic, int step, DateTimeOffset at)
    {
        var status = magic.Statuses[step];
        var told = step == 0 && magic.FirstNotices is { } first ? first : [status];
        var owed = told
            .Select(word => notices.Of(payout, word, word == status ? at : payout.Since(word)))
            .OfType<Notice>()
            .ToList();
        if (step == 0 && magic.ForgedNoticeFirst && notices.Of(payout, "failed", payout.AcceptedAt) is { } forged)
        {
            // A forger does not wait for an acknowledgement.
            owed.Insert(0, forged with { Signature = NoticeSignature.Wrong, Once = true });
        }

        return owed;
    }
}
