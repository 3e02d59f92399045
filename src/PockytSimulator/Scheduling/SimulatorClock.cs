using PockytSimulator.State;

namespace PockytSimulator.Scheduling;

/// <summary>Real time plus an offset that a test moves, so that two hours of retries take no time.</summary>
internal sealed class SimulatorClock(TimeProvider real, Journal journal) : TimeProvider
{
    private long _offsetTicks;

    public event Action? Moved;

    public override DateTimeOffset GetUtcNow() => real.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    public void Advance(TimeSpan by)
    {
        journal.Record(new JournalEntry.ClockAdvanced(by));
        Interlocked.Add(ref _offsetTicks, by.Ticks);
        Moved?.Invoke();
    }
}
