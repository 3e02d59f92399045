namespace PockytSimulator.Scheduling;

/// <summary>Starts what is due, many at a time: one slow receiver of notices must not hold up the others.</summary>
internal sealed class SchedulerService(Scheduler agenda, ILogger<SchedulerService> log) : BackgroundService
{
    // Enough that receivers which hang until the time-out do not starve the rest; bounded, so that a jump of the
    // clock does not open thousands of connections at once.
    private const int AtOnce = 256;

    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);

    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var work = await agenda.NextAsync(stoppingToken);
                await _slots.WaitAsync(stoppingToken);
                _ = Task.Run(() => RunAsync(work, stoppingToken), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The simulator stops; what is still due is taken up at the next start, if there is a state file.
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            await work(stopping);
            _slots.Release();
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogError(failure, "A scheduled settlement or notice failed");
            _slots.Release();
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Stopping: the slot is not needed any more, and may be gone already.
        }
        finally
        {
            agenda.End();
        }
    }
}
