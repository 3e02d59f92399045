namespace PayoutService.Storage;

/// <summary>Wakes those who wait in this process when there is something for them before their timer looks. A signal
/// that is lost costs time and nothing else.</summary>
internal sealed class WakeUps
{
    /// <summary>A line of history was committed: it has to be taken into its feed.</summary>
    public WakeUp History { get; } = new();

    /// <summary>A feed has new events.</summary>
    public WakeUp Feeds { get; } = new();
}

/// <summary>Wakes who waits for something to do.</summary>
internal sealed class WakeUp
{
    private TaskCompletionSource next = New();

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
