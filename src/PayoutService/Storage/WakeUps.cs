namespace PayoutService.Storage;

/// <summary>What there may be something of.</summary>
[Flags]
internal enum Work
{
    None = 0,

    /// <summary>Payouts that are due to be sent.</summary>
    Sends = 1,

    /// <summary>Payouts that Pockyt is due to be asked about.</summary>
    Inquiries = 2,

    /// <summary>Lines of history that have to be taken into their feeds.</summary>
    History = 4,

    /// <summary>Events in a feed.</summary>
    Feeds = 8,
}

/// <summary>Wakes those who wait when there is something for them before their timer looks: in this process at once, in
/// others by way of <see cref="WakeUpRelay"/>. A signal that is lost costs time and nothing else.</summary>
internal sealed class WakeUps
{
    private int untold;
    private long moves;

    public WakeUp Sends { get; } = new();

    public WakeUp Inquiries { get; } = new();

    public WakeUp History { get; } = new();

    public WakeUp Feeds { get; } = new();

    /// <summary>Signals that other processes should be told something.</summary>
    public WakeUp Untold { get; } = new();

    /// <summary>The number of moves of payouts that this process committed.</summary>
    public long Moves => Interlocked.Read(ref moves);

    /// <summary>Something was committed: wakes who waits for it, here and elsewhere.</summary>
    /// <param name="work">What there may be something of.</param>
    /// <param name="payouts">The number of payouts that it moved.</param>
    public void Signal(Work work, int payouts = 0)
    {
        Interlocked.Add(ref moves, payouts);
        Wake(work);
        Interlocked.Or(ref untold, (int)work);
        Untold.Signal();
    }

    /// <summary>Wakes who waits for it in this process.</summary>
    public void Wake(Work work)
    {
        SignalIf(Work.Sends, Sends);
        SignalIf(Work.Inquiries, Inquiries);
        SignalIf(Work.History, History);
        SignalIf(Work.Feeds, Feeds);

        void SignalIf(Work kind, WakeUp wakeUp)
        {
            if (work.HasFlag(kind))
            {
                wakeUp.Signal();
            }
        }
    }

    /// <summary>What was signalled since the last call.</summary>
    public Work TakeUntold() => (Work)Interlocked.Exchange(ref untold, 0);
}

/// <summary>Wakes who waits for something to do.</summary>
internal sealed class WakeUp
{
    private TaskCompletionSource next = New();

    /// <summary>True when who waits next is woken at once.</summary>
    public bool IsSignalled => next.Task.IsCompleted;

    /// <summary>Wakes who waits, or who waits next.</summary>
    public void Signal() => next.TrySetResult();

    /// <summary>Waits until somebody signals, or the time is up.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancel)
    {
        var waited = next;
        try
        {
            await waited.Task.WaitAsync(atMost, clock, cancel);
            Interlocked.CompareExchange(ref next, New(), waited);
        }
        catch (TimeoutException)
        {
            // Nobody signalled.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
