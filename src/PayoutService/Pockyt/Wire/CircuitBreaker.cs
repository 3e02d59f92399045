namespace PayoutService.Pockyt.Wire;

/// <summary>
/// Stops calls while Pockyt does not answer: after five in a row that could not connect or got no answer in time, none
/// is begun for a while, then one at a time tries. Any answer closes it.
/// </summary>
internal sealed class CircuitBreaker(TimeSpan pause, TimeProvider clock)
{
    private const int Limit = 5;

    private readonly Lock gate = new();
    private int failures;
    private long lastFailure;
    private DateTimeOffset? firstFailure;
    private bool trying;

    /// <summary>Since when Pockyt does not answer; null: it does, as far as we know.</summary>
    public DateTimeOffset? AwaySince
    {
        get
        {
            lock (gate)
            {
                return failures < Limit ? null : firstFailure;
            }
        }
    }

    /// <summary>The number of calls that may be begun now.</summary>
    public int FreeSlots
    {
        get
        {
            lock (gate)
            {
                return failures < Limit ? int.MaxValue : MayTry ? 1 : 0;
            }
        }
    }

    private bool MayTry => !trying && clock.GetElapsedTime(lastFailure) >= pause;

    /// <summary>Asks to begin a call; false while calls are stopped.</summary>
    public bool TryBegin()
    {
        lock (gate)
        {
            if (failures < Limit)
            {
                return true;
            }

            return MayTry && (trying = true);
        }
    }

    /// <summary>Tells how a call that was begun ended.</summary>
    public void End(bool answered)
    {
        lock (gate)
        {
            trying = false;
            failures = answered ? 0 : failures + 1;
            firstFailure = answered ? null : firstFailure ?? clock.GetUtcNow();
            lastFailure = answered ? 0 : clock.GetTimestamp();
        }
    }
}
