using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>From the start of the process to the first answered query, both roles, on a migrated database.</summary>
internal sealed class Start(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const double LimitSeconds = 0.7;

    public async Task RunAsync()
    {
        var database = await bench.CopyAsync("start");
        List<double> took = [];
        for (var time = 0; time < scale.Starts; time++)
        {
            say($"start: {time + 1} of {scale.Starts}.");
            await using var service = await bench.Service.StartAsync(database, "api,workers");
            took.Add(service.StartSeconds);
        }

        var spread = Spread.Of(took);
        findings.Lines.Add(new Line(
            "start: first answered query after process start, migrated database",
            spread.Text("N2", " s"),
            "",
            "",
            $"within {LimitSeconds} s",
            spread.Median <= LimitSeconds));
    }
}
