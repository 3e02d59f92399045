using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace PayoutService.Api.Http;

/// <summary>Bounds how many calls create payouts at once: what is accepted is accepted in time, and what comes while
/// too much waits gets 503 right away. Under overload most calls are refused, so a refusal costs next to nothing: it
/// comes before the key is looked up, it is rendered beforehand, and one line in a while counts many of them.</summary>
internal sealed class PayoutsAtOnce(
    Limits limits, IOptions<JsonOptions> json, ILogger<PayoutsAtOnce> logger, TimeProvider clock) : IDisposable
{
    private const string SomeId = "(id)";

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    /// <summary>What stands before and behind the id of the request.</summary>
    private readonly byte[][] refusal = Render(json.Value.SerializerOptions);

    private readonly ConcurrencyLimiter? limiter = limits.PayoutsAtOnce == 0 ? null
        : new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = limits.PayoutsAtOnce });

    private long refused;
    private long saidAt;

    /// <summary>True when the call was refused here, and counted.</summary>
    public static bool Refused(HttpContext context) => context.Items.ContainsKey(typeof(PayoutsAtOnce));

    public async Task Bound(HttpContext context, RequestDelegate next)
    {
        if (limiter is null || context.GetEndpoint()?.Metadata.GetMetadata<Bounded>() is null)
        {
            await next(context);
            return;
        }

        using var lease = limiter.AttemptAcquire();
        await (lease.IsAcquired ? next(context) : RefuseAsync(context));
    }

    public void Dispose() => limiter?.Dispose();

    private Task RefuseAsync(HttpContext context)
    {
        Say();
        context.Items[typeof(PayoutsAtOnce)] = true;
        byte[][] body = [refusal[0], Encoding.ASCII.GetBytes(RequestRules.IdOf(context)), refusal[1]];
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = body.Sum(part => part.Length);
        foreach (var part in body)
        {
            context.Response.BodyWriter.Write(part);
        }

        return Task.CompletedTask;
    }

    private static byte[][] Render(JsonSerializerOptions options)
    {
        var problem = Problems.Overloaded().ProblemDetails;
        RequestRules.Complete(problem, SomeId);
        return [.. JsonSerializer.Serialize(problem, options).Split(SomeId).Select(Encoding.UTF8.GetBytes)];
    }

    private void Say()
    {
        Interlocked.Increment(ref refused);
        var (now, before) = (clock.GetTimestamp(), Interlocked.Read(ref saidAt));
        if ((before == 0 || clock.GetElapsedTime(before, now) >= Pace)
            && Interlocked.CompareExchange(ref saidAt, now, before) == before)
        {
            logger.LogWarning(
                "More payouts are being created than the service takes at once: {refused} more calls were refused.",
                Interlocked.Exchange(ref refused, 0));
        }
    }

    /// <summary>Marks an endpoint that creates payouts.</summary>
    internal sealed record Bounded;
}
