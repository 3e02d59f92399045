namespace PayoutService.Payouts;

/// <summary>The times and limits by which payouts move. Section <c>Payouts</c> of the settings.</summary>
internal sealed class PayoutRules
{
    /// <summary>The time that a caller waits for the database before it gets 503; what was begun goes on.</summary>
    public TimeSpan CallerPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that a lease must have left beyond the timeout when a request is sent:
    /// time to write the answer down.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The time that a claim may hold a payout. Must exceed twice Pockyt's timeout, so that a send which was
    /// started late still ends before the lease does.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Waits between two questions about the same payout; the last one repeats.</summary>
    public TimeSpan[] AskDelays { get; set; } = [.. Seconds(5, 15, 30), .. Minutes(1, 2, 5, 15, 30), Hour];

    /// <summary>Waits before a held payout is looked at again; the last one repeats.</summary>
    public TimeSpan[] HoldDelays { get; set; } = [.. Minutes(1, 5, 15, 30), Hour];

    /// <summary>Waits between questions about a confirmed success, in case the money comes back: thinning over 30 days.
    /// A bank returns within days; after the last wait nobody looks unless a notice comes.</summary>
    public TimeSpan[] ReturnWatchDelays { get; set; } = [Hour, 6 * Hour, .. Days(1, 2, 4, 7, 15)];

    /// <summary>The longest wait before a payout that provably never left us is sent again.</summary>
    public TimeSpan MaxSendDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>"Ask now" is heard at most once in this time per payout.</summary>
    public TimeSpan AskAtMostEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The number of times that Pockyt must say it does not know a payout before it may be sent
    /// again.</summary>
    public int ResendNotSeenCount { get; set; } = 3;

    /// <summary>The time for which Pockyt must have gone on saying so: a request can arrive 20 minutes
    /// after we gave up.</summary>
    public TimeSpan ResendNotSeenSpan { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>The number of times that one payout may be sent again after Pockyt did not know it.</summary>
    public int MaxResends { get; set; } = 3;

    /// <summary>A success that Pockyt does not know for longer than this is a contradiction.</summary>
    public TimeSpan SucceededNotSeenSpan { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A refusal of the only send is confirmed when Pockyt does not know the payout twice,
    /// this far apart.</summary>
    public TimeSpan RefusalNotSeenSpan { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A payout that is past due, unconfirmed, or final and not confirmed, for longer than this wants
    /// attention; so does a refund that nobody confirmed, and a payee whose registration is open.</summary>
    public TimeSpan UnconfirmedSlowAfter { get; set; } = Hour;

    /// <summary>A payout that is held for longer than this wants attention.</summary>
    public TimeSpan HeldSlowAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>A processing payout older than this wants attention.</summary>
    public TimeSpan ProcessingSlowAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>The difference between the clocks of service and database above which nothing is claimed any more. A
    /// skewed clock may make us ask too early; it must never make us send twice.</summary>
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of sends, and of inquiries, of one merchant that may be under way at once: from the claim
    /// until the answer is written down. Each has a connection of its own.</summary>
    public int AtOnce { get; set; } = 128;

    /// <summary>The interval at which workers look for due payouts.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The age that our knowledge of a payee and an account may have when a payout is sent to them; older, and
    /// both are read again first.</summary>
    public TimeSpan PayeeFreshFor { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The time that a payout waits for its payee or account to become active before it is canceled.</summary>
    public TimeSpan PayeeHoldLimit { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The time that a rule holds a payout before it is canceled.</summary>
    public TimeSpan RuleHoldLimit { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The time before that end from which it wants attention.</summary>
    public TimeSpan RuleHoldWarning { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Waits between looks at a payee and its accounts at Pockyt, counted from the last change that was found;
    /// the last one repeats. A look costs two calls.</summary>
    public TimeSpan[] PayeeLookDelays { get; set; } = [.. Minutes(1, 5, 15, 30), Hour, 6 * Hour, .. Days(1)];

    /// <summary>Any text. Change it whenever the database was restored to an earlier moment, before the service starts
    /// on it: payouts may have been sent that the database no longer knows of, so sending stays off until an operator
    /// resumes it, and what may have been sent is asked about first.</summary>
    public string RestoreMarker { get; set; } = "0";

    /// <summary>The interval at which a process raises its beat and checks whether the database is still the
    /// present.</summary>
    public TimeSpan BeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long after a restore that may have lost something a payout that is newly accepted counts as one
    /// that may have been sent in the lost time: callers repeat their requests.</summary>
    public TimeSpan RestoreHorizon { get; set; } = TimeSpan.FromDays(7);

    /// <summary>True when a lease that began so long ago still covers a request that may take so long.</summary>
    public bool LeaseCovers(TimeSpan timeout, TimeSpan elapsed) => Lease - elapsed > timeout + Margin;

    /// <summary>The time that payee and account may be read again before a send when the claim began so long ago: half
    /// of what the lease has to spare, so that the send still fits in. A claim that took longer than all of it is not
    /// acted on.</summary>
    public TimeSpan CheckBudget(TimeSpan timeout, TimeSpan elapsed) => (Lease - elapsed - timeout - Margin) / 2;

    private static TimeSpan[] Seconds(params int[] values) => [.. values.Select(v => TimeSpan.FromSeconds(v))];

    private static TimeSpan[] Minutes(params int[] values) => [.. values.Select(v => TimeSpan.FromMinutes(v))];

    private static TimeSpan[] Days(params int[] values) => [.. values.Select(v => TimeSpan.FromDays(v))];
}
