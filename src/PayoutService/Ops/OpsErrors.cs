using Microsoft.AspNetCore.Diagnostics;
using PayoutService.Storage;

namespace PayoutService.Ops;

/// <summary>Answers a request for a page that failed with a page.</summary>
internal sealed class OpsErrors(ILogger<OpsErrors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments(OpsSetup.Root))
        {
            return false;
        }

        var (status, title, sentence) = exception switch
        {
            SearchException => (503, "The search took too long.", "Narrow it: give a status, a payee or since:."),
            _ when PostgresFailures.IsUnavailable(exception) => (503, "The database does not answer.",
                "What you asked for may have been done or not: look again in a moment before you repeat it."),
            BadHttpRequestException bad => (bad.StatusCode, "The request cannot be read.", "Go back and try again."),
            _ => (500, "The page failed.", "What you asked for may have been done or not: look before you repeat it."),
        };
        if (status == 500)
        {
            logger.LogError(exception, "A page failed.");
        }
        else
        {
            logger.LogWarning("A page failed: {reason}", exception.Message);
        }

        await Pages.Refusal(httpContext, status, title, sentence).ExecuteAsync(httpContext);
        return true;
    }
}
