using System.Reflection;
using System.Text.RegularExpressions;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>docs/architecture.md names the code as it is.</summary>
public sealed partial class ArchitectureDocumentTests
{
    private const BindingFlags Anything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly ILookup<string, Type> Types =
        typeof(PayoutDb).Assembly.GetTypes().ToLookup(type => type.Name.Split('`')[0]);

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    [Fact]
    public void Every_hop_of_the_page_is_a_method_of_the_service()
    {
        var hops = Hop().Matches(Page).Select(hop => (Type: hop.Groups[1].Value, Method: hop.Groups[2].Value)).ToList();

        Assert.InRange(hops.Count, 15, 60);
        Assert.All(hops, hop => Assert.True(
            Types[hop.Type].Any(type => type.GetMethods(Anything).Any(method => method.Name == hop.Method)),
            $"{hop.Type}.{hop.Method}"));
    }

    [Fact]
    public void Every_folder_of_the_service_has_its_question()
    {
        var rows = FolderRow().Matches(Page).SelectMany(row => Word().Matches(row.Groups[1].Value))
            .Select(word => word.Groups[1].Value);
        var folders = typeof(PayoutDb).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("PayoutService.", StringComparison.Ordinal) is true)
            .Select(type => type.Namespace!.Split('.')[1]).Distinct();

        Assert.Equal(folders.Order(), rows.Order());
    }

    [Fact]
    public void From_POST_to_commit_there_are_at_most_6_hops()
    {
        var section = Page[Page.IndexOf("## From POST to commit", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 4, StringComparison.Ordinal)];

        Assert.InRange(Numbered().Count(section), 1, 6);
    }

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Hop();

    [GeneratedRegex(@"^\| (`[A-Z][^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex FolderRow();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\d+\. ", RegexOptions.Multiline)]
    private static partial Regex Numbered();
}
