using System.Globalization;
using System.Text.RegularExpressions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.UseCases;

namespace PayoutService.Ops;

/// <summary>Times, amounts and words as the pages show them.</summary>
public static partial class Words
{
    /// <summary>A word as the API has it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => PayoutDb.EnumText<T>.Word(value);

    /// <summary>The value of a word; null: there is no such word.</summary>
    public static T? Read<T>(string? word)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => Word(value) == word).Select(value => (T?)value).FirstOrDefault();

    /// <summary>The party that acts, as the board names it.</summary>
    public static string Who(CauseOwner owner) => owner switch
    {
        CauseOwner.Operations => "you: operations",
        CauseOwner.Finance => "finance",
        CauseOwner.Caller => "the caller",
        CauseOwner.Approvers => "a second person",
        CauseOwner.Pockyt => "Pockyt",
        _ => "the service, by itself",
    };

    /// <summary>A time in UTC, to the second.</summary>
    public static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A sentence of the API, with its times as the pages show them.</summary>
    public static string Prose(string sentence) => IsoTime().Replace(sentence, "$1 $2");

    /// <summary>A sentence that names calls of the API, with the buttons of the pages that do the same.</summary>
    public static string WithButtons(string sentence) => Call().Replace(
        sentence, call => $"\"{char.ToUpperInvariant(call.Groups[1].Value[0])}{call.Groups[1].Value[1..]}…\"");

    /// <summary>A time for machines.</summary>
    public static string Iso(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time as seen from another: "3 min ago", "in 6 min".</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now) =>
        (at - now).Duration() < TimeSpan.FromSeconds(1) ? "just now"
        : at > now ? $"in {Lasting(at - now)}" : $"{Lasting(now - at)} ago";

    /// <summary>A duration in its two largest units.</summary>
    public static string Lasting(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min"),
        { TotalHours: < 24 } => Two((int)time.TotalHours, "h", time.Minutes, "min"),
        _ => Two((int)time.TotalDays, "d", time.Hours, "h"),
    };

    /// <summary>An amount with thousands apart: 3,410.00 USD.</summary>
    public static string Amount(decimal amount, string currency) =>
        $"{amount.ToString($"N{Currency.Decimals(currency) ?? 2}", CultureInfo.InvariantCulture)} {currency}";

    /// <summary>The same of an amount in plain text.</summary>
    public static string Amount(string amount, string currency) =>
        Amount(decimal.Parse(amount, CultureInfo.InvariantCulture), currency);

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 payout", "7 payouts".</summary>
    public static string Count(long number, string one, string? many = null) =>
        $"{Number(number)} {(number == 1 ? one : many ?? $"{one}s")}";

    /// <summary>"95 % of the last 1,000 calls took at most 410 ms; 2 had no answer".</summary>
    internal static string Of(LastCalls calls) =>
        $"95 % of the last {Count(calls.Count, "call")} took at most {Number(calls.P95Ms)} ms; "
        + $"{Number(calls.Unanswered)} had no answer";

    /// <summary>A value of which only its beginning is shown.</summary>
    public static string Masked(string value) => value.Length == 0 ? "" : $"{value[0]}•••";

    private static string Two(int large, string largeUnit, int small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit} {small} {smallUnit}");

    [GeneratedRegex(@"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")]
    private static partial Regex IsoTime();

    [GeneratedRegex(@"POST [^ ]*/([a-z]+)")]
    private static partial Regex Call();
}
