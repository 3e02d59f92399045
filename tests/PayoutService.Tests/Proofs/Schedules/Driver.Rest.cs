using PayoutService.Payouts;
using PayoutService.Workers;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>The faults have stopped: what was begun is finished, and the system runs until nothing is left to do.
/// </content>
internal sealed partial class Driver
{
    /// <summary>Bounds the rest: a month of asking fits in, and a system that never rests does not.</summary>
    private const int MostJumps = 150;

    /// <summary>Nothing is struck any more, all replicas are there, and every caller repeats its call until it is
    /// answered.</summary>
    private async Task CalmAsync()
    {
        Note("the faults stop");
        foreach (var replica in replicas)
        {
            replica.Clock.Skew = TimeSpan.Zero;
            replica.Pockyt.Open();
            if (!replica.IsAlive)
            {
                await StartAsync(replica);
            }
        }

        foreach (var (currency, gone) in drained)
        {
            world.Balances.Change(currency, gone);
        }

        world.Suspend(payee: false, accounts: false);
        var started = TimeProvider.System.GetTimestamp();
        while (activities.Count > 0)
        {
            LoseNoPatience(started, string.Join(", ", activities.Select(activity => activity.Name)));
            if (activities.Find(activity => activity.Hop is not null && !MustWait(activity)) is { } next)
            {
                await DecideAsync(next, next.Hop!, Fate.Pass);
            }
            else
            {
                await AdvanceAsync(TimeSpan.FromSeconds(1));
            }
        }

        Turnstile.IsOpen = true;
        foreach (var payout in payouts)
        {
            // What is to replace another may be refused, and then it is not asked for again.
            for (var tries = 0; payout.Id is null && tries < (payout.Replaces is null ? 3 : 1); tries++)
            {
                world.Time.Set(world.Time.Now + TimeSpan.FromMilliseconds(10));
                Note($"accept {payout.Name}: {await AcceptAsync(replicas[0], payout)}");
            }
        }

        (await replicas[0].Api.PostAsync("/v1/sending/resume", null)).EnsureSuccessStatusCode();
    }

    /// <summary>From one thing that is due to the next, until every row says what Pockyt's book says.</summary>
    private async Task RestAsync()
    {
        for (var jump = 0; jump < MostJumps; jump++)
        {
            var replica = replicas[jump % replicas.Count];
            await WorkAsync(replica.Dispatcher);
            await WorkAsync(replica.Reconciler);
            await GoOnAtPockytAsync();
            var rows = await world.PayoutsAsync();
            if (late.Count == 0 && rows.All(row => Invariants.IsAtRest(row, Evidence(row))))
            {
                Note("all is at rest");
                return;
            }

            // What is due already waits for something else that is not.
            var ahead = rows.Select(row => row.DueAt).Concat(late.Select(request => (DateTimeOffset?)request.By))
                .Where(due => due > world.Time.Now).Min();
            await AdvanceAsync((ahead - world.Time.Now ?? TimeSpan.FromMinutes(1)) + TimeSpan.FromSeconds(1));
        }

        Note("there is no rest");
    }

    private static async Task WorkAsync(PollingWorker worker)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await worker.RunOnceAsync(CancellationToken.None))
        {
            LoseNoPatience(started, worker.GetType().Name);
        }

        await worker.WhenIdleAsync();
    }

    /// <summary>Payouts move on, and of the notices that are owed some arrive and some never do.</summary>
    private async Task GoOnAtPockytAsync()
    {
        foreach (var payout in payouts.Where(payout => payout.Course.Count > 0 && Booked(payout) is not null))
        {
            await MoveAsync(payout);
        }

        foreach (var (place, notice) in owed.OrderBy(notice => notice.Key))
        {
            owed.TryRemove(place, out _);
            if (schedule.Happens(0.5) || notice.Payout.Plan.Contradicts)
            {
                Note($"notice {notice.Payout.Name} {notice.Notice.Status}: {await TellAsync(replicas[0], notice)}");
            }
        }
    }

    private async Task JudgeAsync()
    {
        var rows = await world.PayoutsAsync();
        var events = await world.EventsAsync();
        foreach (var row in rows)
        {
            var evidence = Evidence(row);
            Note($"{evidence.Name}: {row.Status}, {row.MoneyMoved}, attention {row.Attention}, version {row.Version}, "
                + $"sends {row.Sends}; Pockyt: {string.Join(", ", evidence.Booked.Select(booked => booked.Status))}");
            breaches.AddRange(Invariants.Of(row, evidence, [.. events.Where(line => line.PayoutId == row.Id)]));
        }

        foreach (var payout in payouts.Where(payout => payout.Id is not null))
        {
            var answer = await replicas[^1].Api.GetAsync($"/v1/payouts/{payout.Id}");
            Note($"get {payout.Name}: {await SaidAsync(answer)}");
        }

        (await replicas[0].Api.GetAsync("/v1/payouts")).EnsureSuccessStatusCode();
        breaches.AddRange(Invariants.PaidBesideReplacement(
            payouts.Where(payout => payout is { Replaces: { Plan.Contradicts: false }, Id: not null })
                .Select(payout => (payout.Name, world.Book.PayoutsOf(payout.Replaces!.InvoiceId)))));
        breaches.AddRange(Invariants.Lost(
            payouts.Where(payout => payout.Id is not null).Select(payout => payout.InvoiceId), rows));
        breaches.AddRange(Invariants.Sums(rows, Evidence, currency =>
            world.Pockyt.StartingBalance - world.Balances.Of(currency)));
        var kept = await world.NoticesAsync();
        if (acknowledged.Count > kept)
        {
            breaches.Add($"{acknowledged.Count} notices were acknowledged and {kept} are kept.");
        }
    }

    private Evidence Evidence(Payout row)
    {
        var payout = payouts.Single(payout => payout.InvoiceId == row.InvoiceId);
        var booked = world.Book.PayoutsOf(row.InvoiceId);
        return new Evidence(
            payout.Name, booked, booked.Count > 0 && payout.Course.Count > 0, payout.IsLiedAbout, payout.IsWithdrawn,
            payout.Calls);
    }
}
