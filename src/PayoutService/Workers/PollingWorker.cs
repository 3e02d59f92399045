using PayoutService.Storage;
using PayoutService.Telemetry;

namespace PayoutService.Workers;

/// <summary>The loop, once: runs a bounded pass at every tick, and when it is woken; a full pass runs again at once.
/// </summary>
internal abstract class PollingWorker(
    TimeSpan interval,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger logger,
    WakeUp? wakeUp = null) : BackgroundService
{
    private readonly WakeUp wakeUp = wakeUp ?? new();
    private long lastTick;
    private bool isAway;

    protected TimeProvider Clock => clock;

    /// <summary>The shortest time between two passes that a wake-up begins: under load a pass finds what was committed
    /// in it, instead of a pass for each commit.</summary>
    protected virtual TimeSpan Rest => TimeSpan.FromMilliseconds(20);

    /// <summary>Looks once for work and begins it.</summary>
    /// <returns>Whether there may be more right now.</returns>
    public abstract Task<bool> RunOnceAsync(CancellationToken cancel);

    /// <summary>Waits for what was begun.</summary>
    public abstract Task WhenIdleAsync();

    /// <summary>Begins a pass before the next tick.</summary>
    protected void Wake() => wakeUp.Signal();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // From the first moment of the stop nothing new is claimed.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            stoppingToken, lifetime.ApplicationStopping);
        var cancel = stopping.Token;

        // Not before the first tick: who starts us waits for an answer, and that comes first.
        while (await TickAsync(cancel))
        {
            try
            {
                while (await RunOnceAsync(cancel))
                {
                    Metrics.Passed(GetType().Name, isBroken: false);
                    cancel.ThrowIfCancellationRequested();
                }

                Metrics.Passed(GetType().Name, isBroken: false);
                SayBack();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                break;
            }
            // The world being broken must not end the loop: the next tick looks again.
            catch (Exception broken)
            {
                Metrics.Passed(GetType().Name, isBroken: true);
                SayBroken(broken);
            }
        }

        // Money may be moving: what was begun is finished and written down before we go.
        await WhenIdleAsync();
    }

    /// <summary>A database that is away fails every pass in the same way: one line says so, and one that it is over.
    /// </summary>
    private void SayBroken(Exception broken)
    {
        if (!PostgresFailures.IsUnavailable(broken))
        {
            logger.LogError(broken, "A pass failed; the next tick tries again.");
        }
        else if (!isAway)
        {
            isAway = true;
            logger.LogError("The database is away ({why}); every tick tries again.", broken.GetBaseException().Message);
        }
    }

    private void SayBack()
    {
        if (isAway)
        {
            isAway = false;
            logger.LogInformation("The database is back.");
        }
    }

    private async Task<bool> TickAsync(CancellationToken cancel)
    {
        try
        {
            await wakeUp.WaitAsync(interval, clock, cancel);
            var rest = Rest - clock.GetElapsedTime(lastTick);
            if (lastTick > 0 && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, clock, cancel);
            }

            lastTick = clock.GetTimestamp();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
