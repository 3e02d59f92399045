using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;

namespace PayoutService.UseCases;

/// <summary>Lets a merchant's payouts be sent again.</summary>
internal sealed class ResumeSending(SendingStore store, PayoutRules rules, ILogger<ResumeSending> logger)
{
    /// <param name="merchant">The merchant.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="nothingLost">How it is known that restores lost nothing; null: it is not.</param>
    /// <param name="cancel">Gives up waiting; sending may be resumed all the same.</param>
    /// <returns>The pauses that are ended.</returns>
    public async Task<List<Pause>> RunAsync(
        string merchant, Actor actor, string? nothingLost, CancellationToken cancel)
    {
        if (nothingLost is not null)
        {
            await store.ClearRestoresAsync(merchant, actor, nothingLost).WaitAsync(Patience.ForMany, cancel);
        }

        var ended = await store.ResumeAsync(merchant, actor).InTimeAsync(rules, cancel);
        foreach (var pause in ended)
        {
            logger.LogWarning(
                "Sending of {merchant} was resumed by {actor}: the pause of {pausedBy} is ended.",
                merchant, actor, pause.Actor);
        }

        return ended;
    }
}
