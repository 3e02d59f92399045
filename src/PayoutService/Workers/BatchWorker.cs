using PayoutService.Storage.Batches;
using PayoutService.UseCases.Batches;

namespace PayoutService.Workers;

/// <summary>Plans, carries out and cancels batches, one at a time. When a process dies, another takes its batch over
/// once the lease has ended, and goes on with the rows that have no outcome.</summary>
internal sealed class BatchWorker(
    BatchStore store,
    PlanBatch plan,
    RunBatch run,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BatchWorker> logger) : PollingWorker(TimeSpan.FromSeconds(1), lifetime, clock, logger)
{
    private readonly Guid id = Guid.CreateVersion7(clock.GetUtcNow());
    private readonly EveryMinute minute = new(clock);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (minute.IsOver())
        {
            await store.ExpireAsync();
        }

        if (await store.ClaimAsync(id) is not { } batch)
        {
            return false;
        }

        if (batch.Status is BatchStatus.Planning)
        {
            await plan.RunAsync(batch, cancel);
            return true;
        }

        return await run.StepAsync(batch, cancel);
    }

    public override Task WhenIdleAsync() => Task.CompletedTask;
}
