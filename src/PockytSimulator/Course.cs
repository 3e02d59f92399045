namespace PockytSimulator;

/// <summary>Takes an accepted payout through the statuses its amount asks for, with the notices.</summary>
internal sealed class Course(
    SimulatorSettings settings, SimulatorClock clock, Agenda agenda, Book book, NoticeSender sender)
{
    public void Begin(BookedPayout payout, MagicAmount magic) => Plan(settings.NoticeDelay, payout, magic, step: 0);

    // The next status is planned when the notices of this one were tried, so that even without any delay a
    // receiver hears of success before it hears of the return.
    private void Plan(TimeSpan after, BookedPayout payout, MagicAmount magic, int step)
    {
        if (step < magic.Statuses.Count)
        {
            agenda.Add(after, async stopping =>
            {
                await TakeAsync(payout, magic, step, stopping);
                Plan(settings.BetweenStatuses, payout, magic, step + 1);
            });
        }
    }

    private async Task TakeAsync(BookedPayout payout, MagicAmount magic, int step, CancellationToken stopping)
    {
        if (payout.MovedByHand)
        {
            return;
        }

        var status = magic.Statuses[step];
        book.Move(payout, status, clock.GetUtcNow());
        if (step == 0 && magic.ForgedNoticeFirst)
        {
            // Once and without retries: a forger does not wait for an acknowledgement.
            var forged = Notices.Of(payout, "failed");
            if (forged is not null)
            {
                await sender.SendOnceAsync(forged with { Signature = NoticeSignature.Wrong }, stopping);
            }
        }

        foreach (var told in step == 0 && magic.FirstNotices is { } first ? first : [status])
        {
            if (Notices.Of(payout, told) is { } notice)
            {
                await sender.SendAsync(notice, stopping);
            }
        }
    }
}
