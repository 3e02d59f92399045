using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Who runs in the rounds.</summary>
/// <param name="Name">As the report calls it.</param>
/// <param name="Process">Its process, where it has one that stays.</param>
/// <param name="RunAsync">Runs for about so long.</param>
internal sealed record Contender(string Name, int? Process, Func<TimeSpan, Task<LoadResult>> RunAsync)
{
    /// <summary>What must be done before each run and is not measured.</summary>
    public Func<Task> PrepareAsync { get; init; } = () => Task.CompletedTask;
}

/// <summary>Contenders take turns, so that what changes on the machine changes for all of them.</summary>
internal sealed class Contest(Bench bench, Scale scale, Action<string> say)
{
    /// <param name="what">What is measured, for those who wait.</param>
    /// <param name="contenders">Who runs.</param>
    public async Task<Series[]> RunAsync(string what, params Contender[] contenders)
    {
        say($"{what}: warming up.");
        foreach (var contender in contenders)
        {
            await contender.PrepareAsync();
            await contender.RunAsync(scale.WarmUp);
        }

        Series[] series = [.. contenders.Select(contender => new Series(what, contender.Name))];
        for (var round = 0; round < scale.Rounds; round++)
        {
            say($"{what}: round {round + 1} of {scale.Rounds}.");
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                // Another one begins each round.
                var at = (turn + round) % contenders.Length;
                series[at].Samples.Add(await MeasureAsync(contenders[at]));
            }
        }

        return series;
    }

    private async Task<Sample> MeasureAsync(Contender contender)
    {
        await contender.PrepareAsync();
        await bench.Postgres.CheckpointAsync();
        LoadResult? load = null;
        var usage = await new Meter(bench.Parts(contender.Process)).WatchAsync(
            contender.Process, async () => load = await contender.RunAsync(scale.Round));
        return Sample.Of(load!, usage);
    }
}
