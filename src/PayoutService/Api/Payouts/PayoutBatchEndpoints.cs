using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace PayoutService.Api.Payouts;

/// <summary>The number of batches that are read and accepted at once: each may take 16 MiB and thousands of rows.
/// </summary>
internal sealed class BatchTurns() : SemaphoreSlim(2);

/// <summary>Many payouts in one call.</summary>
internal static class PayoutBatchEndpoints
{
    public const int MaxPayouts = 10_000;

    /// <summary>The number of payouts of a batch that wait at once: a single payout meanwhile waits for no
    /// more than these.</summary>
    private const int AtOnce = 384;

    /// <summary>The time that a batch waits for its turn.</summary>
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(5);

    /// <summary>The time that a body may take to arrive: a slow one keeps others waiting.</summary>
    private static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(30);

    public static void MapPayoutBatches(this IEndpointRouteBuilder api) =>
        api.MapPost("/v1/payout-batches", Create).WithName("createPayoutBatch")
            .WithTags("Batches").RequireAuthorization(Scopes.WritePayouts)
            .WithMetadata(new RequestSizeLimitAttribute(RequestRules.MaxBatchBytes))
            .Accepts<CreatePayoutBatchRequest>("application/json")
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(503);

    /// <summary>Creates up to 10,000 payouts.</summary>
    /// <remarks>
    /// Each is judged for itself, exactly as POST /v1/payouts would: a refused one keeps no other from being accepted.
    /// Answers 200 with one result each, in the order of the request; what is created is durable by then. Safe to
    /// repeat, after any answer or none: what was accepted is answered as replayed. With dryRun=true nothing is
    /// written: each result is what the payout would get after those before it.
    /// </remarks>
    internal static async Task<Results<Ok<PayoutBatchView>, ProblemHttpResult>> Create(
        HttpContext context,
        ClaimsPrincipal caller,
        CreatePayout create,
        TimeProvider clock,
        BatchTurns turns,
        IOptions<JsonOptions> json,
        CancellationToken cancel,
        [Description("Judges the call, and writes nothing.")] bool dryRun = false)
    {
        if (!await turns.WaitAsync(TurnPatience, cancel))
        {
            return Problems.Busy();
        }

        try
        {
            var body = await ReadAsync(context.Request, cancel);
            if (PayoutBatchBody.Read(body, MaxPayouts, out var payouts) is { } problem)
            {
                return problem;
            }

            var contract = json.Value.SerializerOptions.GetTypeInfo(typeof(CreatePayoutRequest));
            var by = ApiKeys.RequesterOf(caller);
            return TypedResults.Ok(dryRun
                ? await JudgeAsync(payouts, contract, context, by, create, clock, cancel)
                : await AcceptAsync(payouts, contract, context, by, create, clock, cancel));
        }
        finally
        {
            turns.Release();
        }
    }

    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(BodyPatience);
        using var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, RequestRules.MaxBatchBytes));
        try
        {
            await request.Body.CopyToAsync(body, patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body came too slowly.", StatusCodes.Status408RequestTimeout);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>Reads one payout by the rules that hold for a body.</summary>
    /// <param name="one">Its bytes.</param>
    /// <param name="contract">The contract of a request for a payout.</param>
    /// <param name="by">The merchant and the API key that ask.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="request">The request, as far as it could be read.</param>
    /// <param name="order">The order; null when there is a problem.</param>
    /// <returns>What is wrong with it: the first is the answer.</returns>
    internal static IReadOnlyList<ProblemHttpResult> Read(
        ReadOnlyMemory<byte> one,
        JsonTypeInfo contract,
        Requester by,
        DateTimeOffset now,
        out CreatePayoutRequest? request,
        out PayoutOrder? order)
    {
        order = null;
        if (Read(one, contract, out request) is not { } unreadable)
        {
            return PayoutRequests.Read(request!, idempotencyKey: null, by, now, out order);
        }

        return request is null ? [unreadable] : Problems.Joined(
            [unreadable, .. PayoutRequests.Read(request, idempotencyKey: null, by, now, out _)]);
    }

    private static async Task<PayoutBatchView> AcceptAsync(
        List<ReadOnlyMemory<byte>> payouts,
        JsonTypeInfo contract,
        HttpContext context,
        Requester by,
        CreatePayout create,
        TimeProvider clock,
        CancellationToken cancel)
    {
        // Always as many as may be under way: the next are read while the database writes those before.
        var items = new List<Task<PayoutBatchItem>>(payouts.Count);
        try
        {
            foreach (var payout in payouts)
            {
                if (items.Count >= AtOnce)
                {
                    await items[^AtOnce];
                }

                items.Add(AcceptOneAsync(payout));
            }
        }
        finally
        {
            // Should one fail, those after it are still under way.
            await ((Task)Task.WhenAll(items)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Counted([.. await Task.WhenAll(items)]);

        async Task<PayoutBatchItem> AcceptOneAsync(ReadOnlyMemory<byte> one)
        {
            var problems = Read(one, contract, by, clock.GetUtcNow(), out var request, out var order);
            if (problems.Count > 0)
            {
                return Refused(context, request?.InvoiceId, problems[0]);
            }

            var result = await create.RunAsync(order!, Patience.ForMany, cancel);
            return result switch
            {
                CreatePayoutResult.Created(var made) => Item(BatchOutcome.Created, made),
                CreatePayoutResult.Replayed(var known) => Item(BatchOutcome.Replayed, known),
                _ => Refused(context, order!.InvoiceId, PayoutRequests.Refuse(result)),
            };
        }
    }

    /// <summary>The results that a batch would have.</summary>
    private static async Task<PayoutBatchView> JudgeAsync(
        List<ReadOnlyMemory<byte>> payouts,
        JsonTypeInfo contract,
        HttpContext context,
        Requester by,
        CreatePayout create,
        TimeProvider clock,
        CancellationToken cancel)
    {
        var read = payouts.ConvertAll(one =>
        {
            var problems = Read(one, contract, by, clock.GetUtcNow(), out var request, out var order);
            return (Problems: problems, request?.InvoiceId, Order: order);
        });
        var orders = read.Select(one => one.Order).OfType<PayoutOrder>().ToList();
        var judged = new Queue<JudgedOrder>(await create.JudgeAsync(orders, Patience.ForMany, cancel));
        HashSet<Guid> imagined = [];
        var items = read.ConvertAll(one =>
        {
            if (one.Order is null)
            {
                return Refused(context, one.InvoiceId, PayoutRequests.Answer(one.Problems, withAlso: true));
            }

            var verdict = judged.Dequeue();
            return verdict.Result switch
            {
                CreatePayoutResult.Created(var payout) when imagined.Add(payout.Id) =>
                    Item(BatchOutcome.Created, payout) with { PayoutId = null, HoldReason = payout.HoldReason },
                CreatePayoutResult.Replayed(var known) when imagined.Contains(known.Id) =>
                    Item(BatchOutcome.Replayed, known) with { PayoutId = null },
                CreatePayoutResult.Replayed(var known) => Item(BatchOutcome.Replayed, known),
                _ => Refused(
                    context,
                    one.InvoiceId,
                    PayoutRequests.Answer(PayoutRequests.Refuse(verdict), withAlso: true)),
            };
        });
        return Counted(items) with { DryRun = true };
    }

    private static PayoutBatchView Counted(List<PayoutBatchItem> items)
    {
        return new()
        {
            Created = Count(BatchOutcome.Created),
            Replayed = Count(BatchOutcome.Replayed),
            Refused = Count(BatchOutcome.Refused),
            Data = items,
        };

        int Count(BatchOutcome outcome) => items.Count(item => item.Outcome == outcome);
    }

    private static PayoutBatchItem Item(BatchOutcome outcome, Payout payout) => new()
    {
        Outcome = outcome,
        InvoiceId = payout.InvoiceId,
        PayoutId = PublicId.Of(PublicId.Payout, payout.Id),
    };

    private static PayoutBatchItem Refused(HttpContext context, string? invoiceId, ProblemHttpResult problem)
    {
        var details = problem.ProblemDetails;
        RequestRules.Complete(context, details);
        if (details is HttpValidationProblemDetails invalid)
        {
            // Written as what every problem is, so its fields go where every problem has more.
            invalid.Extensions["errors"] = invalid.Errors;
        }

        return new() { Outcome = BatchOutcome.Refused, InvoiceId = invoiceId, Problem = details };
    }

    /// <summary>Reads one payout by the rules that hold for a body.</summary>
    /// <returns>What is wrong with it.</returns>
    internal static ProblemHttpResult? Read(
        ReadOnlyMemory<byte> one, JsonTypeInfo contract, out CreatePayoutRequest? payout)
    {
        payout = null;
        if (!PayoutBatchBody.IsPayout(one))
        {
            return PayoutBatchBody.IsObject(one)
                ? Problems.PayloadTooLarge()
                : Problems.MalformedRequest("It is not a JSON object.");
        }

        try
        {
            payout = (CreatePayoutRequest)JsonSerializer.Deserialize(one.Span, contract)!;
        }
        catch (JsonException failure)
        {
            using var wrong = JsonDocument.Parse(one);
            return MalformedBody.Describe(wrong.RootElement, contract, failure);
        }
        catch (InvalidOperationException)
        {
            return Problems.MalformedRequest("A text of it has half a character.");
        }

        List<ValidationResult> breaches = [];
        var isValid = Validator.TryValidateObject(
            payout, new ValidationContext(payout), breaches, validateAllProperties: true);
        return isValid ? null : Problems.Invalid(breaches.Select(breach => KeyValuePair.Create(
            JsonNamingPolicy.CamelCase.ConvertName(breach.MemberNames.First()), breach.ErrorMessage!)));
    }
}
