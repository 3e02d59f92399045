using System.Globalization;
using PayoutService.Benchmarks.Baselines.Plain;
using PayoutService.Benchmarks.Load;

namespace PayoutService.Benchmarks;

/// <summary>Says which of the runs is wanted; ./bench has the words.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [PlainProcess.Verb, ..]:
                await PlainHandler.RunAsync(args[1..]);
                return 0;
            case [Claiming.Verb, var connectionString, var seconds, var what, var rate, var most]:
                await Claiming.RunAsync(
                    connectionString,
                    double.Parse(seconds, CultureInfo.InvariantCulture),
                    what,
                    int.Parse(rate, CultureInfo.InvariantCulture),
                    int.Parse(most, CultureInfo.InvariantCulture));
                return 0;
            default:
                return await Runs.RunAsync(args);
        }
    }
}
