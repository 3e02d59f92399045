using PayoutService.Storage;

namespace PayoutService.Events;

/// <summary>
/// Leaves the processors to payouts: while this process is busy, deliveries rest much longer than they work, and go on
/// with what waits when it is not. An endpoint that fails gets little until it answers.
/// </summary>
internal sealed class DeliveryPace(WakeUps wakeUps, TimeProvider clock)
{
    /// <summary>This process is busy when it uses more than this share of all processors and moves so many payouts a
    /// second: then deliveries would take what payouts need.</summary>
    private const double BusyShare = 0.35;

    private const double BusyMoves = 300;

    /// <summary>One part of work to so many parts of rest: deliveries then take a fortieth of one processor.</summary>
    private const int RestPerWork = 40;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private (long At, TimeSpan Cpu, long Moves) last = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, 0);
    private bool isBusy;

    /// <summary>The time to wait before the next round.</summary>
    /// <param name="worked">The time that the last round took.</param>
    /// <param name="isFailing">Nothing of it was answered with success.</param>
    public TimeSpan RestAfter(TimeSpan worked, bool isFailing)
    {
        var rest = isFailing ? LongestRest : IsBusy() ? worked * RestPerWork : TimeSpan.Zero;
        return rest < LongestRest ? rest : LongestRest;
    }

    private bool IsBusy()
    {
        lock (gate)
        {
            var elapsed = clock.GetElapsedTime(last.At);
            if (elapsed >= Window)
            {
                var (cpu, moves) = (Environment.CpuUsage.TotalTime, wakeUps.Moves);
                isBusy = (cpu - last.Cpu) / elapsed > BusyShare * Environment.ProcessorCount
                    && (moves - last.Moves) / elapsed.TotalSeconds > BusyMoves;
                last = (clock.GetTimestamp(), cpu, moves);
            }

            return isBusy;
        }
    }
}
