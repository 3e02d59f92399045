using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.Workers;

/// <summary>Sends a claimed payout, once, and writes down what came of it.</summary>
internal sealed class Sender(
    PayoutStore store,
    IPayoutGateway gateway,
    Holds holds,
    PayoutRules rules,
    TimeProvider clock,
    ILogger<Sender> logger)
{
    /// <summary>How often writing an answer down is tried. After that the lease ends, and Pockyt is asked.</summary>
    private const int RecordAttempts = 5;

    /// <param name="claimed">A payout whose claim is committed.</param>
    /// <param name="beforeClaim">The monotonic time just before the claim: wall clocks may jump.</param>
    public async Task SendAsync(Payout claimed, long beforeClaim)
    {
        // Neither the send nor the record listens to shutdown: money may have moved.
        var hold = await holds.BeforeSendAsync(claimed);
        var report = hold is not null
            ? Unsent(ReportKind.Postponed, "Payee or account is not active, so nothing was sent.")
                with
            { HoldReason = hold }
            : rules.LeaseCovers(gateway.Timeout, clock.GetElapsedTime(beforeClaim))
                ? await gateway.SendAsync(claimed, CancellationToken.None)
                : Unsent(ReportKind.NotSent, "The lease had too little time left, so nothing was sent.");
        var payout = await RecordAsync(claimed, report);
        logger.LogInformation(
            "Sent {payoutId} {invoiceId}: {report} {code}, now {status}.",
            payout.Id, payout.InvoiceId, report.Kind, report.Code, payout.Status);

        Report Unsent(ReportKind kind, string why) => new(kind, Source.Reply) { Claim = claimed.Claim, Message = why };
    }

    /// <summary>Writing the same answer down twice is harmless, so a broken connection is simply tried again.</summary>
    private async Task<Payout> RecordAsync(Payout claimed, Report report)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await store.RecordAsync(claimed, report, CancellationToken.None);
            }
            catch (Exception broken) when (attempt < RecordAttempts && Database.IsAway(broken))
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), clock);
            }
        }
    }
}
