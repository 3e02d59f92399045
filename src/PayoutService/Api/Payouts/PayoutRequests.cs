using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;
using PayoutService.UseCases;
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
    /// <param name="by">The merchant and the API key that ask.</param>
    /// <param name="now">The current time, which bounds executeAt.</param>
    /// <param name="order">The order; null when there is a problem.</param>
    /// <returns>What is wrong with the request: the first is the answer.</returns>
    public static IReadOnlyList<ProblemHttpResult> Read(
        CreatePayoutRequest request,
        string? idempotencyKey,
        Requester by,
        DateTimeOffset now,
        out PayoutOrder? order)
    {
        order = null;
        List<ProblemHttpResult> problems = [];
        Money amount = default;
        if (Currency.Decimals(request.Currency) is null)
        {
            problems.Add(Problems.UnsupportedCurrency());
        }
        else if (!Money.TryParse(request.Amount, request.Currency, out amount, out var reason))
        {
            problems.Add(Problems.Invalid("amount", reason));
        }

        // Two headers of the name come as one, with a comma between them.
        if (idempotencyKey is { Length: 0 or > MaxIdempotencyKey }
            || idempotencyKey?.Any(letter => letter is < '!' or > '~' or '"' or ',' or '\\') is true)
        {
            problems.Add(Problems.Invalid("Idempotency-Key", "must be sent once, and have 1 to "
                + $"{MaxIdempotencyKey} visible ASCII characters other than quotes, commas and backslashes"));
        }

        if ((request.InvoiceId ?? idempotencyKey) is null)
        {
            problems.Add(Problems.InvoiceIdRequired());
        }

        if (request.ExecuteAt > now.AddYears(1) || request.ExecuteAt < now - LateByAtMost)
        {
            problems.Add(Problems.Invalid(
                "executeAt", "must be within the next year, and not in the past: leave it out to pay now"));
        }

        if (!PublicId.TryParse(PublicId.Account, request.AccountId, out var accountId))
        {
            problems.Add(Problems.AccountNotFound());
        }

        Guid? replaces = null;
        if (PublicId.TryParse(PublicId.Payout, request.Replaces, out var replaced))
        {
            replaces = replaced;
        }
        else if (request.Replaces is not null)
        {
            problems.Add(Problems.ReplacedNotFound());
        }

        if (problems.Count > 0)
        {
            return Problems.Joined(problems);
        }

        order = new PayoutOrder
        {
            Merchant = by.Merchant,
            InvoiceId = request.InvoiceId ?? InvoiceIdFor(by, idempotencyKey!),
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
            ApiKey = by.ApiKey,
            Owner = by.Owner,
            Traceparent = Traces.Current,
            TraceId = Traces.CurrentId,
        };
        return [];
    }

    /// <summary>The answer to what is wrong; further refusals stand in its member also, when they were asked for.
    /// </summary>
    public static ProblemHttpResult Answer(IReadOnlyList<ProblemHttpResult> problems, bool withAlso)
    {
        if (withAlso && problems.Count > 1)
        {
            problems[0].ProblemDetails.Extensions["also"] = problems.Skip(1).Select(problem => new FurtherProblem
            {
                Status = problem.StatusCode,
                Code = (string)problem.ProblemDetails.Extensions["code"]!,
                Detail = problem.ProblemDetails.Detail!,
            }).ToArray();
        }

        return problems[0];
    }

    /// <summary>The problems of a payout that would not be created; empty: it would be.</summary>
    public static IReadOnlyList<ProblemHttpResult> Refuse(JudgedOrder judged) =>
        judged.Result is CreatePayoutResult.Created or CreatePayoutResult.Replayed
            ? [] : [Refuse(judged.Result), .. judged.Also.Select(Refuse)];

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
    private static string InvoiceIdFor(Requester by, string idempotencyKey) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{by.Merchant}\n{by.ApiKey}\n{idempotencyKey}")).AsSpan(0, 16));
}

/// <summary>One more reason for which a call would be refused.</summary>
internal sealed record FurtherProblem
{
    public required int Status { get; init; }

    public required string Code { get; init; }

    public required string Detail { get; init; }
}
