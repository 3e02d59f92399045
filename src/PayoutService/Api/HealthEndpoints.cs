using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Storage;

namespace PayoutService.Api;

/// <summary>Whether the process lives, and whether it can do its work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder api)
    {
        var health = api.MapGroup("/health").WithTags("Health").AllowAnonymous();
        health.MapGet("/live", Live);
        health.MapGet("/ready", ReadyAsync).Produces<Health>(503);
    }

    /// <summary>The process answers.</summary>
    internal static Ok<Health> Live() => TypedResults.Ok(new Health("ok", [], []));

    /// <summary>The database answers, is migrated, keeps what it commits, and its clock agrees with ours.</summary>
    internal static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> ReadyAsync(
        Readiness readiness, CancellationToken cancel)
    {
        var (problems, notes) = await readiness.CheckAsync(cancel);
        return problems.Count == 0
            ? TypedResults.Ok(new Health("ok", [], notes))
            : TypedResults.Json(
                new Health("notReady", problems, notes), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>How the service is.</summary>
/// <param name="Status">ok or notReady.</param>
/// <param name="Problems">What keeps it from its work, a sentence each.</param>
/// <param name="Notes">What is worth knowing though it works, such as a merchant whose sending is paused.</param>
public sealed record Health(string Status, IReadOnlyList<string> Problems, IReadOnlyList<string> Notes);
