using PayoutService.Workers;
using PockytSimulator.Control;
using PockytSimulator.Notices;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>Who does something: workers, Pockyt, and fate.</content>
internal sealed partial class ScheduleRunner
{
    private async Task BeginAsync(string name, Replica replica, Func<Task<string>> work)
    {
        var activity = new Activity($"{replica.Name} {name}", replica);
        activities.Add(activity);
        Note($"{activity.Name}: begins");
        Turnstile.Run(activity);
        activity.Begin(work);
        await QuietAsync(activity);
        await FinishAsync();
        if (!schedule.Happens(schedule.SwitchChance))
        {
            await ProgressAsync(activity);
        }
    }

    /// <summary>A dispatch may begin with recording that nothing was sent for an earlier claim, and would wait unseen
    /// for a group that is being served.</summary>
    private Task BeginUnlessBusyAsync(Replica replica, string name, Func<Task<string>> work) =>
        Beating(replica) is not null || (name == "dispatch" && Serving(replica) is not null)
            || activities.Any(activity => activity.Name == $"{replica.Name} {name}")
            ? Task.CompletedTask
            : BeginAsync(name, replica, work);

    private static async Task<string> PassAsync(PollingWorker worker)
    {
        try
        {
            await worker.RunOnceAsync(CancellationToken.None);
            await worker.WhenIdleAsync();
            return "done";
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            return "failed";
        }
    }

    /// <summary>Asks the screening, and looks that nothing counts as clean that it did not say.</summary>
    private async Task<string> ScreenAsync(Replica replica)
    {
        var outcome = await PassAsync(replica.Screener);
        breaches.AddRange(
            from answer in await world.CleanAnswersAsync()
            where !world.Screening!.HasSaid(answer.AccountId, answer.Said)
            select $"A screening counts as clean that said: {answer.Said}");
        return outcome;
    }

    private Task BeginNoticeAsync(Replica replica, OwedNotice notice)
    {
        if (Serving(replica) is not null || Beating(replica) is not null)
        {
            return Task.CompletedTask;
        }

        owed.TryRemove(notice.Place, out _);
        return schedule.Weigh<Func<Task>>(
        [
            (4, () => BeginAsync(
                $"notice {notice.Payout.Name} {notice.Notice.Status}", replica, () => TellAsync(replica, notice))),
            (schedule.FaultChance > 0 && !notice.Payout.Plan.Contradicts ? 1 : 0, LoseAsync),
        ])();

        Task LoseAsync()
        {
            Note($"a notice {notice.Payout.Name} {notice.Notice.Status} is lost");
            return Task.CompletedTask;
        }
    }

    private Task BeginForgedAsync(Replica replica, RunningPayout payout)
    {
        var status = schedule.Pick("failed", "success", "returned");
        if (Beating(replica) is not null || Booked(payout) is not { } booked
            || world.Notices.Of(booked, status, world.Time.Now, AtApi(replica, booked)) is not { } notice)
        {
            return Task.CompletedTask;
        }

        return BeginAsync($"forged notice {payout.Name} {status}", replica, async () =>
        {
            var forged = notice with { Signature = NoticeSignature.Wrong };
            var line = await world.NoticeSender.SendOnceAsync(forged, CancellationToken.None);
            return $"{line.HttpStatus}";
        });
    }

    /// <summary>Pockyt repeats a notice until it hears the right word, eight times at most; now and then it repeats one
    /// that was heard.</summary>
    private async Task<string> TellAsync(Replica replica, OwedNotice notice)
    {
        var to = notice.Notice with { Url = AtApi(replica, Booked(notice.Payout)!) };
        var line = await world.NoticeSender.SendOnceAsync(to, CancellationToken.None);
        var heard = line.Delivered && replica.IsAlive;
        if (heard)
        {
            acknowledged.Add(notice.Notice.No);

            // One that is older than what Pockyt took back says nothing of that.
            notice.Payout.IsToldOtherwise |= notice.Payout.Plan.Contradicts && notice.Notice.Status is "success";
        }

        if (notice.Attempts < 8 && (!heard || schedule.Happens(0.2)))
        {
            owed[notice.Place] = notice with { Attempts = notice.Attempts + 1 };
        }

        return heard ? "success" : $"not heard";
    }

    private static Uri AtApi(Replica replica, BookedPayout booked) =>
        new(replica.Api.BaseAddress!, new Uri(booked.IpnUrl!).AbsolutePath);

    private BookedPayout? Booked(RunningPayout payout) => world.Book.Find(payout.InvoiceId);

    private RunningPayout? PayoutOf(InterceptedMessage hop) =>
        payouts.Find(payout => payout.InvoiceId == hop.InvoiceId);

    /// <summary>Pockyt moves a payout on, and owes a notice of it.</summary>
    private Task MoveAsync(RunningPayout payout)
    {
        Move(payout, Booked(payout)!, payout.Course.Dequeue());
        return Task.CompletedTask;
    }

    private void Move(RunningPayout payout, BookedPayout booked, string status)
    {
        Note($"Pockyt: {payout.Name} is {status}");
        world.Book.Move(booked, status, world.Time.Now);
        if (world.Notices.Of(booked, status, world.Time.Now) is { } notice)
        {
            var encoding = schedule.JsonNotices ? "json" : "form";
            owed[written] = new OwedNotice(payout, notice with { Encoding = encoding }, written++, Attempts: 1);
        }
    }

    private async Task DeliverAsync((DateTimeOffset By, PockytProxy Over, LateRequest Request) request)
    {
        late.Remove(request);
        Note("a late request arrives");
        world.Faults.Add(new FaultScript(
            "pay", request.Request.InvoiceId, Deduplicate: schedule.Deduplicates));
        await request.Over.DeliverAsync(request.Request);
    }

    private async Task KillAsync(Replica replica)
    {
        Note($"{replica.Name} dies");
        var dying = activities.Where(activity => activity.Replica == replica)
            .OrderByDescending(activity => activity.IsBeating).ToList();
        await replica.KillAsync();
        foreach (var activity in dying)
        {
            // It may run on in memory. Nothing that it says gets out, and its clock never wakes it again.
            Turnstile.Run(activity);
            activity.IsBlocked = false;
            world.Time.Forget(activity);
            activity.Hop?.Decide(new FaultDecision(FaultKind.CutBefore));
            activity.Hop = null;
            await QuietAsync(activity);
            world.Time.Forget(activity);
            activities.Remove(activity);
        }

        foreach (var link in replica.Database.Links)
        {
            link.LetGo();
        }

        if (dying.Exists(activity => activity.Accepts || activity.Joins))
        {
            // A group may still try the others of those that it served, and must find the database gone: the next
            // process of this replica shares its memory.
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        await SettleAsync();
        await replica.BuryAsync();
    }

    /// <summary>A process looks at its database before it serves anybody.</summary>
    private Task StartAsync(Replica replica)
    {
        Note($"{replica.Name} starts");
        replica.Start(schedule.ResendAfterNotSeen, markers[replica]);
        return BeginUnlessBusyAsync(replica, "watch", () => WatchAsync(replica));
    }

    private async Task<string> WatchAsync(Replica replica)
    {
        var lives = replica.Lives;
        var outcome = await PassAsync(replica.Watch);
        if (replica.Lives != lives || !replica.IsAlive)
        {
            return "unheard";
        }

        replica.IsReady = true;
        if (forgotten is not null && forgotten != replica && outcome == "done")
        {
            forgotten = null;
        }

        return outcome;
    }

    private async Task TurnPockytAsync(Replica replica)
    {
        if (replica.Pockyt.IsShut)
        {
            Note($"{replica.Name} reaches Pockyt again");
            replica.Pockyt.Open();
        }
        else if (activities.Where(activity => activity.Replica == replica)
            .All(activity => activity.Hop?.Kind is not (MessageKind.Call or MessageKind.CallAnswer)))
        {
            Note($"{replica.Name} does not reach Pockyt");
            await replica.Pockyt.ShutAsync();
        }
    }

    /// <summary>The balance at Pockyt is gone, or is back.</summary>
    private Task DrainAsync()
    {
        var currency = schedule.Pick(world.Destinations).Currency;
        var isBack = drained.Remove(currency, out var gone);
        if (!isBack)
        {
            gone = world.Balances.Of(currency, world.Pockyt.MerchantNo);
            drained[currency] = gone;
        }

        world.Balances.Change(currency, isBack ? gone : -gone, world.Pockyt.MerchantNo);
        Note(isBack ? $"{currency} is back" : $"{currency} is gone");
        return Task.CompletedTask;
    }

    /// <summary>Pockyt suspends the payee or an account, or ends that.</summary>
    private Task SuspendAsync()
    {
        var what = schedule.Pick("payee", "accounts");
        if (!suspended.Remove(what))
        {
            suspended.Add(what);
        }

        world.Suspend(payee: suspended.Contains("payee"), accounts: suspended.Contains("accounts"));
        Note($"suspended: {string.Join(' ', suspended.Order())}");
        return Task.CompletedTask;
    }

    private Task SkewAsync(Replica replica)
    {
        replica.Clock.Skew = TimeSpan.FromSeconds(schedule.Skew());
        Note($"{replica.Name}'s clock is off by {replica.Clock.Skew}");
        return Task.CompletedTask;
    }
}
