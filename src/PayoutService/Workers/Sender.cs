using System.Collections.Concurrent;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;
using PayoutService.Views;

namespace PayoutService.Workers;

/// <summary>Sends a claimed payout, once, and writes down what came of it.</summary>
internal sealed class Sender(
    PayoutClaims claims,
    PayoutReports reports,
    IPayoutGateway gateway,
    PayabilityCheck payability,
    PayoutRules rules,
    TimeProvider clock,
    ILogger<Sender> logger)
{
    /// <summary>The longest wait between two attempts to write an answer down.</summary>
    private static readonly TimeSpan MaxRecordDelay = TimeSpan.FromSeconds(5);

    /// <summary>Claims for which nothing was sent, where even that could not be written down.</summary>
    private readonly ConcurrentQueue<(Payout Claimed, Report Report)> unrecorded = [];

    /// <summary>Claims of which we do not know whether they were committed: nothing was sent for them.</summary>
    private readonly ConcurrentQueue<Guid> uncommitted = [];

    public async Task SendAsync(ClaimedPayout claim)
    {
        // Neither the send nor the record listens to shutdown: money may have moved.
        var claimed = claim.Payout;
        using var span = Traces.Begin("send payout", claimed.Traceparent);
        var unsent = await CheckBeforeSendAsync(claim);
        var report = unsent ?? await gateway.SendAsync(claimed, CancellationToken.None);
        try
        {
            var payout = await RecordAsync(claim, report);
            Traces.Tell(
                span, PublicId.Of(PublicId.Payout, payout.Id), report.Kind, payout.Status, payout.ConfirmedBy);
            Metrics.Dispatched(report.Kind, clock.GetElapsedTime(claim.BeforeClaim));
            logger.LogInformation(
                "Sent {payoutId} {invoiceId}: {report} {code}, now {status}.",
                payout.Id, payout.InvoiceId, report.Kind, report.Code, payout.Status);
        }
        catch (Exception broken) when (unsent is not null)
        {
            // The claim ends in doubt unless somebody says that nothing left us: the next pass does.
            unrecorded.Enqueue((claimed, unsent));
            logger.LogWarning(
                "Nothing was sent for {payoutId} {invoiceId}, and that is not recorded yet: {why}",
                claimed.Id, claimed.InvoiceId, broken.Message);
        }
    }

    /// <summary>Keeps a claim of which we do not know whether it was committed: the next pass records that nothing was
    /// sent for it.</summary>
    public void KeepUncommitted(Guid batch) => uncommitted.Enqueue(batch);

    /// <summary>Records for which claims nothing was sent; what cannot be recorded is left to the next pass.</summary>
    public async Task RecordUncommittedClaimsAsync(CancellationToken cancel)
    {
        while (uncommitted.TryPeek(out var batch))
        {
            await claims.RecordNotSentAsync(batch);
            uncommitted.TryDequeue(out _);
        }

        for (var left = unrecorded.Count; left > 0 && unrecorded.TryDequeue(out var unsent); left--)
        {
            try
            {
                await reports.RecordAsync(unsent.Claimed, unsent.Report, cancel);
            }
            catch (Exception broken)
            {
                if (PostgresFailures.IsUnavailable(broken) || broken is OperationCanceledException)
                {
                    unrecorded.Enqueue(unsent);
                    throw;
                }

                // The lease ends, and Pockyt is asked.
                logger.LogError(
                    broken, "The row of {payoutId} cannot be changed; a human must look.", unsent.Claimed.Id);
            }
        }
    }

    /// <summary>Checks whether the payout may be sent; null when it may leave now. A failure in here comes
    /// before a byte leaves us, so it is known that nothing was sent.</summary>
    private async Task<Report?> CheckBeforeSendAsync(ClaimedPayout claim)
    {
        var claimed = claim.Payout;
        try
        {
            // A claim that took long may have been made on a database that another has replaced meanwhile.
            var elapsed = clock.GetElapsedTime(claim.BeforeClaim);
            if (elapsed > rules.CheckBudget(gateway.Timeout, TimeSpan.Zero))
            {
                return Report.Unsent(claimed, "The claim took too long, so nothing was sent.");
            }

            using var enough = new CancellationTokenSource();
            enough.CancelAfter(rules.CheckBudget(gateway.Timeout, elapsed));
            return await payability.BeforeSendAsync(claimed, enough.Token)
                ?? (LeaseCovers(claim)
                    ? null
                    : Report.Unsent(claimed, "The lease had too little time left, so nothing was sent."));
        }
        // Whatever broke: a claim without an answer would be filed as a request on the wire.
        catch (Exception broken)
        {
            logger.LogError(
                broken, "Nothing was sent for {payoutId} {invoiceId}: the check before it failed.",
                claimed.Id, claimed.InvoiceId);
            return Report.Unsent(claimed, $"Nothing was sent: {broken.GetType().Name} before the send.");
        }
    }

    /// <summary>By both clocks: one stands still while the machine sleeps, the other may be set.</summary>
    private bool LeaseCovers(ClaimedPayout claim) =>
        rules.LeaseCovers(gateway.Timeout, clock.GetElapsedTime(claim.BeforeClaim))
        && clock.GetUtcNow() + gateway.Timeout + PayoutRules.Margin < claim.Payout.LeaseUntil;

    /// <summary>Writing the same answer down twice is harmless, so a broken connection is simply tried again, for as
    /// long as the lease lasts: a database may take half a minute to fail over.</summary>
    private async Task<Payout> RecordAsync(ClaimedPayout claim, Report report)
    {
        for (var delay = TimeSpan.FromSeconds(1); ; delay += TimeSpan.FromSeconds(1))
        {
            try
            {
                return await reports.RecordAsync(claim.Payout, report, CancellationToken.None);
            }
            catch (Exception broken)
                when (PostgresFailures.IsUnavailable(broken)
                    && clock.GetElapsedTime(claim.BeforeClaim) + MaxRecordDelay < rules.Lease)
            {
                await Task.Delay(delay < MaxRecordDelay ? delay : MaxRecordDelay, clock);
            }
        }
    }
}
