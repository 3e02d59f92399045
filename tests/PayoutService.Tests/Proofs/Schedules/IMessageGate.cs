namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>Decides what becomes of each message that crosses a proxy.</summary>
internal interface IMessageGate
{
    /// <summary>Whose messages arrive now; null: nobody's in particular.</summary>
    Activity? Running { get; }

    /// <summary>A message is about to leave.</summary>
    Task<FaultDecision> StopAsync(Activity? sender, InterceptedMessage hop);

    /// <summary>The answer to a message has come.</summary>
    Task<FaultDecision> StopAnswerAsync(Activity? asker, FaultDecision fate, InterceptedMessage hop);

    /// <summary>A connection has ended.</summary>
    void Wake();
}
