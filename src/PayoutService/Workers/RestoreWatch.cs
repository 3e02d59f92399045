using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;

namespace PayoutService.Workers;

/// <summary>
/// Notes that the database was restored or taken over by another server, in every role and once before the process
/// listens, and raises the beat of this process, by which a takeover is judged.
/// </summary>
internal sealed class RestoreWatch(
    RestoreDetector detector,
    IPayoutGateway gateway,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<RestoreWatch> logger) : PollingWorker(rules.BeatInterval, lifetime, clock, logger)
{
    private string? said;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunOnceAsync(cancellationToken);
        }
        catch (Exception broken)
            when (PostgresFailures.IsUnavailable(broken) || PostgresFailures.LacksMigration(broken))
        {
            // Nothing is decided on a database that was not checked, and the first tick checks it.
            logger.LogWarning(
                "The database could not be checked for a restore yet: {why}", broken.GetBaseException().Message);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        var happened = await detector.DetectAsync(gateway.Merchants);
        if (happened is not null && happened != said)
        {
            logger.LogWarning("{happened}", happened);
        }

        said = happened;
        if (happened is null)
        {
            await detector.BeatAsync();
            await detector.MarkDueAsync();
        }

        return false;
    }

    public override Task WhenIdleAsync() => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await detector.LeaveAsync();
        }
        catch (Exception broken)
            when (PostgresFailures.IsUnavailable(broken) || PostgresFailures.LacksMigration(broken))
        {
            // Then those that stay wait for this process for a lease.
            logger.LogWarning("The end of this process is not written down: {why}", broken.GetBaseException().Message);
        }
    }
}
