using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Validation;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Accounts;

/// <summary>Account requirements, as callers see them.</summary>
internal static class RequirementEndpoints
{
    public static void MapRequirements(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/account-requirements", Show).WithName("getAccountRequirements").WithTags("Accounts")
            .RequireAuthorization(Scopes.ReadPayouts).CallsPockyt()
            .AllowNotModified().ProducesProblem(400).ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);

    /// <summary>Tells which details an account of this kind needs.</summary>
    /// <remarks>As Pockyt says, remembered for an hour; If-None-Match with the ETag asks whether it changed.</remarks>
    internal static async Task<Results<Ok<ListOf<RequirementsView>>, ProblemHttpResult>> Show(
        [CountryText]
        string country,
        string currency,
        [AllowedValues(
            "BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO",
            ErrorMessage = "must be BANK_ACCOUNT, CRYPTO, PAYPAL or VENMO")]
        string accountType,
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
        return TypedResults.Ok(view);
    }
}
