namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>The one time of a world, owned by the driver: it stands still until the driver moves it. Pockyt and the
/// database live by it; each replica by a clock of its own that may be off.</summary>
internal sealed class VirtualClock(MessageInterceptor turnstile) : TimeProvider
{
    /// <summary>Where every schedule begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly List<Alarm> alarms = [];
    private readonly Lock gate = new();
    private long ticks = Start.UtcTicks;

    public DateTimeOffset Now => new(Volatile.Read(ref ticks), TimeSpan.Zero);

    public TimeSpan SinceStart => Now - Start;

    public override DateTimeOffset GetUtcNow() => Now;

    public void Set(DateTimeOffset to) => Volatile.Write(ref ticks, to.UtcTicks);

    /// <summary>The alarm that rings first, if it rings by then.</summary>
    public Alarm? NextAlarm(DateTimeOffset by)
    {
        lock (gate)
        {
            return alarms.Where(alarm => alarm.DueAt <= by).MinBy(alarm => alarm.DueAt);
        }
    }

    /// <summary>Whoever is dead is not woken.</summary>
    public void Forget(Activity activity)
    {
        lock (gate)
        {
            alarms.RemoveAll(alarm => alarm.Sleeper == activity);
        }
    }

    public ITimer Sleep(TimerCallback callback, object? state, TimeSpan time)
    {
        var alarm = new Alarm(this, callback, state, Now + time, Activity.Current);

        // A loop of the host's own: the driver runs its passes, so it never wakes by itself.
        if (alarm.Sleeper is null)
        {
            return alarm;
        }

        lock (gate)
        {
            alarms.Add(alarm);
        }

        turnstile.FellAsleep(alarm.Sleeper);
        return alarm;
    }

    /// <summary>A timer of the product's, which rings when the driver says so.</summary>
    internal sealed class Alarm(
        VirtualClock timeline, TimerCallback callback, object? state, DateTimeOffset dueAt, Activity? sleeper) : ITimer
    {
        public DateTimeOffset DueAt => dueAt;

        public Activity? Sleeper => sleeper;

        public void Ring()
        {
            Dispose();
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (timeline.gate)
            {
                timeline.alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A replica's clock: the world's time, and what it is off by. Its monotonic time is never off.</summary>
internal sealed class ReplicaClock(VirtualClock timeline, TimeSpan phase) : TimeProvider
{
    /// <summary>How far it is off.</summary>
    public TimeSpan Skew { get; set; }

    // The phase keeps two replicas from ever reading the same instant: ids made in one millisecond have no order.
    public override DateTimeOffset GetUtcNow() => timeline.Now + phase + Skew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => timeline.Now.UtcTicks;

    // What nobody steps, such as the loops of the host, never wakes.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Activity.Current is null
            ? System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
            : timeline.Sleep(callback, state, dueTime);
}
