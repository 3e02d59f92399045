using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace PayoutService.Tests.Support;

/// <summary>A request that a subscriber received.</summary>
internal sealed record Received(string Id, string Timestamp, string Signature, string Body, string Query)
{
    public JsonElement Event => JsonDocument.Parse(Body).RootElement;

    public string Type => Event.GetProperty("type").GetString()!;

    public JsonElement Object => Event.GetProperty("data").GetProperty("object");
}

/// <summary>A subscriber with a real address, which answers as the test says.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> received = [];
    private WebApplication app = null!;

    /// <summary>The status of the answer to a request, 204 unless the test says otherwise; 0: the connection is cut.
    /// </summary>
    public Func<Received, int> Answer { get; set; } = _ => 204;

    /// <summary>Runs before a request is answered.</summary>
    public Func<Received, Task> Before { get; set; } = _ => Task.CompletedTask;

    public string Url => $"{app.Urls.First()}/webhooks";

    public IReadOnlyList<Received> Received => [.. received];

    public static async Task<Subscriber> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var subscriber = new Subscriber { app = builder.Build() };
        subscriber.app.MapPost("/webhooks", subscriber.TakeAsync);
        await subscriber.app.StartAsync();
        return subscriber;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var one = new Received(
            context.Request.Headers["webhook-id"].ToString(),
            context.Request.Headers["webhook-timestamp"].ToString(),
            context.Request.Headers["webhook-signature"].ToString(),
            await reader.ReadToEndAsync(),
            $"{context.Request.QueryString}");
        await Before(one);
        received.Enqueue(one);
        var status = Answer(one);
        if (status is 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        if (context.Response.StatusCode is 302)
        {
            context.Response.Headers.Location = "/elsewhere";
        }
    }
}
