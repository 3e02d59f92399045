using System.Security.Claims;
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
    internal static Ok<Health> Live() => TypedResults.Ok(new Health("ok", [], Notes: null));

    /// <summary>The database answers, takes writes and is migrated, and its clock agrees with ours.</summary>
    /// <remarks>
    /// 503 means that another replica could do better. What nobody could do better stands in the notes, which only a
    /// key with the scope ops gets to see.
    /// </remarks>
    internal static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> ReadyAsync(
        ClaimsPrincipal caller, Readiness readiness, CancellationToken cancel)
    {
        var (problems, all) = await readiness.CheckAsync(cancel);
        var notes = ApiKeys.HasScope(caller, Scopes.Ops) ? all : null;
        return problems.Count == 0
            ? TypedResults.Ok(new Health("ok", [], notes))
            : TypedResults.Json(
                new Health("notReady", problems, notes), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>How the service is.</summary>
/// <param name="Status">ok or notReady.</param>
/// <param name="Problems">What keeps it from its work, a sentence each.</param>
/// <param name="Notes">What is worth knowing though it works, such as a merchant whose sending is paused; only for a
/// key with the scope ops.</param>
public sealed record Health(string Status, IReadOnlyList<string> Problems, IReadOnlyList<string>? Notes);
