using PayoutService.Payouts;
using PayoutService.Workers;
using PockytSimulator.Control;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>The faults have stopped: what was begun is finished, and the system runs until nothing is left to do.
/// </content>
internal sealed partial class ScheduleRunner
{
    /// <summary>Bounds the rest: a month of asking fits in, and a system that never rests does not.</summary>
    private const int MostJumps = 150;

    /// <summary>Nothing is struck any more, all replicas are there, and every caller repeats its call until it is
    /// answered.</summary>
    private async Task CalmAsync()
    {
        Note("the faults stop");

        // A replica with the marker of a restore that a later one undid has noted its own as the newest. The others say
        // that they wait for a marker that was never used, and somebody gives it to all.
        var newest = await world.IsOutdatedAsync(Newest) ? $"{restored + 1}" : Newest;
        foreach (var replica in replicas.Where(replica => replica.IsAlive && markers[replica] != newest))
        {
            await KillAsync(replica);
        }

        forgotten = null;

        // From here on callers repeat before anything is sent, and a takeover takes time to be noted.
        withdrawBy = null;
        foreach (var replica in replicas)
        {
            markers[replica] = newest;
            replica.Clock.Skew = TimeSpan.Zero;
            replica.Pockyt.Open();
            if (!replica.IsAlive)
            {
                // Its first look at the database comes when nothing is struck any more.
                Note($"{replica.Name} starts");
                replica.Start(schedule.ResendAfterNotSeen, markers[replica]);
            }
        }

        foreach (var (currency, gone) in drained)
        {
            world.Balances.Change(currency, gone, world.Pockyt.MerchantNo);
        }

        world.Suspend(payee: false, accounts: false);
        var started = TimeProvider.System.GetTimestamp();
        while (activities.Count > 0)
        {
            LoseNoPatience(started, string.Join(", ", activities.Select(activity => activity.Name)));
            if (activities.Find(activity => activity.Hop is not null && !MustWait(activity)) is { } next)
            {
                await DecideAsync(next, next.Hop!, FaultDecision.Pass);
            }
            else
            {
                await AdvanceAsync(TimeSpan.FromSeconds(1));
            }
        }

        Turnstile.IsOpen = true;
        if (!schedule.Deduplicates)
        {
            world.Faults.Add(new FaultScript("pay", Times: 0, Deduplicate: false));
            world.Faults.Add(new FaultScript("refund", Times: 0, Deduplicate: false));
        }

        foreach (var replica in replicas)
        {
            await WorkAsync(replica.Watch);
        }

        foreach (var payout in payouts)
        {
            // What is to replace another may be refused, and then it is not asked for again.
            for (var tries = 0; payout.Id is null && tries < (payout.Replaces is null ? 3 : 1); tries++)
            {
                world.Time.Set(world.Time.Now + TimeSpan.FromMilliseconds(10));
                Note($"accept {payout.Name}: {await AcceptAsync(replicas[0], payout)}");
            }
        }

        Note($"resume: {await SaidAsync(await replicas[0].Api.PostAsync("/v1/sending/resume", null))}");
    }

    /// <summary>From one thing that is due to the next, until every row says what Pockyt's book says.</summary>
    private async Task RestAsync()
    {
        for (var jump = 0; jump < MostJumps; jump++)
        {
            var replica = replicas[jump % replicas.Count];
            foreach (var watcher in replicas)
            {
                await WorkAsync(watcher.Watch);
            }

            await RepeatAsync(replica);
            foreach (var payout in payouts.Where(payout => payout.Id is not null))
            {
                Note($"approve {payout.Name}: {await ApproveAsync(replica, payout)}");
            }

            if (world.Screening is not null)
            {
                await WorkAsync(replica.Screener);
            }

            await WorkAsync(replica.Dispatcher);
            await WorkAsync(replica.Reconciler);
            await WorkAsync(replica.Refunds);
            await GoOnAtPockytAsync();
            var rows = await world.PayoutsAsync();
            if (late.Count == 0 && !payouts.Exists(payout => payout.MustRepeat || payout.MustWithdraw)
                && !refunds.Exists(refund => refund.MustRepeat)
                && rows.All(row => Invariants.IsAtRest(row, Evidence(row))))
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

    /// <summary>After a restore callers repeat their calls until they are answered, and an operator lets the merchant
    /// send, and rules on what keeps a lost replacement from being accepted again.</summary>
    private async Task RepeatAsync(Replica replica)
    {
        if (restored == 0)
        {
            return;
        }

        Note($"resume: {await SaidAsync(await replica.Api.PostAsync("/v1/sending/resume", null))}");
        foreach (var payout in payouts.Where(payout => payout.MustWithdraw))
        {
            Note($"accept {payout.Name} and cancel: {await WithdrawAsync(replica, payout)}");
        }

        foreach (var payout in payouts.Where(payout => payout.MustRepeat && !payout.MustWithdraw))
        {
            Note($"accept {payout.Name}: {await AcceptAsync(replica, payout)}");
            if (payout is { MustRepeat: true, Replaces: { Answered.Attention: not null } replaced }
                && Truth(replaced) is { } ruling)
            {
                Note($"resolve {replaced.Name} {ruling}: {await ResolveAsync(replica, replaced, ruling)}");
            }
        }

        foreach (var refund in refunds.Where(refund => refund.MustRepeat))
        {
            Note($"refund {refund.Name}: {await RefundAsync(replica, refund)}");
        }
    }

    private static async Task WorkAsync(PollingWorker worker)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await worker.RunOnceAsync(CancellationToken.None))
        {
            // What it began, it may do beside its next pass; here all is done one after the other.
            await worker.WhenIdleAsync();
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
                + $"sends {row.SendCount}, open {string.Join(' ', row.OpenSends)}, not seen {row.NotSeenCount} times, "
                + $"due {row.DueAt:HH:mm:ss}, granted {row.ResendGrantedAt:HH:mm:ss}, heard {row.KnownToProvider}, "
                + $"cancel wanted by {row.CancelRequestedBy}, {row.ProviderCode}; "
                + $"Pockyt: {string.Join(", ", evidence.Booked.Select(booked => booked.Status))}");
            breaches.AddRange(Invariants.Of(row, evidence, [.. events.Where(line => line.PayoutId == row.Id)]));
        }

        foreach (var payout in payouts.Where(payout => payout.Id is not null))
        {
            var answer = await replicas[^1].Api.GetAsync($"/v1/payouts/{payout.Id}");
            Note($"get {payout.Name}: {await SaidAsync(answer)}");
        }

        (await replicas[0].Api.GetAsync("/v1/payouts")).EnsureSuccessStatusCode();
        foreach (var refund in refunds)
        {
            var booked = world.Transactions.Refunds.Count(booked => booked.RefundReference == refund.RefundReference);
            Note($"refund {refund.Name}: at Pockyt {booked} times");
            if (booked > 1)
            {
                breaches.Add($"{refund.Name} was given back {booked} times.");
            }

            if (refund is { MustRepeat: true })
            {
                breaches.Add($"{refund.Name} was answered, and is lost.");
            }
        }

        breaches.AddRange(Invariants.PaidBesideReplacement(
            payouts.Where(payout => payout is { Replaces: { Plan.Contradicts: false }, Id: not null })
                .Select(payout => (payout.Name, world.Book.PayoutsOf(payout.Replaces!.InvoiceId)))));
        breaches.AddRange(Invariants.Lost(
            payouts.Where(payout => payout.Id is not null).Select(payout => payout.InvoiceId), rows));
        breaches.AddRange(Invariants.Sums(rows, Evidence, currency =>
            world.Pockyt.StartingBalance - world.Balances.Of(currency, world.Pockyt.MerchantNo)));
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
            payout.Calls - payout.LostSends);
    }
}
