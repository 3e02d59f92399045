using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using PayoutService.Tests.Support;
using PockytSimulator;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>A payout while its schedule runs.</summary>
internal sealed class RunningPayout(string name, string invoiceId, PlannedPayout plan)
{
    public string Name => name;

    public string InvoiceId => invoiceId;

    public PlannedPayout Plan => plan;

    /// <summary>What it still becomes at Pockyt.</summary>
    public Queue<string> Course { get; } = new(plan.Course);

    /// <summary>The API's id for it, once the API has answered.</summary>
    public string? Id { get; set; }

    /// <summary>The API said that it was withdrawn.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>Somebody was told what is not so, and a human may be called.</summary>
    public bool IsLiedAbout { get; set; } = plan.Contradicts;

    /// <summary>How many times a request to pay it left the service.</summary>
    public int Calls { get; set; }
}

/// <summary>A notice that Pockyt owes.</summary>
internal sealed record OwedNotice(RunningPayout Payout, Notice Notice, int Attempts);

/// <summary>
/// Runs one schedule: steps the workers, the API and the notices of both replicas one message at a time, moves the
/// clock, and does to each message what the seed says. Then the faults stop, and all runs to rest.
/// </summary>
internal sealed partial class Driver
{
    /// <summary>Longer than this no request is on its way: the re-send gate counts on it.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(20);

    /// <summary>A schedule takes a tenth of a second; one that takes this long hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly World world;
    private readonly Schedule schedule;
    private readonly Coverage coverage;
    private readonly List<string> trace = [];
    private readonly List<string> breaches = [];
    private readonly List<Activity> activities = [];
    private readonly List<OwedNotice> owed = [];
    private readonly List<(DateTimeOffset By, PockytProxy Over, LateRequest Request)> late = [];
    private readonly HashSet<string> acknowledged = [];
    private readonly List<Replica> replicas;
    private List<RunningPayout> payouts = [];
    private int step;

    private Driver(World world, Schedule schedule, Coverage coverage)
    {
        this.world = world;
        this.schedule = schedule;
        this.coverage = coverage;
        replicas = [.. world.Replicas.Take(schedule.Replicas)];
    }

    /// <summary>Runs a schedule to its end, and judges.</summary>
    public static async Task<Ending> RunAsync(World world, int seed, Coverage coverage)
    {
        var driver = new Driver(world, new Schedule(seed), coverage);
        try
        {
            await driver.BeginAsync();
            for (driver.step = 0; driver.step < driver.schedule.Steps; driver.step++)
            {
                await driver.StepAsync();
            }

            await driver.CalmAsync();
            await driver.RestAsync();
            await driver.JudgeAsync();
        }
        catch (TimeoutException hung)
        {
            driver.breaches.Add(hung.Message);
        }

        await driver.EndAsync();
        return new Ending(seed, driver.trace, driver.breaches);
    }

    private TimeSpan Elapsed => world.Time.SinceStart;

    private Turnstile Turnstile => world.Turnstile;

    private async Task BeginAsync()
    {
        var prefix = await world.ResetAsync();
        payouts = [.. schedule.Payouts.Select((plan, at) => new RunningPayout($"p{at + 1}", $"{prefix}{at + 1}", plan))];
        world.Pockyt.InquiryLag = schedule.InquiryLag;
        world.Pockyt.WrapAnswers = schedule.WrapsAnswers;
        foreach (var replica in replicas)
        {
            replica.Clock.Skew = schedule.Skews[replicas.IndexOf(replica)];
            replica.Pockyt.OnCall = hop => ObserveAsync(replica, hop);
            replica.Start(schedule.ResendAfterNotSeen);
        }

        Note($"{payouts.Count} payouts, {replicas.Count} replicas, re-send {schedule.ResendAfterNotSeen}, "
            + $"lag {schedule.InquiryLag}, skews {string.Join(' ', schedule.Skews)}");
        Turnstile.IsOpen = false;
    }

    private async Task EndAsync()
    {
        foreach (var replica in activities.Select(activity => activity.Replica).Distinct().ToList())
        {
            await KillAsync(replica);
        }

        Turnstile.IsOpen = true;
        foreach (var replica in replicas)
        {
            await replica.BuryAsync();
            replica.Clock.Skew = TimeSpan.Zero;
            replica.Pockyt.Late.Clear();
        }
    }

    private void Note(string line) =>
        trace.Add(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,10:F2}  {line}"));

    /// <summary>The next thing that happens, of all that can.</summary>
    private Task StepAsync()
    {
        // Ten milliseconds pass with every step, so that no two payouts are accepted at one instant.
        world.Time.Set(world.Time.Now + TimeSpan.FromMilliseconds(10));
        var faults = schedule.FaultChance > 0 ? 1 : 0;
        var options = new List<(double, Func<Task>)> { (2.5, () => AdvanceAsync(DrawTime())) };
        foreach (var activity in activities.Where(activity => activity.Hop is not null && activity.ParkedUntil <= step))
        {
            options.Add((8, () => ProgressAsync(activity)));
        }

        foreach (var replica in replicas)
        {
            if (!replica.IsAlive)
            {
                options.Add((2, () => StartAsync(replica)));
                continue;
            }

            options.Add((3, () => BeginUnlessBusyAsync(replica, "dispatch", () => DispatchAsync(replica))));
            options.Add((3, () => BeginUnlessBusyAsync(replica, "reconcile", () => ReconcileAsync(replica))));
            options.Add((0.2 * faults, () => KillAsync(replica)));
            options.Add(((replica.Pockyt.IsShut ? 2 : 0.2) * faults, () => TurnPockytAsync(replica)));
            options.Add((0.2 * faults, () => SkewAsync(replica)));
            foreach (var payout in payouts)
            {
                options.Add((payout.Id is null ? 4 : 0.1, () => BeginAcceptAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.15, () => BeginRefreshAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.05, () => BeginCancelAsync(replica, payout)));
                options.Add((payout.Calls == 0 ? 0 : 0.1 * faults, () => BeginForgedAsync(replica, payout)));
            }

            foreach (var notice in owed)
            {
                options.Add((1, () => BeginNoticeAsync(replica, notice)));
            }
        }

        foreach (var payout in payouts.Where(payout => payout.Course.Count > 0 && Booked(payout) is not null))
        {
            options.Add((1, () => MoveAsync(payout)));
        }

        foreach (var request in late)
        {
            options.Add((0.5, () => DeliverAsync(request)));
        }

        return schedule.Weigh(options)();
    }

    private TimeSpan DrawTime() => schedule.Weigh(
    [
        (3, TimeSpan.FromSeconds(1)),
        (3, TimeSpan.FromSeconds(10)),
        (2, TimeSpan.FromMinutes(1)),
        (2, TimeSpan.FromSeconds(95)),
        (1, TimeSpan.FromMinutes(6)),
        (0.6, TimeSpan.FromMinutes(20)),
        (0.4, TimeSpan.FromMinutes(46)),
        (0.1, TimeSpan.FromHours(2)),
    ]);

    /// <summary>Lets an activity go on, message by message, until something happens to one or another gets its turn.</summary>
    private async Task ProgressAsync(Activity activity)
    {
        while (activity.Hop is { } hop)
        {
            var fault = hop.Kind is HopKind.Call or HopKind.CallAnswer
                ? Math.Min(3 * schedule.FaultChance, 0.5) : schedule.FaultChance;
            if (schedule.Happens(fault))
            {
                await StrikeAsync(activity, hop);
                return;
            }

            await DecideAsync(activity, hop, Fate.Pass);
            if (schedule.Happens(schedule.SwitchChance))
            {
                return;
            }
        }
    }

    /// <summary>Something happens to a message.</summary>
    private Task StrikeAsync(Activity activity, Hop hop)
    {
        var part = schedule.Next();
        var isPay = hop.Label == "pay";
        var options = new List<(double, Func<Task>)>
        {
            (2, HoldAsync),
            (3, () => DecideAsync(activity, hop, new Fate(FateKind.CutBefore, part))),
            (3, () => DecideAndDieAsync(new Fate(FateKind.CutBefore, part))),
        };
        if (hop.Kind is HopKind.Query or HopKind.Call)
        {
            options.Add((2, ParkAsync));
            options.Add((4, () => DecideAsync(activity, hop, new Fate(FateKind.CutAfter, part))));
            options.Add((4, () => DecideAndDieAsync(new Fate(FateKind.CutAfter, part))));
        }

        if (hop.Kind is HopKind.Query)
        {
            var refusal = schedule.Pick("40001", "40P01", "25006", "53100");
            options.Add((2, () => DecideAsync(activity, hop, new Fate(FateKind.Refuse, Code: refusal))));
        }

        if (hop.Kind is HopKind.Call)
        {
            var refusal = schedule.Pick("502", "503", "504", "302", "307");
            options.Add((2, () => DecideAsync(activity, hop, new Fate(FateKind.Refuse, Code: refusal))));
            options.Add((1, () => DecideAsync(activity, hop, new Fate(FateKind.PassAndClose))));
            options.Add((isPay ? 4 : 0, () => DecideAsync(activity, hop, new Fate(FateKind.Late))));
            options.Add((hop.Label is "pay" or "inquiry" ? 10 : 0, MisbehaveAsync));
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
            await DecideAsync(activity, hop, new Fate(FateKind.Park));
            activity.ParkedUntil = step + 1 + schedule.Next(15);
        }

        async Task DecideAndDieAsync(Fate fate)
        {
            await DecideAsync(activity, hop, fate);
            coverage.Count(hop, fate.Kind is FateKind.CutBefore ? "death before" : "death after");
            await KillAsync(activity.Replica);
        }

        async Task MisbehaveAsync()
        {
            var how = schedule.PickMisbehaviour(hop.Label);
            Note($"Pockyt misbehaves: {how.Name}");
            coverage.Count(hop, how.Name);
            var payout = PayoutOf(hop);
            payout.IsLiedAbout |= how.Lies;
            await DecideAsync(activity, hop, Fate.Pass, how);
            if (how.Becomes is { } status && Booked(payout) is { } booked)
            {
                payout.Course.Clear();
                Move(payout, booked, status);
            }
        }
    }

    /// <summary>A message meets its fate, and its activity goes on to the next one.</summary>
    private async Task DecideAsync(Activity activity, Hop hop, Fate fate, Misbehaviour? how = null)
    {
        if (fate.Kind is not FateKind.Pass)
        {
            coverage.Count(hop, fate.Kind.ToString());
        }

        Note($"{activity.Name}: {hop.Kind} {hop.Label} {fate.Kind}"
            + (fate.Kind is FateKind.CutBefore or FateKind.CutAfter && hop.Kind is HopKind.Call
                ? $" at {fate.Part:P1}" : "") + fate.Code);
        Arm(hop, fate, how);
        activity.Hop = null;
        Turnstile.Run(activity);
        hop.Decide(fate);
        await QuietAsync(activity);
        if (hop.Kind is HopKind.Call && activity.Replica.Pockyt.Late.TryDequeue(out var request))
        {
            var after = LongestDelay * schedule.Next();
            late.Add((world.Time.Now + after, activity.Replica.Pockyt, request));
        }

        await FinishAsync();
    }

    /// <summary>Pockyt does not recognize a repeated request: it would pay twice. That is for us never to provoke.</summary>
    private void Arm(Hop hop, Fate fate, Misbehaviour? how)
    {
        var arrives = fate.Kind is FateKind.Pass or FateKind.Park or FateKind.CutAfter or FateKind.PassAndClose;
        if (hop.Kind is HopKind.Call && arrives && (hop.Label is "pay" || how is not null))
        {
            world.Faults.Add(new FaultScript(
                hop.Label, hop.InvoiceId, Execute: how?.Execute ?? true, Answer: how?.Answer, Deduplicate: false));
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
                foreach (var link in activity.Replica.Database.Links.Where(link => link.IsBusy && link.User == activity))
                {
                    if (await world.IsBlockedAsync(link))
                    {
                        Turnstile.MarkBlocked(activity);
                    }
                }

                LoseNoPatience(started, activity.Name);
            }

            await pause.CancelAsync();
        }

        activity.HeldSince = world.Time.Now;
        await SettleAsync();
    }

    /// <summary>Waits until PostgreSQL has nothing left to do but to wait for locks.</summary>
    private async Task SettleAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var changed = Turnstile.Changed;
            var waits = true;
            foreach (var link in world.Replicas.SelectMany(replica => replica.Database.Links).Where(link => link.IsBusy))
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
            Note($"{activity.Name}: {await activity.Outcome}");
        }
    }

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

    private Task BeginUnlessBusyAsync(Replica replica, string name, Func<Task<string>> work) =>
        activities.Any(activity => activity.Name == $"{replica.Name} {name}")
            ? Task.CompletedTask
            : BeginAsync(name, replica, work);

    private static async Task<string> DispatchAsync(Replica replica)
    {
        try
        {
            await replica.Dispatcher.RunOnceAsync(CancellationToken.None);
            await replica.Dispatcher.WhenIdleAsync();
            return "done";
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            return "failed";
        }
    }

    private static async Task<string> ReconcileAsync(Replica replica)
    {
        try
        {
            await replica.Reconciler.RunOnceAsync(CancellationToken.None);
            await replica.Reconciler.WhenIdleAsync();
            return "done";
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            return "failed";
        }
    }

    private Task BeginAcceptAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"accept {payout.Name}", () => AcceptAsync(replica, payout));

    private async Task<string> AcceptAsync(Replica replica, RunningPayout payout)
    {
        var destination = world.Destinations[payout.Plan.Destination];
        var request = Example.Payout(destination.AccountId, payout.InvoiceId, payout.Plan.Amount);
        request["currency"] = destination.Currency;
        var answer = await replica.Api.PostAsJsonAsync("/v1/payouts", request);

        // Of a process that died meanwhile nobody has heard an answer.
        if (!replica.IsAlive)
        {
            return "unheard";
        }

        if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
        {
            payout.Id = (await Stage.Answer(answer)).GetProperty("id").GetString();
        }

        return $"{(int)answer.StatusCode}";
    }

    private Task BeginRefreshAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"refresh {payout.Name}", async () =>
        {
            var answer = await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/refresh", null);
            return $"{(int)answer.StatusCode}";
        });

    private Task BeginCancelAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"cancel {payout.Name}", async () =>
        {
            var answer = await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/cancel", null);
            payout.IsWithdrawn |= answer.StatusCode is HttpStatusCode.OK && replica.IsAlive;
            return $"{(int)answer.StatusCode}";
        });

    private Task BeginNoticeAsync(Replica replica, OwedNotice notice)
    {
        owed.Remove(notice);
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

    private Task BeginForgedAsync(Replica replica, RunningPayout payout) => Booked(payout) is { } booked
        && world.Notices.Of(booked, schedule.Pick("failed", "success", "returned"), world.Time.Now, AtApi(replica, booked))
            is { } notice
            ? BeginAsync($"forged notice {payout.Name} {notice.Status}", replica, async () => (
                await world.NoticeSender.SendOnceAsync(
                    notice with { Signature = NoticeSignature.Wrong }, CancellationToken.None)).HttpStatus is { } status
                        ? $"{status}" : "unheard")
            : Task.CompletedTask;

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
        }

        if (notice.Attempts < 8 && (!heard || schedule.Happens(0.2)))
        {
            owed.Add(notice with { Attempts = notice.Attempts + 1 });
        }

        return heard ? "success" : $"not heard";
    }

    private static Uri AtApi(Replica replica, BookedPayout booked) =>
        new(replica.Api.BaseAddress!, new Uri(booked.IpnUrl!).AbsolutePath);

    private BookedPayout? Booked(RunningPayout payout) => world.Book.Find(payout.InvoiceId);

    private RunningPayout PayoutOf(Hop hop) => payouts.Single(payout => payout.InvoiceId == hop.InvoiceId);

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
            owed.Add(new OwedNotice(
                payout, notice with { Encoding = schedule.JsonNotices ? "json" : "form" }, Attempts: 1));
        }
    }

    private async Task DeliverAsync((DateTimeOffset By, PockytProxy Over, LateRequest Request) request)
    {
        late.Remove(request);
        var payout = payouts.Single(payout => payout.InvoiceId == request.Request.InvoiceId);
        Note($"a late request arrives for {payout.Name}");
        world.Faults.Add(new FaultScript("pay", payout.InvoiceId, Deduplicate: false));
        await request.Over.DeliverAsync(request.Request);
    }

    private async Task KillAsync(Replica replica)
    {
        Note($"{replica.Name} dies");
        var dying = activities.Where(activity => activity.Replica == replica).ToList();
        await replica.KillAsync();
        foreach (var activity in dying)
        {
            // It may run on in memory. Nothing that it says gets out, and its clock never wakes it again.
            Turnstile.Run(activity);
            activity.IsBlocked = false;
            world.Time.Forget(activity);
            activity.Hop?.Decide(new Fate(FateKind.CutBefore));
            activity.Hop = null;
            await QuietAsync(activity);
            world.Time.Forget(activity);
            activities.Remove(activity);
        }

        await SettleAsync();
        await replica.BuryAsync();
    }

    private Task StartAsync(Replica replica)
    {
        Note($"{replica.Name} starts");
        replica.Start(schedule.ResendAfterNotSeen);
        return Task.CompletedTask;
    }

    private async Task TurnPockytAsync(Replica replica)
    {
        if (replica.Pockyt.IsShut)
        {
            Note($"{replica.Name} reaches Pockyt again");
            replica.Pockyt.Open();
        }
        else if (activities.All(activity => activity.Replica != replica || activity.Hop?.Kind is not (HopKind.Call or HopKind.CallAnswer)))
        {
            Note($"{replica.Name} does not reach Pockyt");
            await replica.Pockyt.ShutAsync();
        }
    }

    private Task SkewAsync(Replica replica)
    {
        replica.Clock.Skew = TimeSpan.FromSeconds(schedule.Skew());
        Note($"{replica.Name}'s clock is off by {replica.Clock.Skew}");
        return Task.CompletedTask;
    }

    /// <summary>Time passes, and what was to happen on the way happens.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        var to = world.Time.Now + time;
        while (true)
        {
            var request = late.Where(request => request.By <= to).OrderBy(request => request.By).FirstOrDefault();
            var alarm = world.Time.NextAlarm(request.Request is null ? to : request.By);
            if (alarm is not null)
            {
                await GoToAsync(alarm.DueAt);
                var sleeper = alarm.Sleeper!;
                sleeper.IsAsleep = false;
                Turnstile.Run(sleeper);
                alarm.Ring();
                await QuietAsync(sleeper);
                await FinishAsync();
            }
            else if (request.Request is not null)
            {
                await GoToAsync(request.By);
                await DeliverAsync(request);
            }
            else
            {
                break;
            }
        }

        await DeliverHeldAsync(to);
        await GoToAsync(to);
        Note("time passes");
    }

    /// <summary>A request that is held is on its way, and nothing is on its way for longer than this.</summary>
    private async Task DeliverHeldAsync(DateTimeOffset to)
    {
        foreach (var activity in activities.Where(activity => activity.Hop is { Kind: HopKind.Call, Label: "pay" }).ToList())
        {
            if (activity.Hop is { } hop && to - activity.HeldSince > LongestDelay)
            {
                await DecideAsync(activity, hop, Fate.Pass);
            }
        }
    }

    private Task GoToAsync(DateTimeOffset to) => world.MoveToAsync(to > world.Time.Now ? to : world.Time.Now);

    /// <summary>Looks at each call to Pockyt as it leaves: its claim is committed, and no transaction is open.</summary>
    private async Task ObserveAsync(Replica replica, Hop hop)
    {
        var mine = replica.Database.Links.Where(link => Turnstile.IsOpen || link.User == Turnstile.Running);
        if (mine.Any(link => link.IsInTransaction))
        {
            breaches.Add($"A transaction was open during a call to Pockyt ({hop.Label}).");
        }

        if (hop.Label == "pay")
        {
            var payout = PayoutOf(hop);
            payout.Calls++;
            if (payout.Calls > await world.SendsAsync(payout.InvoiceId))
            {
                breaches.Add($"{payout.Name} was sent before its claim was committed.");
            }
        }
    }
}
