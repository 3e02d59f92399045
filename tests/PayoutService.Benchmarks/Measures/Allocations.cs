using Microsoft.AspNetCore.Builder;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>What accepting one payout allocates: the service in this process, where the garbage collector can be asked,
/// and the driver beside it, whose requests are rendered beforehand.</summary>
internal sealed class Allocations(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    public async Task RunAsync()
    {
        say("allocations.");
        var database = await bench.CopyAsync("allocations");
        var console = Console.Out;

        // The service writes its log to the console as ever; here nobody reads it.
        Console.SetOut(TextWriter.Null);
        try
        {
            await using var service = PayoutService.Program.Build(bench.Service.Arguments(database));
            await service.StartAsync();
            var many = await MeasureAsync(service, Accept.InFlight);
            var one = await MeasureAsync(service, 1);
            findings.Lines.Add(Line.Told(
                "allocated by an accept, the driver's part included",
                $"{many:N1} KiB with {Accept.InFlight} in flight, {one:N1} KiB with one"));
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    private async Task<double> MeasureAsync(WebApplication service, int inFlight)
    {
        var port = new Uri(service.Urls.First()).Port;
        await Driver.RunAsync(port, inFlight, scale.WarmUp, Orders.Endless(bench));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var load = (await Driver.RunAsync(port, inFlight, scale.Round, Orders.Endless(bench))).AllAre(201);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / 1024.0 / load.Total;
    }
}
