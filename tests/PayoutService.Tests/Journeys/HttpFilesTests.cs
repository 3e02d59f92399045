using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>The walk-throughs in `http` work as they stand, in the order of a newcomer, and once more.</summary>
public sealed class HttpFilesTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private static readonly string[] Files = ["first-payout", "batch", "refund", "events", "operate"];

    [Fact]
    public async Task Every_walk_through_runs_and_may_be_run_again()
    {
        using var http = new HttpClient();
        var variables = new Dictionary<string, string>
        {
            ["host"] = $"{stage.Api.BaseAddress}".TrimEnd('/'),
            ["simulator"] = $"{stage.Control.BaseAddress}".TrimEnd('/'),
        };
        List<string> wrong = [];
        var answers = 0;
        foreach (var name in Files.Concat(Files))
        {
            await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
            var file = Path.Combine(Repository.Root, "http", $"{name}.http");
            var run = await HttpFile.RunAsync(file, http, variables);
            wrong.AddRange(run.Wrong.Select(one => $"{name}: {one}"));
            answers += run.Answers;
        }

        Assert.Empty(wrong);
        Assert.True(answers > 50, $"{answers}");
        Assert.Equal(
            Files.Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(Repository.Root, "http")).Select(Path.GetFileNameWithoutExtension)
                .Order(StringComparer.Ordinal));
    }
}
