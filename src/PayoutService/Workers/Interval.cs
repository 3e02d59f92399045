namespace PayoutService.Workers;

/// <summary>Says when the time has come again for what need not be done at every tick.</summary>
internal sealed class Interval(TimeSpan length, TimeProvider clock)
{
    private long? last;

    /// <summary>Whether the interval is over; the next one then begins.</summary>
    public bool IsOver()
    {
        if (last is { } since && clock.GetElapsedTime(since) < length)
        {
            return false;
        }

        last = clock.GetTimestamp();
        return true;
    }
}
