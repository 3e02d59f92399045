using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Payouts;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Views;

namespace PayoutService.UseCases;

/// <summary>What came of asking for a payout.</summary>
/// <param name="Payout">The one payout that the request made, now or before; null when it was refused.</param>
/// <param name="IsReplay">The same request made it before.</param>
/// <param name="Problem">Why it was refused; null when it was not.</param>
internal readonly record struct Accepted(Payout? Payout, bool IsReplay, ProblemHttpResult? Problem);

/// <summary>Turns what a caller asks for into a payout, or says why not; the same for one and for many.</summary>
internal sealed class CreatePayout(
    PayoutStore store, IPayoutGateway gateway, Fingerprints fingerprints, TimeProvider clock)
{
    private const int MaxIdempotencyKey = 255;

    /// <summary>A call may have been repeated for a while, and clocks differ.</summary>
    private static readonly TimeSpan LateByAtMost = TimeSpan.FromMinutes(5);

    /// <param name="request">What is asked for, its texts checked.</param>
    /// <param name="idempotencyKey">Makes an invoice id where the request has none.</param>
    /// <param name="caller">Who asks, and so for which merchant.</param>
    /// <param name="patience">How long the caller waits.</param>
    /// <param name="cancel">Gives up; it may be accepted all the same.</param>
    public async Task<Accepted> AcceptAsync(
        CreatePayoutRequest request,
        string? idempotencyKey,
        ClaimsPrincipal caller,
        TimeSpan patience,
        CancellationToken cancel)
    {
        if (Currency.Decimals(request.Currency) is null)
        {
            return Refused(Problems.UnsupportedCurrency());
        }

        var (order, problem) = await ReadAsync(request, idempotencyKey, caller).WaitAsync(patience, cancel);
        if (order is null)
        {
            return Refused(problem!);
        }

        var decimals = gateway.Decimals(request.Currency);
        if (!order.Amount.Fits(decimals))
        {
            return Refused(
                Problems.Invalid("amount", $"Pockyt takes {decimals} decimals of {request.Currency} at most"));
        }

        var result = await store.AcceptAsync(order, patience, cancel);
        return result switch
        {
            CreatePayoutResult.Created(var payout) => new Accepted(payout, IsReplay: false, Problem: null),
            CreatePayoutResult.Replayed(var payout) => new Accepted(payout, IsReplay: true, Problem: null),
            _ => Refused(Refuse(result)),
        };
    }

    private static Accepted Refused(ProblemHttpResult problem) => new(Payout: null, IsReplay: false, problem);

    private static ProblemHttpResult Refuse(CreatePayoutResult result) => result switch
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
        CreatePayoutResult.Restored => Problems.Restored(),
        _ => throw new System.Diagnostics.UnreachableException(result.ToString()),
    };

    /// <summary>Turns a request into an order; answers the problem when it cannot be one.</summary>
    private async Task<(PayoutOrder? Order, ProblemHttpResult? Problem)> ReadAsync(
        CreatePayoutRequest request, string? idempotencyKey, ClaimsPrincipal caller)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var apiKey = ApiKeys.NameOf(caller);
        if (!Money.TryParse(request.Amount, request.Currency, out var amount, out var reason))
        {
            return (null, Problems.Invalid("amount", reason));
        }

        // Two headers of the name come as one, with a comma between them.
        if (idempotencyKey is { Length: 0 or > MaxIdempotencyKey }
            || idempotencyKey?.Any(letter => letter is < '!' or > '~' or '"' or ',' or '\\') is true)
        {
            return (null, Problems.Invalid("Idempotency-Key", "must be sent once, and have 1 to "
                + $"{MaxIdempotencyKey} visible ASCII characters other than quotes, commas and backslashes"));
        }

        if ((request.InvoiceId ?? idempotencyKey) is null)
        {
            return (null, Problems.InvoiceIdRequired());
        }

        var now = clock.GetUtcNow();
        if (request.ExecuteAt > now.AddYears(1) || request.ExecuteAt < now - LateByAtMost)
        {
            return (null, Problems.Invalid(
                "executeAt", "must be within the next year, and not in the past: leave it out to pay now"));
        }

        if (!PublicId.TryParse(PublicId.Account, request.AccountId, out var accountId))
        {
            return (null, Problems.AccountNotFound());
        }

        Guid? replaces = null;
        if (request.Replaces is not null)
        {
            if (!PublicId.TryParse(PublicId.Payout, request.Replaces, out var replaced))
            {
                return (null, Problems.ReplacedNotFound());
            }

            replaces = replaced;
        }

        var order = new PayoutOrder
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
            Content = await fingerprints.OfAsync(Content(request, amount), row: ""),
        };
        return (order, null);
    }

    /// <summary>The same key always makes the same invoice id.</summary>
    private static string InvoiceIdFor(string merchant, string apiKey, string idempotencyKey) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{merchant}\n{apiKey}\n{idempotencyKey}")).AsSpan(0, 16));

    /// <summary>What a request says, in one spelling: 5 and 5.00 dollars are the same request.</summary>
    private static Dictionary<string, string?> Content(CreatePayoutRequest request, Money amount) => new()
    {
        ["accountId"] = request.AccountId,
        ["amount"] = amount.ToString(),
        ["currency"] = request.Currency,
        ["description"] = request.Description,
        ["note"] = request.Note,
        ["subject"] = request.Subject,
        ["processingChannel"] = request.ProcessingChannel,
        ["executeAt"] = request.ExecuteAt?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        ["metadata"] = Fingerprints.TextOf(request.Metadata),
        ["replaces"] = request.Replaces,
    };
}
