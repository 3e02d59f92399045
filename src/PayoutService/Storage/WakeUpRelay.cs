using System.Globalization;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>
/// Tells other processes what was committed here, and hears it of them, by NOTIFY on a connection of its own: in the
/// transactions that write it would make their commits wait for each other. Where LISTEN does not work, behind a
/// pooler for example, all that is lost is the time until the timers look.
/// </summary>
internal sealed class WakeUpRelay(
    NpgsqlDataSource source, WakeUps wakeUps, TimeProvider clock, ILogger<WakeUpRelay> logger) : BackgroundService
{
    private const string Channel = "payouts_wake_ups";

    /// <summary>What is committed within this time is told in one message.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private bool isRefused;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(AlwaysAsync(ListenAsync, stoppingToken), AlwaysAsync(TellAsync, stoppingToken));

    private async Task AlwaysAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await work(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // The timers do without it. That the database is away is said by the workers.
            catch (Exception broken)
            {
                if (!isRefused && !PostgresFailures.IsUnavailable(broken))
                {
                    isRefused = true;
                    logger.LogWarning(
                        "Other processes are not told of work at once, only by their timers: {why}",
                        broken.GetBaseException().Message);
                }

                await Task.Delay(Retry, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        connection.Notification += (_, told) =>
        {
            if (int.TryParse(told.Payload, NumberStyles.None, CultureInfo.InvariantCulture, out var work))
            {
                wakeUps.Wake((Work)work);
            }
        };
        await using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
        await listen.ExecuteNonQueryAsync(cancel);
        while (true)
        {
            await connection.WaitAsync(cancel);
        }
    }

    private async Task TellAsync(CancellationToken cancel)
    {
        while (true)
        {
            await wakeUps.Untold.WaitAsync(Timeout.InfiniteTimeSpan, clock, cancel);
            var work = wakeUps.TakeUntold();
            if (work is not Work.None)
            {
                // Nobody waits for the disk or a standby: what is lost of it costs time only.
                await using var notify = source.CreateCommand(
                    $"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{Channel}', $1)");
                notify.Parameters.AddWithValue(((int)work).ToString(CultureInfo.InvariantCulture));
                await notify.ExecuteNonQueryAsync(cancel);
            }

            await Task.Delay(Rest, clock, cancel);
        }
    }
}
