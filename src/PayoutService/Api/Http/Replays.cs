namespace PayoutService.Api.Http;

/// <summary>Says of an answer that the call was a repetition: nothing was created, and this is what exists.</summary>
internal static class Replays
{
    public static void Mark(HttpContext context, string link)
    {
        context.Response.Headers["Idempotent-Replayed"] = "true";
        context.Response.Headers.ContentLocation = link;
    }
}
