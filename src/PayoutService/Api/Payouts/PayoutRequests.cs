using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;
using PayoutService.Views;

namespace PayoutService.Api.Payouts;

/// <summary>Reads requests for a payout, and maps refusals to problems: the same for one payout and for a batch.
/// </summary>
internal static class PayoutRequests
{
    private const int MaxIdempotencyKey = 255;

    /// <summary>A call may have been repeated for a while, and clocks differ.</summary>
    private static readonly TimeSpan LateByAtMost = TimeSpan.FromMinutes(5);

    /// <summary>Turns a request into an order.</summary>
    /// <param name="request">The request, its texts checked.</param>
    /// <param name="idempotencyKey">Makes an invoice id where the request has none.</param>
    /// <param name="caller">Names the merchant and the API key.</param>
    /// <param name="now">The current time, which bounds executeAt.</param>
    /// <param name="order">The order; null when there is a problem.</param>
    /// <returns>The problem; null when the request is valid.</returns>
    public static ProblemHttpResult? Read(
        CreatePayoutRequest request,
        string? idempotencyKey,
        ClaimsPrincipal caller,
        DateTimeOffset now,
        out PayoutOrder? order)
    {
        order = null;
        if (Currency.Decimals(request.Currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        var merchant = ApiKeys.MerchantOf(caller);
        var apiKey = ApiKeys.NameOf(caller);
        if (!Money.TryParse(request.Amount, request.Currency, out var amount, out var reason))
        {
            return Problems.Invalid("amount", reason);
        }

        // Two headers of the name come as one, with a comma between them.
        if (idempotencyKey is { Length: 0 or > MaxIdempotencyKey }
            || idempotencyKey?.Any(letter => letter is < '!' or > '~' or '"' or ',' or '\\') is true)
        {
            return Problems.Invalid("Idempotency-Key", "must be sent once, and have 1 to "
                + $"{MaxIdempotencyKey} visible ASCII characters other than quotes, commas and backslashes");
        }

        if ((request.InvoiceId ?? idempotencyKey) is null)
        {
            return Problems.InvoiceIdRequired();
        }

        if (request.ExecuteAt > now.AddYears(1) || request.ExecuteAt < now - LateByAtMost)
        {
            return Problems.Invalid(
                "executeAt", "must be within the next year, and not in the past: leave it out to pay now");
        }

        if (!PublicId.TryParse(PublicId.Account, request.AccountId, out var accountId))
        {
            return Problems.AccountNotFound();
        }

        Guid? replaces = null;
        if (request.Replaces is not null)
        {
            if (!PublicId.TryParse(PublicId.Payout, request.Replaces, out var replaced))
            {
                return Problems.ReplacedNotFound();
            }

            replaces = replaced;
        }

        order = new PayoutOrder
        {
            Merchant = merchant,
            InvoiceId = request.InvoiceId ?? InvoiceIdFor(merchant, apiKey, idempotencyKey!),
            AccountId = accountId,
            Amount = amount,
            Description = request.Description,
            Note = request.Note,
            Subject = request.Subject,
            ProcessingChannel = request.ProcessingChannel,
            ExecuteAt = request.ExecuteAt?.ToUniversalTime(),
            Metadata = request.Metadata?.ToDictionary() ?? [],
            Replaces = replaces,
            IdempotencyKey = idempotencyKey,
            ApiKey = apiKey,
            Owner = ApiKeys.OwnerOf(caller),
            Traceparent = Traces.Current,
            TraceId = Traces.CurrentId,
        };
        return null;
    }

    /// <summary>The problem of a payout that was not created.</summary>
    public static ProblemHttpResult Refuse(CreatePayoutResult result) => result switch
    {
        CreatePayoutResult.Differs(var payout, var fields) => Problems.InvoiceIdInUse(payout, fields),
        CreatePayoutResult.KeyInUse(var payout) => Problems.IdempotencyKeyInUse(payout),
        CreatePayoutResult.AccountNotFound => Problems.AccountNotFound(),
        CreatePayoutResult.AccountNotUsable(var status) => Problems.AccountNotUsable(status),
        CreatePayoutResult.PayeeNotActive(var status) => Problems.PayeeNotActive(status),
        CreatePayoutResult.CurrencyDiffers(var currency) => Problems.CurrencyMismatch(currency),
        CreatePayoutResult.ReplacedNotFound => Problems.ReplacedNotFound(),
        CreatePayoutResult.NotReplaceable(var payout) => Problems.NotReplaceable(payout),
        CreatePayoutResult.ReplacementDiffers(var fields) => Problems.ReplacementDiffers(fields),
        CreatePayoutResult.AlreadyReplaced => Problems.AlreadyReplaced(),
        CreatePayoutResult.TooManyDecimals(var decimals, var currency) =>
            Problems.Invalid("amount", $"Pockyt takes {decimals} decimals of {currency} at most"),
        CreatePayoutResult.LimitExceeded(var limit) =>
            Problems.LimitExceeded(limit.Limit, limit.Max.ToString(), limit.Before.ToString()),
        CreatePayoutResult.Restored => Problems.Restored(),
        _ => throw new System.Diagnostics.UnreachableException(result.ToString()),
    };

    /// <summary>The same key always makes the same invoice id.</summary>
    private static string InvoiceIdFor(string merchant, string apiKey, string idempotencyKey) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{merchant}\n{apiKey}\n{idempotencyKey}")).AsSpan(0, 16));
}
