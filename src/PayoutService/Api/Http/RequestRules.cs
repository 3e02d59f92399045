using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using PayoutService.Storage;

namespace PayoutService.Api.Http;

/// <summary>Rules for every request: bodies are plain UTF-8 JSON, a form only where files are uploaded, and every
/// refusal is problem+json.</summary>
internal static class RequestRules
{
    public const string WebhookRoot = "/webhooks";

    /// <summary>The most that a form with files may have, in all.</summary>
    public const int MaxFormBytes = 10 * 1024 * 1024;

    /// <summary>The most that a batch of payouts may have.</summary>
    public const int MaxBatchBytes = 16 * 1024 * 1024;

    /// <summary>The most that a CSV file of payouts may have.</summary>
    public const int MaxCsvBytes = 64 * 1024 * 1024;

    /// <summary>The most that any other body may have.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Below a threshold of 1 MiB the framework takes a buffer of the threshold's size for each request, of
    /// 128 KiB for our limit; above it one that grows with the body. No body comes near it.</summary>
    private const int KeptAsItGrows = 1024 * 1024 + 1;

    /// <summary>RFC 9110, 5.6.2: a token.</summary>
    private static readonly SearchValues<char> OfHeaderName = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
            Complete(context.HttpContext, context.ProblemDetails));
        services.AddExceptionHandler<Broken>();

        // In Production too, a body that cannot be read is described and not just refused.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    /// <summary>No body but a batch and a form with files is larger than 64 KiB, and nobody needs to know which server
    /// this is.</summary>
    public static void Limit(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = MaxBodyBytes;
        server.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
    }

    /// <summary>Whatever is answered with 503 passes, so the answer says when to repeat: who is not told repeats at
    /// once.</summary>
    public static Task SayWhenToRepeat(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(
            static state =>
            {
                var response = (HttpResponse)state;
                if (response.StatusCode == StatusCodes.Status503ServiceUnavailable
                    && response.Headers.RetryAfter.Count == 0)
                {
                    response.Headers.RetryAfter = "2";
                }

                return Task.CompletedTask;
            },
            context.Response);
        return next(context);
    }

    /// <summary>Refuses bodies we would misread before anything reads them.</summary>
    public static async Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (WhyMalformed(request) is { } why)
        {
            // Whatever follows on the connection may be meant for somebody else.
            context.Response.Headers.Connection = "close";
            await Problems.MalformedRequest(why).ExecuteAsync(context);
        }
        else if (request.Headers.ContentEncoding.Count > 0)
        {
            await Problems.UnsupportedContentEncoding().ExecuteAsync(context);
        }
        else if (request.Headers.Authorization.Count > 1)
        {
            await Problems.MalformedRequest("Send one Authorization header.").ExecuteAsync(context);
        }
        else if (TakesForm(context.GetEndpoint()))
        {
            // Read once, by its reader, which keeps it in memory.
            await next(context);
        }
        else if (HasBody(request) && TakesCsv(context.GetEndpoint()) && Is("text/csv", request.ContentType))
        {
            await next(context);
        }
        else if (HasBody(request) && !Is("application/json", request.ContentType))
        {
            await Problems.UnsupportedMediaType().ExecuteAsync(context);
        }
        else
        {
            if (HasBody(request))
            {
                // The framework's reader knows no charset in quotes, which are legal, and answers 500.
                request.ContentType = "application/json";
            }

            if (!ReadsItsBody(context.GetEndpoint()))
            {
                // Kept for the one case that a body turns out wrong, to say exactly what is wrong with it; in memory,
                // because what passes through here must not reach a disk.
                request.EnableBuffering(KeptAsItGrows);
            }

            await next(context);
        }
    }

    /// <summary>Requests that the server takes though HTTP does not allow them, or two programs could read them
    /// differently. </summary>
    private static string? WhyMalformed(HttpRequest request) =>
        !request.Method.All(char.IsAsciiLetterUpper) ? "A method is written in capital letters."
        : HttpProtocol.IsHttp10(request.Protocol) ? "Use HTTP/1.1 or later."
        : request.Headers.TransferEncoding is { Count: > 0 } coding && coding != "chunked"
            ? "Transfer-Encoding may only be chunked."
        : request.Headers.TransferEncoding.Count > 0 && request.Headers.ContainsKey("X-Content-Length")
            ? "Send Content-Length or Transfer-Encoding, not both."
        : request.Headers.Expect is { Count: > 0 } expected
            && !string.Equals(expected, "100-continue", StringComparison.OrdinalIgnoreCase)
            ? "Expect may only be 100-continue."
        : request.Headers.Keys.Any(name => name.AsSpan().ContainsAnyExcept(OfHeaderName))
            ? "The name of a header has a character that is not allowed there."
        : null;

    private static bool HasBody(HttpRequest request) =>
        request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;

    /// <summary>A body of another type never gets to an endpoint that takes a form: the router refuses it.</summary>
    public static bool TakesForm(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("multipart/form-data") is true;

    /// <summary>A batch is too large to be kept twice: its endpoint reads it and says what is wrong with it.</summary>
    private static bool ReadsItsBody(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null;

    private static bool TakesCsv(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("text/csv") is true;

    /// <summary>True for a type of body, in UTF-8.</summary>
    public static bool Is(string wanted, string? contentType) =>
        // Some clients end the list with a semicolon.
        MediaTypeHeaderValue.TryParse(contentType?.TrimEnd(' ', ';'), out var type)
        && contentType!.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)
        && string.Equals(type.MediaType, wanted, StringComparison.OrdinalIgnoreCase)
        && type.Parameters.All(parameter =>
            !string.Equals(parameter.Name, "charset", StringComparison.OrdinalIgnoreCase)
            || parameter.Value?.Trim('"').ToLowerInvariant() is "utf-8" or "utf8");

    /// <summary>Gives every problem its code, its type and the trace that finds it in the log.</summary>
    public static void Complete(HttpContext context, ProblemDetails problem)
    {
        var status = problem.Status ?? context.Response.StatusCode;
        if (problem is HttpValidationProblemDetails invalid && !problem.Extensions.ContainsKey("code"))
        {
            invalid.Errors = invalid.Errors.ToDictionary(
                error => JsonNamingPolicy.CamelCase.ConvertName(error.Key), error => error.Value);
            problem.Title = "The request is not valid.";
            problem.Detail = "See errors, by field.";
            problem.Extensions["code"] = "validation-failed";
        }
        else if (!problem.Extensions.ContainsKey("code"))
        {
            var known = Problems.OfStatus(status);
            problem.Title = known.Title;
            problem.Detail = known.Detail;
            problem.Extensions["code"] = known.Extensions["code"];
        }

        context.Items[typeof(ProblemDetails)] = problem.Extensions["code"];
        problem.Status = status;
        Complete(problem, IdOf(context));
    }

    /// <summary>The same for one that has its code and its status.</summary>
    public static void Complete(ProblemDetails problem, string id)
    {
        problem.Type = $"/problems/{problem.Extensions["code"]}";
        problem.Extensions["traceId"] = id;
    }

    /// <summary>The id of a request, by which it is found in the log.</summary>
    public static string IdOf(HttpContext context) =>
        Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    /// <summary>The code of the problem that a request was answered with; null when it was answered well.</summary>
    public static string? ProblemOf(HttpContext context) => context.Items[typeof(ProblemDetails)] as string;

    /// <summary>Problems are JSON whatever the caller would rather accept: better than nothing at all.</summary>
    private sealed class ProblemWriter : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => true;

        public async ValueTask WriteAsync(ProblemDetailsContext context)
        {
            Complete(context.HttpContext, context.ProblemDetails);
            context.HttpContext.Response.StatusCode = context.ProblemDetails.Status!.Value;
            await context.HttpContext.Response.WriteAsJsonAsync(
                context.ProblemDetails, context.ProblemDetails.GetType(), options: null, "application/problem+json");
        }
    }

    /// <summary>The last word on exceptions.</summary>
    private sealed class Broken(ILogger<Broken> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(
            HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            if (exception is SearchException search)
            {
                logger.LogWarning("A search was not finished: {reason}", search.Message);
                await Problems.SearchTooLong(search.Message).ExecuteAsync(httpContext);
                return true;
            }

            if (PostgresFailures.IsUnavailable(exception))
            {
                // While it is away every request ends here: its stack would hide everything else.
                logger.LogWarning("A request failed: {reason}", exception.Message);
            }
            else if (exception is not BadHttpRequestException)
            {
                logger.LogError(exception, "A request failed.");
            }

            if (httpContext.Request.Path.StartsWithSegments(WebhookRoot))
            {
                // Whatever happened, the notice is not acknowledged: Pockyt sends it again, and we ask in any case.
                httpContext.Response.StatusCode = exception is BadHttpRequestException unreadable
                    ? unreadable.StatusCode
                    : PostgresFailures.IsUnavailable(exception) ? 503 : 500;
                return true;
            }

            if (exception is BadHttpRequestException bad)
            {
                var problem = bad.StatusCode == StatusCodes.Status400BadRequest
                    ? await MalformedBody.DescribeAsync(httpContext, bad)
                    : TypedResults.Problem(Problems.OfStatus(bad.StatusCode));
                await problem.ExecuteAsync(httpContext);
                return true;
            }

            if (PostgresFailures.IsUnavailable(exception))
            {
                await Problems.Unavailable().ExecuteAsync(httpContext);
                return true;
            }

            await TypedResults.Problem(Problems.OfStatus(500)).ExecuteAsync(httpContext);
            return true;
        }
    }
}
