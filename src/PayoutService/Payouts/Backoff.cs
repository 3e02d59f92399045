namespace PayoutService.Payouts;

/// <summary>A schedule of growing delays between attempts.</summary>
internal static class Backoff
{
    /// <summary>The delay after so many attempts; the last one repeats.</summary>
    public static TimeSpan Delay(TimeSpan[] schedule, int attempts) =>
        schedule[Math.Clamp(attempts, 0, schedule.Length - 1)];

    /// <summary>The first time of a schedule that began at a moment and is still to come; null when it is over.
    /// </summary>
    public static DateTimeOffset? NextAfter(DateTimeOffset began, TimeSpan[] schedule, DateTimeOffset now)
    {
        var at = began;
        foreach (var delay in schedule)
        {
            at += delay;
            if (at > now)
            {
                return at;
            }
        }

        return null;
    }
}
