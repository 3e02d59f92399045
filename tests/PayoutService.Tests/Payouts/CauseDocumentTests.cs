using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payouts;

/// <summary>docs/operations.md has the causes as the service has them.</summary>
public sealed class CauseDocumentTests
{
    [Fact]
    public void The_page_lists_every_cause_with_its_sentence_owner_target_and_action()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "operations.md"));
        var from = Array.IndexOf(page, "## Causes");

        var rows = page.Skip(from).SkipWhile(line => !line.StartsWith("| --- ", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(Cause.All.Concat(Cause.OfService).Select(RowOf), rows);
    }

    private static string RowOf(Cause cause)
    {
        var owner = cause.Owner.ToString().ToLowerInvariant();
        var target = cause.TargetAge switch
        {
            null => "–",
            { TotalDays: >= 1 } age => $"{age.Days} d",
            { TotalHours: >= 1 } age => $"{age.Hours} h",
            { } age => $"{age.Minutes} min",
        };
        return $"| <a id=\"cause-{cause.Word}\"></a>`{cause.Word}` | {cause.Sentence} | {owner} | {target} "
            + $"| {cause.Action} |";
    }
}
