namespace PayoutService.Workers;

/// <summary>Says when a minute is over, for what need not be done at every tick.</summary>
internal sealed class EveryMinute(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private long? last;

    /// <summary>True when a minute is over; the next one then begins.</summary>
    public bool IsOver()
    {
        if (last is { } since && clock.GetElapsedTime(since) < Length)
        {
            return false;
        }

        last = clock.GetTimestamp();
        return true;
    }
}
