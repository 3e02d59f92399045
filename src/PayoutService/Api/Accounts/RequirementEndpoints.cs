using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PayoutService.Api.Http;
using PayoutService.Api.Payouts;
using PayoutService.Api.Validation;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.UseCases;

namespace PayoutService.Api.Accounts;

/// <summary>What a new account needs, as callers see it.</summary>
internal static class RequirementEndpoints
{
    public static void MapRequirements(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/account-requirements", Show).WithTags("Accounts")
            .RequireAuthorization(Scopes.ReadPayouts).CallsPockyt()
            .Produces(304).ProducesProblem(400).ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);

    /// <summary>Tells which details an account of this kind needs.</summary>
    /// <remarks>As Pockyt says, remembered for an hour; If-None-Match with the ETag asks whether it changed.</remarks>
    internal static async Task<Results<Ok<ListOf<RequirementsView>>, StatusCodeHttpResult, ProblemHttpResult>> Show(
        [CountryText]
        string country,
        string currency,
        [AllowedValues(
            "BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO",
            ErrorMessage = "must be BANK_ACCOUNT, CRYPTO, PAYPAL or VENMO")]
        string accountType,
        [FromHeader(Name = "If-None-Match")] string? ifNoneMatch,
        HttpContext context,
        ClaimsPrincipal caller,
        AccountRequirementsCache requirements,
        IPayoutGateway gateway,
        CancellationToken cancel,
        [AllowedValues("INDIVIDUAL", "BUSINESS", ErrorMessage = "must be INDIVIDUAL or BUSINESS")]
        string profileType = "INDIVIDUAL")
    {
        if (Currency.Decimals(currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        var kind = new AccountKind(country, currency, accountType, profileType);
        if (await requirements.FindAsync(ApiKeys.MerchantOf(caller), kind, cancel) is not { } told)
        {
            return Problems.ProviderSilent(gateway, "Pockyt did not say what such an account needs.");
        }

        if (told.Count == 0)
        {
            return Problems.NoSuchKindOfAccount();
        }

        var view = new ListOf<RequirementsView>([.. told.Select(RequirementsView.Of)]);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(view)))[..16]}\"";
        context.Response.Headers.ETag = tag;
        return ifNoneMatch == tag
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(view);
    }
}

/// <summary>What Pockyt wants to know of an account of some kind.</summary>
public sealed record RequirementsView
{
    /// <example>INDIVIDUAL</example>
    public string? ProfileType { get; init; }

    /// <example>BANK_ACCOUNT</example>
    public required string AccountType { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>The members of an account's details.</summary>
    public required IReadOnlyList<RequiredFieldView> Fields { get; init; }

    internal static RequirementsView Of(AccountRequirements told) => new()
    {
        ProfileType = told.ProfileType,
        AccountType = told.AccountType,
        Currency = told.Currency,
        Fields = [.. told.Fields.Select(RequiredFieldView.Of)],
    };
}

/// <summary>One detail of an account.</summary>
public sealed record RequiredFieldView
{
    /// <example>bankAccountPurpose</example>
    public required string Name { get; init; }

    /// <example>Purpose</example>
    public string? Label { get; init; }

    /// <summary>The only values it may have; empty: any.</summary>
    public required IReadOnlyList<string> PossibleValues { get; init; }

    public required bool Required { get; init; }

    internal static RequiredFieldView Of(RequiredField field) => new()
    {
        Name = field.Name,
        Label = field.Label,
        PossibleValues = field.PossibleValues,
        Required = field.IsRequired,
    };
}
