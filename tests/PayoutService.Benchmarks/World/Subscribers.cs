using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace PayoutService.Benchmarks.World;

/// <summary>Three subscribers of webhooks: one that answers, one that hangs until it is given up, and one that is down.
/// </summary>
internal sealed class Subscribers : IAsyncDisposable
{
    /// <summary>Settings of a service that may post to them.</summary>
    public static readonly string[] Allowed =
        ["--Events:AllowHttp=true", "--Events:AllowedNetworks:0=127.0.0.0/8"];

    private readonly ConcurrentQueue<double> latencies = [];
    private readonly int nobody = Bench.FreePort();
    private int confirmed;
    private WebApplication app = null!;

    /// <summary>The milliseconds from each change to its arrival at the one that answers.</summary>
    public IReadOnlyCollection<double> Latencies => latencies;

    /// <summary>The payouts of which it heard that they are confirmed.</summary>
    public int Confirmed => Volatile.Read(ref confirmed);

    public static async Task<Subscribers> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var subscribers = new Subscribers { app = builder.Build() };
        subscribers.app.MapPost("/answers", subscribers.TakeAsync);
        subscribers.app.MapPost("/hangs", context => Task.Delay(
            Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await subscribers.app.StartAsync();
        return subscribers;
    }

    /// <summary>Registers the three at a service.</summary>
    public async Task RegisterAsync(int port)
    {
        var here = app.Urls.First();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Service.Key);
        foreach (var url in new[] { $"{here}/answers", $"{here}/hangs", $"http://127.0.0.1:{nobody}/down" })
        {
            (await http.PostAsJsonAsync("/v1/webhook-endpoints", new { url })).EnsureSuccessStatusCode();
        }
    }

    public void Forget()
    {
        latencies.Clear();
        Volatile.Write(ref confirmed, 0);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        latencies.Enqueue((now - body.RootElement.GetProperty("timestamp").GetDateTimeOffset()).TotalMilliseconds);
        if (body.RootElement.GetProperty("type").GetString() is "payout.confirmed")
        {
            Interlocked.Increment(ref confirmed);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
