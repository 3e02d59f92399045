using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt.Translation;

/// <summary>Turns an answer of the wire into an outcome.</summary>
internal static class ProviderAnswers
{
    /// <param name="answer">The answer.</param>
    /// <param name="call">The kind of call, for which the result code is read.</param>
    /// <param name="payload">Reads what a success carries; null when something is missing, or is
    /// about another object.</param>
    public static ProviderAnswer<T> Of<T>(PockytAnswer answer, PockytCall call, Func<JsonElement, T?> payload)
        where T : class
    {
        if (answer is not PockytAnswer.Said said)
        {
            return answer switch
            {
                PockytAnswer.NotSent(var why) => new ProviderAnswer<T>.NotSent(why),
                PockytAnswer.Unclear(var why) => new ProviderAnswer<T>.Unclear(why),
                _ => new ProviderAnswer<T>.Unclear("No answer."),
            };
        }

        var message = PayoutTranslation.Message(said);
        return ResultCodes.Of(said, call) switch
        {
            CodeMeaning.Ok => payload(said.Body) is { } told
                ? new ProviderAnswer<T>.Done(told)
                : new ProviderAnswer<T>.Unclear("Pockyt answered success without the members that it should carry."),
            CodeMeaning.NotFound => new ProviderAnswer<T>.NotFound(said.Code, message),
            CodeMeaning.Refused => new ProviderAnswer<T>.Refused(said.Code, message),
            _ => new ProviderAnswer<T>.Unclear($"{PayoutTranslation.Clean(said.Code)}: {message}"),
        };
    }
}
