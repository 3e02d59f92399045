using PayoutService.Tests.Proofs.Schedules;

namespace PayoutService.Tests.Proofs.Deliveries;

/// <summary>
/// Counts what a process says to PostgreSQL and to subscribers, and lets it die at one of these: before the message
/// arrives, or after it was done and before the answer is known. From then on nothing of it reaches PostgreSQL.
/// </summary>
internal sealed class CrashPoint : IMessageGate
{
    private int count;
    private int at;
    private bool isAfter;

    public Activity? Running => null;

    public bool IsDead { get; private set; }

    /// <summary>Lets the process die at one of the next messages.</summary>
    /// <param name="next">Which of them, from 1; none is too far.</param>
    /// <param name="after">True: it is done first.</param>
    public void Arm(int next, bool after) => (count, at, isAfter) = (0, next, after);

    /// <summary>A subscriber has a request of this process, and has not answered.</summary>
    public void Post() => IsDead |= Interlocked.Increment(ref count) == at;

    public Task<FaultDecision> StopAsync(Activity? sender, InterceptedMessage hop)
    {
        if (IsDead)
        {
            return Task.FromResult(new FaultDecision(FaultKind.CutBefore));
        }

        IsDead = Interlocked.Increment(ref count) == at;
        return Task.FromResult(
            !IsDead ? FaultDecision.Pass : new FaultDecision(isAfter ? FaultKind.CutAfter : FaultKind.CutBefore));
    }

    public Task<FaultDecision> StopAnswerAsync(Activity? asker, FaultDecision fate, InterceptedMessage hop) =>
        Task.FromResult(FaultDecision.Pass);

    public void Wake()
    {
        // Nobody waits for the end of a connection.
    }
}
