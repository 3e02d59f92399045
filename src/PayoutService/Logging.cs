using System.Diagnostics;
using Serilog;
using Serilog.Events;
using Serilog.Filters;

namespace PayoutService;

/// <summary>JSON lines on standard output. No token, signature, account number or body is ever logged.</summary>
internal static class Logging
{
    private static readonly Func<LogEvent, bool> FromFramework = Matching.FromSource("Microsoft.AspNetCore");

    public static void Add(WebApplicationBuilder builder)
    {
        var logger = new LoggerConfiguration()
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(TellsPaths)
            .Enrich.FromLogContext()
            .Enrich.With<WithoutPaths>()
            .WriteTo.Console(new LogLine())
            .CreateLogger();
        builder.Logging.ClearProviders().AddSerilog(logger, dispose: true);
    }

    /// <summary>Below warnings the framework writes whole addresses, and values that it could not read, whatever level
    /// somebody chose.</summary>
    private static bool TellsPaths(LogEvent line) => line.Level < LogEventLevel.Warning && FromFramework(line);

    /// <summary>One line a request, with the route's template in place of the path: paths carry capabilities.</summary>
    public static async Task LogRequest(HttpContext context, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Requests");
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            logger.Log(
                route.StartsWith("/health", StringComparison.Ordinal) ? LogLevel.Debug : LogLevel.Information,
                "{method} {route} answered {statusCode} in {elapsedMs:F1} ms.",
                context.Request.Method,
                route,
                context.Response.StatusCode,
                Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
