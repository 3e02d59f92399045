using System.Collections.Concurrent;
using System.Globalization;
using PockytSimulator.Notices;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>A payout while its schedule runs.</summary>
internal sealed class RunningPayout(
    string name, string invoiceId, PlannedPayout plan, RunningPayout? replaces = null)
{
    public string Name => name;

    public string InvoiceId => invoiceId;

    public PlannedPayout Plan => plan;

    /// <summary>In whose place it is asked for; null: in nobody's.</summary>
    public RunningPayout? Replaces => replaces;

    /// <summary>What it still becomes at Pockyt.</summary>
    public Queue<string> Course { get; } = new(plan.Course);

    /// <summary>The API's id for it, once the API has answered.</summary>
    public string? Id { get; set; }

    /// <summary>The API said that it was withdrawn.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>The API keeps the wish to withdraw it until it is known whether it was sent.</summary>
    public bool IsWithdrawalKept { get; set; }

    /// <summary>Somebody was told what is not so, and a human may be called.</summary>
    public bool IsLiedAbout { get; set; } = plan.Contradicts;

    /// <summary>What the API answered last about it; null: nothing yet.</summary>
    public Answered? Answered { get; set; }

    /// <summary>The database may have lost what callers know of it, so they repeat their calls.</summary>
    public bool MustRepeat { get; set; }

    /// <summary>The database lost that it was withdrawn: its caller has to withdraw it again soon.</summary>
    public bool MustWithdraw { get; set; }

    /// <summary>The number of claims to send it the database has lost.</summary>
    public long LostSends { get; set; }

    /// <summary>Pockyt has told us that it takes back what it said.</summary>
    public bool IsToldOtherwise { get; set; }

    /// <summary>The number of times a request to pay it left the service.</summary>
    public int Calls { get; set; }
}

/// <summary>A notice that Pockyt owes.</summary>
internal sealed record OwedNotice(RunningPayout Payout, Notice Notice, int Place, int Attempts);

/// <summary>
/// Runs one schedule: steps the workers, the API and the notices of both replicas one message at a time, moves the
/// clock, and does to each message what the seed says. Then the faults stop, and all runs to rest.
/// </summary>
internal sealed partial class ScheduleRunner
{
    /// <summary>Longer than this no request is on its way: the re-send gate counts on it.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(20);

    /// <summary>A schedule takes a tenth of a second; one that takes this long hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ScheduleCluster world;
    private readonly Schedule schedule;
    private readonly Coverage coverage;
    private readonly List<string> trace = [];
    private readonly List<string> breaches = [];
    private readonly List<Activity> activities = [];

    /// <summary>By their places in the order in which Pockyt wrote them: two that die at once come back in any.
    /// </summary>
    private readonly ConcurrentDictionary<int, OwedNotice> owed = [];

    private readonly List<(DateTimeOffset By, PockytProxy Over, LateRequest Request)> late = [];
    private readonly HashSet<string> acknowledged = [];
    private readonly HashSet<string> suspended = [];
    private readonly Dictionary<string, decimal> drained = [];
    private readonly List<Replica> replicas;
    private List<RunningPayout> payouts = [];
    private int step;
    private int written;

    private ScheduleRunner(ScheduleCluster world, Schedule schedule, Coverage coverage)
    {
        this.world = world;
        this.schedule = schedule;
        this.coverage = coverage;
        replicas = [.. world.Replicas.Take(schedule.Replicas)];
    }

    /// <summary>Runs a schedule to its end, and judges.</summary>
    public static async Task<Ending> RunAsync(ScheduleCluster world, int seed, Coverage coverage, bool restores = false)
    {
        var driver = new ScheduleRunner(world, new Schedule(seed, restores), coverage);
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
            await driver.EndAsync();
            return new Ending(seed, driver.trace, driver.breaches);
        }
        catch (TimeoutException hung)
        {
            return new Ending(seed, driver.trace, [.. driver.breaches, hung.Message], IsHung: true);
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            return new Ending(seed, driver.trace, [.. driver.breaches, $"{broken}"], IsHung: true);
        }
    }

    private TimeSpan Elapsed => world.Time.SinceStart;

    private MessageInterceptor Turnstile => world.Turnstile;

    private async Task BeginAsync()
    {
        var prefix = await world.ResetAsync();
        payouts = [.. schedule.Payouts.Select((plan, at) =>
            new RunningPayout($"p{at + 1}", $"{prefix}{at + 1}", plan))];
        payouts.AddRange([.. schedule.Replacements.SelectMany((plan, at) => plan is null
            ? Enumerable.Empty<RunningPayout>()
            : [new RunningPayout($"{payouts[at].Name}r", $"{payouts[at].InvoiceId}r", plan, payouts[at])])]);
        var answers = new Answers(world.Book, payouts, breaches.Add);
        world.Pockyt.InquiryLag = schedule.InquiryLag;
        world.Pockyt.WrapAnswers = schedule.WrapsAnswers;
        foreach (var replica in replicas)
        {
            replica.Clock.Skew = schedule.Skews[replicas.IndexOf(replica)];
            markers[replica] = "0";
            replica.Pockyt.OnCall = hop => ObserveAsync(replica, hop);
            replica.OnReceive = answers.Receive;
            replica.Start(schedule.ResendAfterNotSeen, markers[replica]);
            await WatchAsync(replica);
        }

        if (schedule.Restores > 0)
        {
            refunds = [new RunningRefund("f1", $"{prefix}f1", $"{prefix}o1")];
            world.Receive(refunds[0].Payment);
            await world.BackUpAsync();
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
        var options = new List<(double, Func<Task>)> { (2, () => AdvanceAsync(DrawTime())) };
        foreach (var activity in activities.Where(activity => activity.Hop is not null && activity.ParkedUntil <= step))
        {
            options.Add((8, () => ProgressAsync(activity)));
        }

        foreach (var replica in replicas)
        {
            if (!replica.IsAlive)
            {
                options.Add((replica == forgotten ? 0 : 2, () => StartAsync(replica)));
                continue;
            }

            options.Add((restored > 0 ? 1 : 0.3, () => BeginUnlessBusyAsync(
                replica, "watch", () => WatchAsync(replica))));
            if (!replica.IsReady)
            {
                continue;
            }

            // A pass that finds nothing shows little, so workers look more often when there is something to find.
            var sends = payouts.Any(payout => payout.Id is not null && payout.Calls == 0) ? 4 : 0.7;
            var asks = payouts.Any(payout => payout.Calls > 0) ? 3 : 0.5;
            options.Add((sends, () => BeginUnlessBusyAsync(replica, "dispatch", () => PassAsync(replica.Dispatcher))));
            options.Add((asks, () => BeginUnlessBusyAsync(replica, "reconcile", () => PassAsync(replica.Reconciler))));
            if (world.Screening is not null)
            {
                options.Add((3, () => BeginUnlessBusyAsync(replica, "screen", () => ScreenAsync(replica))));
            }

            options.Add((0.2 * faults, () => KillAsync(replica)));
            options.Add(((replica.Pockyt.IsShut ? 2 : 0.2) * faults, () => TurnPockytAsync(replica)));
            options.Add((0.2 * faults, () => SkewAsync(replica)));
            options.Add((0.05, () => BeginPauseAsync(replica)));
            options.Add((0.1, () => BeginResumeAsync(replica)));
            options.Add((0.3, () => BeginBatchAsync(replica)));
            foreach (var refund in refunds)
            {
                var weight = refund.Id is null || refund.MustRepeat ? 1 : 0.3;
                options.Add((weight, () => BeginRefundAsync(replica, refund)));
                options.Add((0.3, () => BeginUnlessBusyAsync(replica, "refunds", () => PassAsync(replica.Refunds))));
            }
            foreach (var payout in payouts)
            {
                options.Add((EagerToAccept(payout), () => BeginAcceptAsync(replica, [payout])));
                options.Add((payout.MustWithdraw ? 6 : 0, () => BeginWithdrawAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.4, () => BeginApproveAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.15, () => BeginRefreshAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.05, () => BeginCancelAsync(replica, payout)));
                options.Add((payout.Id is null ? 0 : 0.25, () => BeginGetAsync(replica, payout)));
                options.Add((0.1, () => BeginListAsync(replica, payout)));
                options.Add((EagerToResolve(payout), () => BeginResolveAsync(replica, payout)));
                options.Add((payout.Calls == 0 ? 0 : 0.1 * faults, () => BeginForgedAsync(replica, payout)));
            }

            foreach (var (_, notice) in owed.OrderBy(notice => notice.Key))
            {
                options.Add((2, () => BeginNoticeAsync(replica, notice)));
            }
        }

        foreach (var payout in payouts.Where(payout => payout.Course.Count > 0 && Booked(payout) is not null))
        {
            options.Add((2, () => MoveAsync(payout)));
        }

        foreach (var request in late)
        {
            options.Add((0.5, () => DeliverAsync(request)));
        }

        if (restored < schedule.Restores)
        {
            options.Add((0.7, BackUpAsync));
            options.Add((0.7, LoseTimeAsync));
        }

        options.Add((0.2 * faults, DrainAsync));
        options.Add((0.2 * faults, SuspendAsync));
        return schedule.Weigh(options)();
    }

    /// <summary>A replacement is asked for when what it replaces is over, and now and then before.</summary>
    private static double EagerToAccept(RunningPayout payout) =>
        payout.MustWithdraw ? 0 : payout.MustRepeat ? 1
        : payout.Id is not null || payout.Replaces is { Id: null } ? 0.1
        : payout.Replaces is not { } replaced ? 4
        : replaced.Answered?.Status is "canceled" or "failed" or "returned" ? 2 : 0.05;

    /// <summary>An operator looks where a human is called, and now and then elsewhere.</summary>
    private static double EagerToResolve(RunningPayout payout) =>
        payout.Answered is not { } answered ? 0 : answered.Attention is null ? 0.03 : 0.5;

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

    /// <summary>Time passes, and what was to happen on the way happens.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        var to = world.Time.Now + time;

        // Callers do not leave a withdrawal lost for so long that the payout is sent meanwhile.
        to = withdrawBy is { } by && by < to && payouts.Exists(payout => payout.MustWithdraw)
            ? by > world.Time.Now ? by : world.Time.Now : to;
        while (true)
        {
            var request = late.Where(request => request.By <= to).OrderBy(request => request.By).FirstOrDefault();
            var alarm = world.Time.NextAlarm(request.Request is null ? to : request.By);
            if (alarm is not null)
            {
                var sleeper = alarm.Sleeper!;
                if (!await HasWayAsync(sleeper))
                {
                    return;
                }

                await GoToAsync(alarm.DueAt);
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

        if (await DeliverHeldAsync(to))
        {
            await GoToAsync(to);
            Note("time passes");
        }
    }

    /// <summary>A request that is held is on its way, and nothing is on its way for longer than this.</summary>
    private async Task<bool> DeliverHeldAsync(DateTimeOffset to)
    {
        foreach (var activity in activities.ToList())
        {
            if (activity.Hop is { Kind: MessageKind.Call, Label: "pay" or "refund" } hop
                && to - activity.HeldSince > LongestDelay)
            {
                if (!await HasWayAsync(activity))
                {
                    return false;
                }

                await DecideAsync(activity, hop, FaultDecision.Pass);
            }
        }

        return true;
    }

    /// <summary>Serves the group that an activity could wait for to its end, unless a lock keeps it.</summary>
    private async Task<bool> HasWayAsync(Activity activity)
    {
        while (Beating(activity.Replica, activity) is { Hop: { } beat } beating)
        {
            await DecideAsync(beating, beat, FaultDecision.Pass);
        }

        while (activity.Joins && Serving(activity.Replica, activity) is { Hop: { } hop } served)
        {
            await DecideAsync(served, hop, FaultDecision.Pass);
        }

        return !MustWait(activity);
    }

    private Task GoToAsync(DateTimeOffset to) => world.MoveToAsync(to > world.Time.Now ? to : world.Time.Now);

    /// <summary>Looks at each call to Pockyt as it leaves: its claim is committed, and no transaction is open.
    /// </summary>
    private async Task ObserveAsync(Replica replica, InterceptedMessage hop)
    {
        var mine = replica.Database.Links.Where(link => Turnstile.IsOpen || link.User == Turnstile.Running);
        if (mine.Any(link => link.IsInTransaction))
        {
            breaches.Add($"A transaction was open during a call to Pockyt ({hop.Label}).");
        }

        if (hop.Label == "pay")
        {
            if (PayoutOf(hop) is not { } payout)
            {
                breaches.Add("Pockyt was asked to pay an invoice that nobody knows.");
            }
            else if (++payout.Calls > await world.SendsAsync(payout.InvoiceId) + payout.LostSends)
            {
                breaches.Add($"{payout.Name} was sent before its claim was committed.");
            }
            else if (world.Screening is { } screening
                && !screening.HasCleared(world.Destinations[payout.Plan.Destination].AccountId))
            {
                breaches.Add($"{payout.Name} was sent before its screening answered clean.");
            }
        }
    }
}
