using PayoutService.Storage.Reports;

namespace PayoutService.UseCases;

/// <summary>Reads a report of payouts.</summary>
internal sealed class ReadReport(VolumeStore store, TimeProvider clock)
{
    private const int MostDays = 366;
    private const int DefaultDays = 30;

    private static readonly string[] Known = ["day", "currency", "status", "rail"];

    /// <param name="merchants">Whose payouts.</param>
    /// <param name="from">The first day; null: 30 days before the last.</param>
    /// <param name="to">The day after the last; null: tomorrow.</param>
    /// <param name="by">Words with commas; null: day,status.</param>
    /// <returns>The report, or which field is wrong and why.</returns>
    public async Task<(VolumeQuery? Query, VolumeReport? Report, string? Field, string? Reason)> RunAsync(
        IReadOnlyList<string> merchants, DateOnly? from, DateOnly? to, string? by)
    {
        var end = to ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1);
        var first = from ?? end.AddDays(Math.Max(-DefaultDays, -end.DayNumber));
        if (end <= first || end.DayNumber - first.DayNumber > MostDays)
        {
            return (null, null, "to", $"must be 1 to {MostDays} days after from");
        }

        var words = (by ?? "day,status").Split(',');
        if (words.Except(Known).Any() || words.Distinct().Count() < words.Length)
        {
            return (null, null, "by", $"must be one or more of {string.Join(", ", Known)}, with commas, each once");
        }

        var query = new VolumeQuery(
            merchants, first, end, words.Contains("day"), words.Contains("status"), words.Contains("rail"));
        return await store.ReadAsync(query) is { } report
            ? (query, report, null, null)
            : (null, null, "by", $"gives more than {VolumeStore.MostLines} lines: ask for fewer days or words");
    }
}
