using System.Globalization;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;

namespace PayoutService.UseCases;

/// <summary>Creates a payout, or finds the one that the same request created before.</summary>
internal sealed class CreatePayout(
    PayoutCreations creations, IPayoutGateway gateway, Fingerprints fingerprints, TimeProvider clock)
{
    /// <param name="order">The payout to create.</param>
    /// <param name="patience">How long the caller waits.</param>
    /// <param name="cancel">Gives up; the payout may be created all the same.</param>
    /// <exception cref="TimeoutException">The database did not answer in time; the payout may be created all the same.
    /// </exception>
    public async Task<CreatePayoutResult> RunAsync(PayoutOrder order, TimeSpan patience, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        CreatePayoutResult? result = null;
        try
        {
            if (Unfit(order) is { } unfit)
            {
                return result = unfit;
            }

            var content = await fingerprints.OfAsync(Content(order), row: "").WaitAsync(patience, cancel);
            return result = await creations.CreateAsync(order with { Content = content }, patience, cancel);
        }
        finally
        {
            Metrics.Accepted(WordOf(result), clock.GetElapsedTime(began));
        }
    }

    /// <summary>Judges payouts one after the other, each as if those before it were created, and creates none.
    /// </summary>
    /// <exception cref="TimeoutException">The database did not answer in time.</exception>
    public async Task<IReadOnlyList<JudgedOrder>> JudgeAsync(
        IReadOnlyList<PayoutOrder> orders, TimeSpan patience, CancellationToken cancel)
    {
        var judged = orders.Select(order => Unfit(order) is { } unfit ? new JudgedOrder(unfit, []) : null).ToArray();
        var fit = orders.Where((_, at) => judged[at] is null).ToList();
        for (var at = 0; at < fit.Count; at++)
        {
            fit[at] = fit[at] with
            {
                Content = await fingerprints.OfAsync(Content(fit[at]), row: "").WaitAsync(patience, cancel),
            };
        }

        var results = new Queue<JudgedOrder>(
            fit.Count == 0 ? [] : await creations.JudgeAsync(fit).WaitAsync(patience, cancel));
        return [.. judged.Select(one => one ?? results.Dequeue())];
    }

    private CreatePayoutResult.TooManyDecimals? Unfit(PayoutOrder order)
    {
        var decimals = gateway.Decimals(order.Amount.Currency);
        return order.Amount.Fits(decimals) ? null
            : new CreatePayoutResult.TooManyDecimals(decimals, order.Amount.Currency);
    }

    private static string WordOf(CreatePayoutResult? result) => result switch
    {
        CreatePayoutResult.Created => "created",
        CreatePayoutResult.Replayed => "replayed",
        null => "failed",
        _ => "refused",
    };

    /// <summary>The request's fields in one spelling: 5 and 5.00 dollars are the same request.</summary>
    private static Dictionary<string, string?> Content(PayoutOrder order) => new()
    {
        ["accountId"] = order.AccountId.ToString(),
        ["amount"] = order.Amount.ToString(),
        ["currency"] = order.Amount.Currency,
        ["description"] = order.Description,
        ["note"] = order.Note,
        ["subject"] = order.Subject,
        ["processingChannel"] = order.ProcessingChannel,
        ["executeAt"] = order.ExecuteAt?.ToString("O", CultureInfo.InvariantCulture),
        ["metadata"] = Fingerprints.TextOf(order.Metadata),
        ["replaces"] = order.Replaces?.ToString(),
    };
}
