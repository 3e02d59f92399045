using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;

namespace PayoutService.Api;

/// <summary>The destination of payouts: simulator, sandbox or production.</summary>
internal sealed record ServiceEnvironment(string Name);

/// <summary>Tells a caller who it is here.</summary>
internal static class MeEndpoint
{
    public static void MapMe(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/me", Show).WithName("getMe").WithTags("Health").RequireAuthorization();

    /// <summary>The API key that the call came with, and where its payouts go.</summary>
    /// <remarks>Any key may call this. Use it to check that a key works before anything is paid with it.</remarks>
    internal static Ok<MeView> Show(ClaimsPrincipal caller, ServiceEnvironment environment) =>
        TypedResults.Ok(new MeView
        {
            Key = ApiKeys.NameOf(caller),
            Owner = ApiKeys.OwnerOf(caller),
            Merchant = ApiKeys.MerchantOf(caller),
            Scopes = ApiKeys.ScopesOf(caller),
            Environment = environment.Name,
        });
}

/// <summary>An API key, as the service knows it.</summary>
public sealed record MeView
{
    /// <summary>The key's name, as it stands in the history of what it did.</summary>
    /// <example>dev</example>
    public required string Key { get; init; }

    /// <summary>The person who uses it; two keys of one owner are one person.</summary>
    /// <example>developer</example>
    public required string Owner { get; init; }

    /// <summary>The merchant whose payees and payouts it sees.</summary>
    /// <example>main</example>
    public required string Merchant { get; init; }

    /// <summary>The scopes of the key.</summary>
    /// <example>["payouts:read"]</example>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The destination of its payouts: simulator, sandbox or production. Only production moves real
    /// money.</summary>
    /// <example>simulator</example>
    public required string Environment { get; init; }
}
