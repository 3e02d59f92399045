using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Measures;

/// <summary>POST /v1/payouts with metrics that are read each second, and traces that go to a collector, against
/// neither.</summary>
internal sealed class Telemetry(Bench bench, Contest contest, Findings findings)
{
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(1);

    public async Task RunAsync()
    {
        await using var collector = await StartCollectorAsync();
        var metrics = Bench.FreePort();
        await using var without = await bench.Service.StartAsync(await bench.CopyAsync("telemetry_off"), "api");
        await using var with = await bench.Service.StartSecondAsync(
            await bench.CopyAsync("telemetry_on"),
            "api",
            $"--Telemetry:MetricsPort={metrics}",
            $"--Telemetry:OtlpEndpoint={collector.Urls.First()}");

        var series = await contest.RunAsync(
            "telemetry, 256 in flight",
            new("on", with.Process.Id, async time =>
            {
                var posting = PostAsync(with, time);
                await ReadUntilAsync(posting, metrics);
                return await posting;
            }),
            new("off", without.Process.Id, time => PostAsync(without, time)));

        findings.Series.AddRange(series);
        findings.Lines.Add(Line.Faster("telemetry on: POST /v1/payouts, 256 in flight", series[0], series[1], 0.97));
    }

    private Task<LoadResult> PostAsync(Service.Running service, TimeSpan time) =>
        Accept.PostAsync(bench, service.Port, time);

    private static async Task ReadUntilAsync(Task ended, int port)
    {
        using var http = new HttpClient();
        do
        {
            (await http.GetAsync(new Uri($"http://127.0.0.1:{port}/metrics"))).EnsureSuccessStatusCode();
        }
        while (await Task.WhenAny(ended, Task.Delay(BetweenReads, TimeProvider.System)) != ended);
    }

    private static async Task<WebApplication> StartCollectorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var collector = builder.Build();
        collector.MapFallback(() => Results.Ok());
        await collector.StartAsync();
        return collector;
    }
}
