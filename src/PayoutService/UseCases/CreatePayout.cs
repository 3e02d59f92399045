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
            var decimals = gateway.Decimals(order.Amount.Currency);
            if (!order.Amount.Fits(decimals))
            {
                return result = new CreatePayoutResult.TooManyDecimals(decimals, order.Amount.Currency);
            }

            var content = await fingerprints.OfAsync(Content(order), row: "").WaitAsync(patience, cancel);
            return result = await creations.CreateAsync(order with { Content = content }, patience, cancel);
        }
        finally
        {
            Metrics.Accepted(WordOf(result), clock.GetElapsedTime(began));
        }
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
