using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Storage;

namespace PayoutService.Api;

/// <summary>Health checks: the process lives; it can do its work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder api)
    {
        var health = api.MapGroup("/health").WithTags("Health").AllowAnonymous();
        health.MapGet("/live", Live).WithName("checkLiveness");
        health.MapGet("/ready", ReadyAsync).WithName("checkReadiness").Produces<Health>(503);
    }

    /// <summary>The process answers.</summary>
    /// <remarks>It asks nothing else: a process whose database is away lives.</remarks>
    internal static Ok<Health> Live() => TypedResults.Ok(new Health("ok", Problems: null, Notes: null));

    /// <summary>The database answers, takes writes and is migrated, and its clock agrees with ours.</summary>
    /// <remarks>
    /// 503 means that another replica could do better. A caller without a key learns only that; a key with the scope
    /// ops:read sees the problems, and the notes on what no other replica could do better.
    /// </remarks>
    internal static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> ReadyAsync(
        ClaimsPrincipal caller, Readiness readiness, CancellationToken cancel)
    {
        var (problems, notes) = await readiness.CheckAsync(cancel);
        var isOperator = ApiKeys.HasScope(caller, Scopes.ReadOps) || ApiKeys.HasScope(caller, Scopes.Ops);
        var health = new Health(
            problems.Count == 0 ? "ok" : "notReady", isOperator ? problems : null, isOperator ? notes : null);
        return problems.Count == 0
            ? TypedResults.Ok(health)
            : TypedResults.Json(health, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The health of the service.</summary>
/// <param name="Status">ok or notReady.</param>
/// <param name="Problems">What keeps it from its work, a sentence each; only for a key with the scope ops:read.</param>
/// <param name="Notes">What is worth knowing though it works, such as a merchant whose sending is paused; only for a
/// key with the scope ops:read.</param>
public sealed record Health(string Status, IReadOnlyList<string>? Problems, IReadOnlyList<string>? Notes);
