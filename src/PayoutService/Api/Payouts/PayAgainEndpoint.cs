using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Validation;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Payouts;

/// <summary>A payout to pay again.</summary>
public sealed record PayAgainRequest
{
    /// <summary>The account to pay to, of the same payee; the same account when left out.</summary>
    /// <example>null</example>
    public string? AccountId { get; init; }

    /// <summary>The reason. It stays in the history of the new payout.</summary>
    /// <example>The payee gave a new account.</example>
    [OwnText(500)]
    public required string Reason { get; init; }
}

/// <summary>Paying again what failed or came back.</summary>
internal static class PayAgainEndpoint
{
    public static void MapPayAgain(this IEndpointRouteBuilder api) =>
        api.MapPost("/v1/payouts/{id}/pay-again", Create).WithName("payAgain").WithTags("Payouts")
            .RequireAuthorization(Scopes.WritePayouts)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);

    /// <summary>Pays a payout again that failed, came back or was canceled.</summary>
    /// <remarks>
    /// The new payout pays the same amount to the same payee; its invoiceId is the old one with -r2 at its end, then
    /// -r3, cut to 64 characters. A payout is paid again at most once: repeating the call answers 200 with the one
    /// replacement. The replacement links the old payout in replaces, and the old one the replacement in replacedBy.
    /// Should the old payout turn out paid after all, both get attention contradiction, and the replacement is not sent
    /// until an operator resolves it.
    /// </remarks>
    internal static async Task<Results<Created<PayoutView>, Ok<PayoutView>, ProblemHttpResult>> Create(
        string id,
        PayAgainRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        PayAgain payAgain,
        CancellationToken cancel)
    {
        Guid? accountId = null;
        if (PublicId.TryParse(PublicId.Account, request.AccountId, out var account))
        {
            accountId = account;
        }
        else if (request.AccountId is not null)
        {
            return Problems.AccountNotFound();
        }

        var result = PublicId.TryParse(PublicId.Payout, id, out var payoutId)
            ? await payAgain.RunAsync(ApiKeys.RequesterOf(caller), payoutId, accountId, request.Reason, cancel)
            : new CreatePayoutResult.ReplacedNotFound();
        return result is CreatePayoutResult.ReplacedNotFound
            ? Problems.NotFound("payout") : PayoutEndpoints.Answer(context, result);
    }
}
