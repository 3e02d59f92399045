using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using PayoutService.UseCases;

namespace PayoutService.Api.Http;

/// <summary>Limits of the calls to the service. Section <c>Limits</c> of the settings; 0 is no limit.</summary>
internal sealed class Limits
{
    /// <summary>The number of wrong keys and bad signatures one source may send in a minute before each further one
    /// gets 429. A right key and a genuine notification are never counted and never refused.</summary>
    public int FailuresPerSource { get; set; } = 60;

    /// <summary>The number of calls one API key may make in a minute.</summary>
    public int CallsPerKey { get; set; }

    /// <summary>The number of calls in a minute may make the service call Pockyt for one merchant: registrations,
    /// refunds, balances, look-ups. Sending payouts and asking about them is not counted.</summary>
    public int PockytCallsPerMerchant { get; set; } = 600;

    /// <summary>The number of calls of POST /v1/payouts that are answered at once; a further one gets 503 right away.
    /// More only wait longer: what waits longer than its caller is accepted for nobody.</summary>
    public int PayoutsAtOnce { get; set; } = 512;

    public IEnumerable<string> Problems()
    {
        if (FailuresPerSource < 0 || CallsPerKey < 0 || PockytCallsPerMerchant < 0 || PayoutsAtOnce < 0)
        {
            yield return "Limits:FailuresPerSource, CallsPerKey, PockytCallsPerMerchant and PayoutsAtOnce must be 0 "
                + "(none) or more.";
        }
    }
}

/// <summary>Refuses callers that send too many requests, with 429.</summary>
internal static class RateLimits
{
    private const string OfPockyt = ReadBalances.Limit;
    private const string OfKey = "key";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Add(IServiceCollection services, Limits limits)
    {
        services.AddSingleton(limits).AddSingleton<Failures>().AddSingleton<PayoutsAtOnce>();
        services.AddRateLimiter(options =>
        {
            options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
                context => Limit(limits.CallsPerKey, context.User.Identity?.Name));
            options.AddPolicy(OfPockyt, context => Limit(
                limits.PockytCallsPerMerchant,
                context.User.Identity?.IsAuthenticated is true ? ApiKeys.MerchantOf(context.User) : null));
            options.OnRejected = (rejected, _) =>
            {
                var isOfKey = LeftOfKey(rejected.HttpContext) == 0;
                return new ValueTask(RefuseAsync(
                    rejected.HttpContext,
                    isOfKey ? OfKey : OfPockyt,
                    isOfKey ? limits.CallsPerKey : limits.PockytCallsPerMerchant,
                    After(rejected.Lease)));
            };
        });
    }

    public static void Use(WebApplication app, Limits limits)
    {
        if (limits.CallsPerKey > 0)
        {
            app.Use(SayWhatIsLeft);
        }

        app.UseRateLimiter();
    }

    /// <summary>Each call of the endpoint may make one or more of ours to Pockyt.</summary>
    public static RouteHandlerBuilder CallsPockyt(this RouteHandlerBuilder endpoint) =>
        endpoint.RequireRateLimiting(OfPockyt).ProducesProblem(StatusCodes.Status429TooManyRequests);

    /// <summary>A notification that was refused is a failure too: a signature or an address that was guessed. It is
    /// answered by its status alone, like all that is for Pockyt.</summary>
    public static async Task CountRefusedNotifications(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is { HasStarted: false, StatusCode: 401 or 404 })
        {
            context.RequestServices.GetRequiredService<Failures>().Refuse(context);
        }
    }

    /// <summary>Answers 429.</summary>
    /// <param name="context">The call.</param>
    /// <param name="policy">Which limit it is about.</param>
    /// <param name="most">How many that limit allows.</param>
    /// <param name="after">When to repeat the call.</param>
    public static Task RefuseAsync(HttpContext context, string policy, int most, TimeSpan after)
    {
        var seconds = SayWhen(context, policy, most, after);
        return Problems.RateLimited(seconds).ExecuteAsync(context);
    }

    public static int SayWhen(HttpContext context, string policy, int most, TimeSpan after)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        Say(context.Response, policy, most, $"0;t={seconds}");
        return seconds;
    }

    /// <summary>A limit of so many requests a window for each key; none without a key.</summary>
    public static RateLimitPartition<string> Limit(int most, string? of) => most == 0 || of is null
        ? RateLimitPartition.GetNoLimiter("")
        : RateLimitPartition.GetFixedWindowLimiter(
            of, _ => new FixedWindowRateLimiterOptions { PermitLimit = most, Window = Window });

    public static TimeSpan After(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Window;

    private static Task SayWhatIsLeft(HttpContext context, RequestDelegate next)
    {
        if (LeftOfKey(context) is { } left)
        {
            // Without this call, which is counted next.
            var most = context.RequestServices.GetRequiredService<Limits>().CallsPerKey;
            Say(context.Response, OfKey, most, Math.Max(0, left - 1).ToString(CultureInfo.InvariantCulture));
        }

        return next(context);
    }

    /// <summary>The number of calls a key has left; null when nobody counts them.</summary>
    private static long? LeftOfKey(HttpContext context) =>
        context.User.Identity?.Name is null || context.RequestServices.GetRequiredService<Limits>().CallsPerKey == 0
            ? null
            : context.RequestServices.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter!
                .GetStatistics(context)?.CurrentAvailablePermits;

    /// <summary>In the headers of the IETF's draft-ietf-httpapi-ratelimit-headers.</summary>
    private static void Say(HttpResponse response, string policy, int most, string left)
    {
        response.Headers["RateLimit-Policy"] = string.Create(
            CultureInfo.InvariantCulture, $"\"{policy}\";q={most};w={Window.TotalSeconds}");
        response.Headers["RateLimit"] = $"\"{policy}\";r={left}";
    }
}

/// <summary>
/// Counts failures per source, after they were found to be failures: so no flood of them keeps anybody out who knows
/// the secret, from whatever address.
/// </summary>
internal sealed class Failures(Limits limits) : IDisposable
{
    private const string Policy = "failures";

    private readonly PartitionedRateLimiter<IPAddress?> limiter = PartitionedRateLimiter.Create<IPAddress?, string>(
        source => RateLimits.Limit(limits.FailuresPerSource, NameOf(source)));

    /// <summary>Counts one, and answers it with 429 once there were too many.</summary>
    /// <returns>Whether it was answered.</returns>
    public async Task<bool> RefuseAsync(HttpContext context)
    {
        if (Count(context.Connection.RemoteIpAddress) is not { } after)
        {
            return false;
        }

        await RateLimits.RefuseAsync(context, Policy, limits.FailuresPerSource, after);
        return true;
    }

    /// <summary>The same, for who reads only the status.</summary>
    public void Refuse(HttpContext context)
    {
        if (Count(context.Connection.RemoteIpAddress) is { } after)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            RateLimits.SayWhen(context, Policy, limits.FailuresPerSource, after);
        }
    }

    /// <summary>Counts one.</summary>
    /// <returns>How long its source has to wait after too many; null: not at all.</returns>
    public TimeSpan? Count(IPAddress? source)
    {
        using var lease = limiter.AttemptAcquire(source);
        return lease.IsAcquired ? null : RateLimits.After(lease);
    }

    public void Dispose() => limiter.Dispose();

    /// <summary>An address, or the /64 network of an IPv6 address: its owner has all of its addresses.</summary>
    private static string NameOf(IPAddress? source)
    {
        var address = source ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
