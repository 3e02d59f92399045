using System.Diagnostics;
using System.Text.RegularExpressions;
using PayoutService.Tests.Support;
using PockytSimulator.Payouts;

namespace PayoutService.Tests;

/// <summary>A newcomer pastes what README shows, and pastes it again.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Root = Repository.Root;

    /// <summary>In the order in which somebody would read them.</summary>
    private static readonly string[] Pages = ["README.md", "docs/api.md"];

    [Fact]
    public async Task The_commands_work_when_pasted_twice_and_print_what_can_be_read()
    {
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        using var service = await ServiceProcess.StartAsync(await TestDatabase.CreateAsync(), simulator.Urls.First());
        var commands = Commands(service.Api.BaseAddress!.Port, new Uri(simulator.Urls.First()).Port);

        var first = await PasteAsync(commands);
        await service.WhenAsync("inv-2026-0001", payout => payout.GetProperty("moneyMoved").GetString() is "yes");
        var second = await PasteAsync(commands);

        Assert.True((first.Code, second.Code) is (0, 0), first.Said + second.Said);
        Assert.Equal(1, simulator.Services.GetService(typeof(Ledger)) is Ledger book
            ? book.PayoutCount : 0);
        Assert.Contains("\n  \"moneyMoved\": ", second.Said, StringComparison.Ordinal);
        Assert.All(second.Said.Split('\n'), line => Assert.True(line.Length < 400, line));
    }

    [Fact]
    public async Task Without_the_service_the_commands_say_that_nobody_answers()
    {
        var nobody = Ports.Take();

        var (code, said) = await PasteAsync(Commands(nobody, nobody));

        Assert.NotEqual(0, code);
        Assert.Contains("Failed to connect", said, StringComparison.Ordinal);
        Assert.Contains("Failed to connect", await ReadmeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_front_door_is_short()
    {
        var readme = await ReadmeAsync();

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(readme), 2_000, 8_000);
    }

    [Fact]
    public void Every_link_of_every_document_leads_to_a_file()
    {
        var pages = Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)).ToList();

        var broken =
            from page in pages
            from link in Links().Matches(File.ReadAllText(page))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
            select $"{Path.GetRelativePath(Root, page)}: {target}";

        Assert.InRange(pages.Count, 25, 200);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_call_shows_errors_and_the_bodies_of_refusals()
    {
        var calls = Pages.SelectMany(page => File.ReadAllLines(Path.Combine(Root, page)))
            .Where(line => line.Contains("curl ", StringComparison.Ordinal));

        Assert.All(calls, call => Assert.Contains("curl -sS --fail-with-body", call, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_of_the_API_has_every_code_of_a_problem()
    {
        var problems = File.ReadAllText(Path.Combine(Root, "src", "PayoutService", "Api", "Http", "Problems.cs"));
        var page = File.ReadAllText(Path.Combine(Root, "docs", "api.md"));
        var codes = Code().Matches(problems).Select(code => code.Groups[1].Value).Distinct().ToList();

        Assert.InRange(codes.Count, 40, 100);
        Assert.All(codes, code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }

    private static string Commands(int port, int simulatorPort) =>
        string.Join('\n', Pages.SelectMany(page => Blocks().Matches(File.ReadAllText(Path.Combine(Root, page))))
            .Select(block => block.Groups[1].Value))
            .Replace(":5080", $":{port}", StringComparison.Ordinal)
            .Replace(":5090", $":{simulatorPort}", StringComparison.Ordinal);

    private static Task<string> ReadmeAsync() => File.ReadAllTextAsync(Path.Combine(Root, "README.md"));

    private static async Task<(int Code, string Said)> PasteAsync(string commands)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", commands])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var bash = Process.Start(start)!;
        var said = bash.StandardOutput.ReadToEndAsync();
        var complained = bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        return (bash.ExitCode, await said + await complained);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    /// <summary>A code stands first in a problem, or after its status.</summary>
    [GeneratedRegex(@"(?:\d{3},\s*|InUse\(\s*|\[""code""\] = )""([a-z]+(?:-[a-z]+)+)""")]
    private static partial Regex Code();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
