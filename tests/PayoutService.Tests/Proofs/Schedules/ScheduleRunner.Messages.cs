using PockytSimulator.Control;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>What becomes of a message, and waiting for what follows from it.</content>
internal sealed partial class ScheduleRunner
{
    /// <summary>Lets an activity go on, message by message, until something happens to one or another gets its turn.
    /// </summary>
    private async Task ProgressAsync(Activity activity)
    {
        while (activity.Hop is { } hop && !MustWait(activity))
        {
            var fault = hop.Kind is MessageKind.Call or MessageKind.CallAnswer
                ? Math.Min(5 * schedule.FaultChance, 0.6) : schedule.FaultChance;
            if (schedule.Happens(fault))
            {
                await StrikeAsync(activity, hop);
                return;
            }

            await DecideAsync(activity, hop, FaultDecision.Pass);
            if (schedule.Happens(schedule.SwitchChance))
            {
                return;
            }
        }
    }

    /// <summary>It could join a group that is being served, or want to beat while another does, and wait for it unseen.
    /// Not for a group while it is in a transaction of its own, for which the group may wait. What beats looks at payee
    /// and account next, what looks records or calls Pockyt next, and what records is done: each waits only for the
    /// lane that it could join next.</summary>
    private bool MustWait(Activity activity) =>
        (Beating(activity.Replica, activity) is { IsBlocked: false } && !activity.IsLooking)
        || (activity.Joins && Serving(activity.Replica, activity) is { } served
            && (!activity.IsBeating || served.IsLooking)
            && !(activity is { IsInGroup: true, IsLooking: false } && served.IsLooking)
            && !activity.Replica.Database.Links.Any(link => link.User == activity && link.IsInTransaction));

    private Activity? Beating(Replica replica, Activity? but = null) =>
        activities.Find(other => other != but && other.Replica == replica && other.IsBeating);

    private Activity? Serving(Replica replica, Activity? but = null) =>
        activities.Find(other => other != but && other.Replica == replica && other.IsInGroup);

    /// <summary>Something happens to a message.</summary>
    private Task StrikeAsync(Activity activity, InterceptedMessage hop)
    {
        var part = schedule.Next();
        var isPay = hop.Label == "pay";
        var options = new List<(double, Func<Task>)>
        {
            (2, HoldAsync),
            (4, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.CutBefore, part))),
            (4, () => DecideAndDieAsync(new FaultDecision(FaultKind.CutBefore, part))),
        };
        if (hop.Kind is MessageKind.Query or MessageKind.Call)
        {
            options.Add((2, ParkAsync));
            options.Add((1, SleepAsync));
            options.Add((4, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.CutAfter, part))));
            options.Add((4, () => DecideAndDieAsync(new FaultDecision(FaultKind.CutAfter, part))));
        }

        if (hop.Kind is MessageKind.Query)
        {
            var refusal = schedule.Pick("40001", "40P01", "25006", "53100");
            options.Add((2, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.Refuse, Code: refusal))));
        }

        if (hop.Kind is MessageKind.Call)
        {
            var refusal = schedule.Pick("502", "503", "504", "302", "307");
            options.Add((2, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.Refuse, Code: refusal))));
            options.Add((1, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.PassAndClose))));
            options.Add((isPay ? 4 : 0, () => DecideAsync(activity, hop, new FaultDecision(FaultKind.Late))));
            options.Add((hop.Label is "pay" or "inquiry" ? 10 : 0, MisbehaveAsync));
            options.Add((hop.Label is "screen" ? 10 : 0, AnswerOtherwiseAsync));
        }

        return schedule.Weigh(options)();

        Task HoldAsync()
        {
            activity.ParkedUntil = step + 1 + schedule.Next(15);
            coverage.Count(hop, "held");
            Note($"{activity.Name}: {hop.Kind} {hop.Label} is held");
            return Task.CompletedTask;
        }

        async Task ParkAsync()
        {
            await DecideAsync(activity, hop, new FaultDecision(FaultKind.Park));
            activity.ParkedUntil = step + 1 + schedule.Next(15);
        }

        // The whole process stands still, wakes much later, and finds the answer waiting.
        async Task SleepAsync()
        {
            await DecideAsync(activity, hop, new FaultDecision(FaultKind.Park));
            activity.ParkedUntil = step + 2 + schedule.Next(5);
            await AdvanceAsync(TimeSpan.FromSeconds(schedule.Pick(95, 1_300, 3_000)));
        }

        async Task DecideAndDieAsync(FaultDecision fate)
        {
            await DecideAsync(activity, hop, fate);
            coverage.Count(hop, fate.Kind is FaultKind.CutBefore ? "death before" : "death after");
            await KillAsync(activity.Replica);
        }

        Task AnswerOtherwiseAsync()
        {
            var answer = schedule.Pick(ScreeningServer.Others);
            Note($"the screening answers {answer}");
            coverage.Count(hop, $"answer {answer}");
            world.Screening!.AnswerOnce(answer);
            return DecideAsync(activity, hop, FaultDecision.Pass);
        }

        async Task MisbehaveAsync()
        {
            var how = schedule.PickMisbehaviour(hop.Label);
            Note($"Pockyt misbehaves: {how.Name}");
            coverage.Count(hop, how.Name);
            if (PayoutOf(hop) is not { } payout)
            {
                return;
            }

            payout.IsLiedAbout |= how.Lies;
            await DecideAsync(activity, hop, FaultDecision.Pass, how);
            if (how.Becomes is { } status && Booked(payout) is { } booked)
            {
                payout.Course.Clear();
                Move(payout, booked, status);
            }
        }
    }

    /// <summary>A message meets its fate, and its activity goes on to the next one.</summary>
    private async Task DecideAsync(
        Activity activity, InterceptedMessage hop, FaultDecision fate, Misbehaviour? how = null)
    {
        if (fate.Kind is not FaultKind.Pass)
        {
            coverage.Count(hop, fate.Kind.ToString());
        }

        Note($"{activity.Name}: {hop.Kind} {hop.Label} {fate.Kind}"
            + (fate.Kind is FaultKind.CutBefore or FaultKind.CutAfter && hop.Kind is MessageKind.Call
                ? $" at {fate.Part:P1}" : "") + fate.Code);
        Arm(hop, fate, how);
        activity.Hop = null;
        Turnstile.Run(activity);
        hop.Decide(fate);
        await QuietAsync(activity);
        coverage.CountCut(hop);
        if (hop.Kind is MessageKind.Call && activity.Replica.Pockyt.Late.TryDequeue(out var request))
        {
            var after = LongestDelay * schedule.Next();
            late.Add((world.Time.Now + after, activity.Replica.Pockyt, request));
        }

        await FinishAsync();
    }

    /// <summary>Pockyt does not recognize a repeated request: it would pay twice. That is for us never to provoke.
    /// </summary>
    private void Arm(InterceptedMessage hop, FaultDecision fate, Misbehaviour? how)
    {
        var arrives = fate.Kind is FaultKind.Pass or FaultKind.Park or FaultKind.CutAfter or FaultKind.PassAndClose;
        if (hop.Kind is MessageKind.Call && arrives && (hop.Label is "pay" or "refund" || how is not null))
        {
            world.Faults.Add(new FaultScript(
                hop.Label, hop.InvoiceId, Execute: how?.Execute ?? true, Answer: how?.Answer,
                Deduplicate: schedule.Deduplicates));
        }
    }

    /// <summary>Waits until the running activity has come to a stop.</summary>
    private async Task QuietAsync(Activity activity)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var changed = Turnstile.Changed;
            if (activity.IsQuiet)
            {
                break;
            }

            using var pause = new CancellationTokenSource();
            var soon = Task.Delay(TimeSpan.FromMilliseconds(4), TimeProvider.System, pause.Token);
            if (await Task.WhenAny(changed, activity.Outcome, soon) == soon)
            {
                var links = activity.Replica.Database.Links
                    .Where(link => link.IsAwaited && link.User == activity).ToList();
                if (links.Count == 0)
                {
                    Turnstile.ShowLater(activity);
                }

                foreach (var link in links)
                {
                    var asked = link.Asked;
                    if (await world.IsBlockedAsync(link) && asked == link.Asked)
                    {
                        await BlockAsync(activity, link, asked);
                    }
                }

                LoseNoPatience(started, activity.Name);
            }

            await pause.CancelAsync();
        }

        activity.HeldSince = world.Time.Now;
        await SettleAsync();
    }

    /// <summary>It waits for a lock. Of several that wait for one PostgreSQL does not say which is next, so only one
    /// may wait, and another's statement is canceled, as a time limit would do.</summary>
    private async Task BlockAsync(Activity activity, PostgresLink link, int asked)
    {
        if (activities.Exists(other => other != activity && other.IsBlocked))
        {
            Note($"{activity.Name}: canceled instead of waiting");
            await world.CancelAsync(link);
        }
        else
        {
            Turnstile.MarkBlocked(activity, link, asked);
        }
    }

    /// <summary>Waits until PostgreSQL has nothing left to do but to wait for locks.</summary>
    private async Task SettleAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var changed = Turnstile.Changed;
            var waits = true;
            var links = world.Replicas.SelectMany(replica => replica.Database.Links);
            foreach (var link in links.Where(link => link.IsBusy))
            {
                waits &= await world.IsBlockedAsync(link);
            }

            if (waits)
            {
                return;
            }

            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
            LoseNoPatience(started, "PostgreSQL");
        }
    }

    private static void LoseNoPatience(long started, string who)
    {
        if (TimeProvider.System.GetElapsedTime(started) > Patience)
        {
            throw new TimeoutException($"{who} hangs.");
        }
    }

    private async Task FinishAsync()
    {
        foreach (var activity in activities.Where(activity => activity.Outcome.IsCompleted).ToList())
        {
            activities.Remove(activity);
            Turnstile.LetGo(activity);
            Note($"{activity.Name}: {await activity.Outcome}");
        }
    }
}
