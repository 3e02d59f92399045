namespace PayoutService.Api.Http;

/// <summary>HEAD is answered wherever GET is, with the same headers and no body (RFC 9110, 9.3.2).</summary>
internal static class HeadRequests
{
    /// <summary>Before routing: the endpoints say GET only, so that the document has each of them once.</summary>
    public static Task RouteLikeGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Items[typeof(HeadRequests)] = true;
        }

        return next(context);
    }

    /// <summary>After routing: the server leaves out the body of what is HEAD.</summary>
    public static Task AnswerWithoutBody(HttpContext context, RequestDelegate next)
    {
        if (context.Items.ContainsKey(typeof(HeadRequests)))
        {
            context.Request.Method = HttpMethods.Head;
        }

        return next(context);
    }
}
