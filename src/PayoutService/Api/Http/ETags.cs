using System.Globalization;

namespace PayoutService.Api.Http;

/// <summary>A resource's version is its ETag.</summary>
internal static class ETags
{
    public static void Set(HttpContext context, int version) =>
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Has an endpoint answer 304 to a caller that has the current version.</summary>
    public static RouteHandlerBuilder AllowNotModified(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter(NotModified).Produces(StatusCodes.Status304NotModified);

    /// <summary>After the endpoint has said its version, and before its result is written.</summary>
    private static async ValueTask<object?> NotModified(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var result = await next(invocation);
        var context = invocation.HttpContext;
        return context.Request.Headers.IfNoneMatch is [{ } had, ..]
            && context.Response.Headers.ETag is [{ } tag, ..]
            && had.Split(',', StringSplitOptions.TrimEntries).Any(one => one == "*" || one == tag || one == $"W/{tag}")
                ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                : result;
    }

    /// <summary>The versions an If-Match header takes. Null: any. A tag we never gave, or a weak one, matches none.
    /// </summary>
    public static int[]? Wanted(string? ifMatch)
    {
        if (ifMatch is null or "*")
        {
            return null;
        }

        return
        [
            .. ifMatch.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(tag =>
                tag is ['"', .. var number, '"']
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                    ? version : -1),
        ];
    }
}
