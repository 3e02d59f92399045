namespace PayoutService.Tests.Support;

/// <summary>Real time plus what the test has added.</summary>
internal sealed class TestClock : TimeProvider
{
    private long added;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref added));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Volatile.Read(ref added);

    public void Advance(TimeSpan time) => Interlocked.Add(ref added, time.Ticks);
}
