using Microsoft.AspNetCore.Diagnostics;
using PayoutService.Api.Http;
using PayoutService.Views;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Filters;
using Serilog.Formatting.Compact;

namespace PayoutService.Host;

/// <summary>JSON lines on standard output. No token, signature, account number or body is ever logged.</summary>
internal static class Logging
{
    private static readonly Func<LogEvent, bool> FromFramework = Matching.FromSource("Microsoft.AspNetCore");

    public static void Add(WebApplicationBuilder builder) => builder.Services.AddSerilog(
        logger => logger
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(TellsPaths)
            .Enrich.FromLogContext()
            .Enrich.With<WithoutPaths>()
            .Enrich.With<ReadableValues>()
            .WriteTo.Console(new RenderedCompactJsonFormatter()),
        preserveStaticLogger: true);

    /// <summary>One line a request: who called what, and how it ended. What is refused under overload has one for
    /// many.</summary>
    public static void UseRequestLine(WebApplication app) => app.UseSerilogRequestLogging(options =>
    {
        // There are several hosts in one test process, so there is no static logger to fall back on.
        options.Logger = app.Services.GetRequiredService<Serilog.ILogger>();
        options.MessageTemplate = "{method} {route} answered {statusCode} in {elapsedMs:F1} ms.";
        options.GetMessageTemplateProperties = (context, _, elapsed, status) =>
        [
            new("method", new ScalarValue(context.Request.Method)),
            new("route", new ScalarValue(RouteOf(context))),
            new("statusCode", new ScalarValue(status)),
            new("elapsedMs", new ScalarValue(elapsed)),
        ];
        options.GetLevel = (context, _, broken) =>
            broken is not null ? LogEventLevel.Error
            : RouteOf(context).StartsWith("/health", StringComparison.Ordinal) ? LogEventLevel.Debug
            : PayoutsAtOnce.Refused(context) ? LogEventLevel.Debug
            : LogEventLevel.Information;
        options.EnrichDiagnosticContext = Describe;
    });

    /// <summary>Below warnings the framework writes whole addresses, and values that it could not read, whatever level
    /// somebody chose.</summary>
    private static bool TellsPaths(LogEvent line) => line.Level < LogEventLevel.Warning && FromFramework(line);

    /// <summary>The route's template in place of the path: paths carry capabilities.</summary>
    private static string RouteOf(HttpContext context)
    {
        // The handler of exceptions clears the endpoint that failed.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        return (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
    }

    private static void Describe(IDiagnosticContext line, HttpContext context)
    {
        line.Set("peer", context.Connection.RemoteIpAddress?.ToString());
        if (context.User.Identity is { IsAuthenticated: true })
        {
            line.Set("key", ApiKeys.NameOf(context.User));
            line.Set("merchant", ApiKeys.MerchantOf(context.User));
        }

        if (RequestRules.ProblemOf(context) is { } code)
        {
            line.Set("problem", code);
        }

        string?[] addresses =
            [context.Request.Path, context.Response.Headers.Location, context.Response.Headers.ContentLocation];
        foreach (var (name, id) in addresses.SelectMany(PublicId.In))
        {
            line.Set(name, id);
        }
    }
}

/// <summary>Takes the request's path out of every line: a webhook's path carries a capability.</summary>
internal sealed class WithoutPaths : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var name in (string[])["RequestPath", "RequestId", "ConnectionId"])
        {
            logEvent.RemovePropertyIfPresent(name);
        }
    }
}

/// <summary>Writes our ids as the API shows them, and texts in messages without quotes.</summary>
internal sealed class ReadableValues : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToList())
        {
            var text = value switch
            {
                // The filters of this file and the levels of the settings read it.
                _ when name == Constants.SourceContextPropertyName => null,
                ScalarValue { Value: string plain } => plain,
                ScalarValue { Value: Guid id } when PublicId.PrefixOf(name) is { } prefix => PublicId.Of(prefix, id),
                _ => null,
            };
            if (text is not null)
            {
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(new Unquoted(text))));
            }
        }
    }

    /// <summary>Serilog quotes nothing but strings in a message; as a member of the line it is a JSON string again.
    /// </summary>
    private sealed record Unquoted(string Text)
    {
        public override string ToString() => Text;
    }
}
