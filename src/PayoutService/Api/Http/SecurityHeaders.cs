using PayoutService.Api.OpenApi;

namespace PayoutService.Api.Http;

/// <summary>Names the request in every answer, and tells browsers what not to do with it: keep it, guess its type,
/// frame it, or load anything for it.</summary>
internal static class SecurityHeaders
{
    /// <summary>Answers of the API are data: nothing is loaded for them.</summary>
    private const string Data = "default-src 'none'; frame-ancestors 'none'";

    public static Task Add(HttpContext context, RequestDelegate next)
    {
        // At the last moment, because the handler of exceptions removes what was set before.
        context.Response.OnStarting(
            static state =>
            {
                Set((HttpContext)state);
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static void Set(HttpContext context)
    {
        var isPage = context.Request.Path.StartsWithSegments(SwaggerSetup.Path);
        var headers = context.Response.Headers;
        headers["X-Request-Id"] = RequestRules.IdOf(context);
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = isPage ? SwaggerSetup.ContentSecurityPolicy : Data;
        }

        if (!isPage && headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }
}
