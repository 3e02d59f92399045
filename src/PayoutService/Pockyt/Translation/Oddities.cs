using System.Collections.Concurrent;

namespace PayoutService.Pockyt.Translation;

/// <summary>Recent statements of Pockyt, or in its name, that its documents do not know. They move nothing; a person
/// should hear of it.</summary>
internal sealed class Oddities(TimeProvider clock)
{
    public const string NoJson = "Pockyt answered with something that is not JSON";
    public const string UnknownCode = "Pockyt answered with a ret_code that its documents do not list";
    public const string NotSigned =
        "A notification came to a right address without a signature of a token of ours: a token of another "
        + "environment, or somebody who knows the address";

    /// <summary>Long enough to be seen, and short enough to be about today.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (int Times, DateTimeOffset Last)> seen = new();

    public static bool IsKnown(string code) => ResultCodes.Documented.Contains(code);

    public void Saw(string what)
    {
        var now = clock.GetUtcNow();
        seen.AddOrUpdate(
            what,
            (1, now),
            (_, before) => now - before.Last > Remembered ? (1, now) : (before.Times + 1, now));
    }

    public IReadOnlyList<string> Sentences()
    {
        var now = clock.GetUtcNow();
        return
        [
            .. from one in seen
               where now - one.Value.Last <= Remembered
               orderby one.Key
               select $"{one.Key}: {one.Value.Times} times, last at {one.Value.Last:yyyy-MM-dd'T'HH:mm:ss'Z'}.",
        ];
    }
}
