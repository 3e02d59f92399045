using System.Text.RegularExpressions;
using PockytSimulator.Payouts;

namespace PockytSimulator.Tests;

/// <summary>docs/simulator.md names every magic amount and every control call.</summary>
public sealed partial class SimulatorDocumentTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "simulator.md"));

    [Fact]
    public void The_page_names_every_magic_amount_and_no_other()
    {
        var inPage = Cents().Matches(Page).Select(match => match.Groups[1].Value);

        Assert.Equal(MagicAmounts.All.Select(amount => $"{amount.Cents:00}"), inPage);
    }

    [Fact]
    public void The_page_names_every_control_call_and_no_other()
    {
        var folder = Path.Combine(Root(), "src", "PockytSimulator", "Control");
        var inCode = Directory.GetFiles(folder, "*.cs").SelectMany(File.ReadLines)
            .Select(line => Route().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups[1].Value.ToUpperInvariant()} {match.Groups[2].Value}");

        var inPage = Call().Matches(Page).Select(match => match.Groups[1].Value);

        Assert.Equal(inCode.Order(), inPage.Order());
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PayoutService.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `\.(\d\d)` \|", RegexOptions.Multiline)]
    private static partial Regex Cents();

    [GeneratedRegex(@"Map(Get|Post|Delete)\(""(/[^""]+)""")]
    private static partial Regex Route();

    [GeneratedRegex(@"`((?:GET|POST|DELETE) /(?!v1)[^`]+)`")]
    private static partial Regex Call();
}
