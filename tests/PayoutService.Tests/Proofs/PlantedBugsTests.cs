using System.Diagnostics;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>
/// Wrong variants of the service, each of which the check that owns it must catch. Every run looks that each can still
/// be planted and its check still exists; `./test proof` builds each variant in a copy of the repository, and its check
/// must fail there. PAYOUTS_BUGS=name,name builds only those, in any run.
/// </summary>
[Collection(nameof(Proof))]
public sealed class PlantedBugsTests(PlantedBugsTests.Workshop workshop, ITestOutputHelper output)
    : IClassFixture<PlantedBugsTests.Workshop>
{
    /// <summary>A build and one check take half a minute; this is for a machine with other things to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly string Root = Repository.Root;
    private static readonly string Folder = Path.Combine(Root, "tests/PayoutService.Tests/Proofs/PlantedBugs");

    private static readonly string[] All =
        [.. Directory.GetFiles(Folder).Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    private static readonly Lazy<Dictionary<string, string>> Sources = new(() => PlantedBug.SourcesOf(Root));

    private static readonly string[] ToBuild =
        Environment.GetEnvironmentVariable("PAYOUTS_BUGS") is { Length: > 0 } names ? names.Split(',')
            : Proof.IsFull ? All : [];

    public static TheoryData<string> Bugs => [.. All];

    [Fact]
    public void There_are_at_least_fifteen_planted_bugs() => Assert.True(All.Length >= 15, $"{All.Length}");

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_still_applies_and_the_check_that_owns_it_exists(string name)
    {
        var bug = Read(name);

        var misfit = bug.Misfit(Sources.Value);

        Assert.True(misfit is null, $"{name} cannot be planted any more: {misfit}");
        var at = bug.Check.LastIndexOf('.');
        var type = typeof(PlantedBugsTests).Assembly.GetType($"PayoutService.Tests.{bug.Check[..at]}");
        Assert.True(type?.GetMethod(bug.Check[(at + 1)..]) is not null, $"There is no check {bug.Check}.");
    }

    [Fact]
    public async Task Every_planted_bug_is_caught_by_the_check_that_owns_it()
    {
        var missed = new List<string>();
        foreach (var name in ToBuild)
        {
            if (await workshop.MissesAsync(Read(name)) is { } why)
            {
                missed.Add($"{name}: {why}");
            }
        }

        if (ToBuild.Length > 0)
        {
            output.Say($"planted bugs: {ToBuild.Length} built, {ToBuild.Length - missed.Count} caught");
        }

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    private static PlantedBug Read(string name) => PlantedBug.Read(Path.Combine(Folder, $"{name}.bug"));

    private static async Task<(int Code, string Said)> RunAsync(
        string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the test host sets would bend the builds and the tests that it starts.
        foreach (var name in start.Environment.Keys.Where(Bends).ToList())
        {
            start.Environment.Remove(name);
        }

        // Where schedules own a check, some of the first hundred show the bug.
        start.Environment["PAYOUTS_SEEDS"] = "1..100";

        using var patience = new CancellationTokenSource(Patience);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(patience.Token);
        var complained = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await said + await complained);

        static bool Bends(string name) =>
            name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("PAYOUTS_PROOF", StringComparison.Ordinal);
    }

    /// <summary>A copy of the repository in which one variant after the other is built.</summary>
    public sealed class Workshop : IDisposable
    {
        private const string Tests = "tests/PayoutService.Tests";

        private string? copy;

        /// <summary>Builds a variant and runs the check that owns it.</summary>
        /// <returns>Why the check did not catch it; null when it did.</returns>
        internal async Task<string?> MissesAsync(PlantedBug bug)
        {
            copy ??= Copy();
            if (bug.Misfit(PlantedBug.SourcesOf(copy)) is { } misfit)
            {
                return misfit;
            }

            var before = bug.Plant(copy);
            try
            {
                var (built, problems) = await RunAsync(copy, "dotnet", "build", "--nologo", "-v", "quiet", Tests);
                if (built != 0)
                {
                    return $"it does not build: {problems}";
                }

                var (passed, said) = await RunAsync(
                    copy, "dotnet", "test", "--no-build", "--nologo", Tests,
                    "--filter", $"FullyQualifiedName~{bug.Check}");
                return passed != 0 && said.Contains("Failed!", StringComparison.Ordinal) ? null
                    : $"its check did not fail: {said}";
            }
            finally
            {
                foreach (var (path, text) in before)
                {
                    await File.WriteAllTextAsync(path, text);
                }
            }
        }

        public void Dispose()
        {
            if (copy is not null)
            {
                Directory.Delete(copy, recursive: true);
            }
        }

        private static string Copy()
        {
            var to = Directory.CreateTempSubdirectory("planted-bugs-").FullName;
            foreach (var file in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
            {
                var path = Path.GetRelativePath(Root, file);
                if (path.Split('/', '\\').Any(part => part is "bin" or "obj" or ".git" or ".run" or "TestResults"))
                {
                    continue;
                }

                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
                File.Copy(file, Path.Combine(to, path));
            }

            return to;
        }
    }
}
