using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>The most that a process accepts once its code is compiled.</summary>
internal static class Peak
{
    private const int MostRounds = 12;
    private const double Gain = 1.02;

    /// <summary>Code is compiled again while it runs, for tens of seconds: so this accepts until two rounds have been
    /// no faster than the best before them, and only then measures.</summary>
    /// <returns>Payouts a second, with as many in flight as <see cref="Accept"/> has.</returns>
    public static async Task<double> RunAsync(Bench bench, Scale scale, int port)
    {
        var (best, since) = (0.0, 0);
        for (var round = 0; round < MostRounds && since < 2; round++)
        {
            var rate = (await Accept.PostAsync(bench, port, scale.WarmUp)).Rate;
            (best, since) = rate > Gain * best ? (rate, 0) : (best, since + 1);
        }

        return (await Accept.PostAsync(bench, port, scale.Round * 3)).Rate;
    }
}
