using System.Collections.Concurrent;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;

namespace PayoutService.Workers;

/// <summary>Sends a claimed payout, once, and writes down what came of it.</summary>
internal sealed class Sender(
    PayoutClaims claims,
    PayoutReports reports,
    IPayoutGateway gateway,
    PayabilityCheck holds,
    PayoutRules rules,
    TimeProvider clock,
    ILogger<Sender> logger)
{
    /// <summary>The longest wait between two attempts to write an answer down.</summary>
    private static readonly TimeSpan MaxRecordDelay = TimeSpan.FromSeconds(5);

    /// <summary>Claims for which nothing was sent, where even that could not be written down.</summary>
    private readonly ConcurrentQueue<(Payout Claimed, Report Report)> unrecorded = [];

    /// <summary>Claims whose commit is in doubt: nothing was sent for them.</summary>
    private readonly ConcurrentQueue<Guid> doubtful = [];

    /// <param name="claimed">A payout whose claim is committed.</param>
    /// <param name="beforeClaim">The monotonic time just before the claim: wall clocks may jump.</param>
    public async Task SendAsync(Payout claimed, long beforeClaim)
    {
        // Neither the send nor the record listens to shutdown: money may have moved.
        var unsent = await LookAsync(claimed, beforeClaim);
        var report = unsent ?? await gateway.SendAsync(claimed, CancellationToken.None);
        try
        {
            var payout = await RecordAsync(claimed, report, beforeClaim);
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

    /// <summary>Keeps a claim whose commit is in doubt: the next pass says that nothing was sent for it.</summary>
    public void KeepDoubtful(Guid batch) => doubtful.Enqueue(batch);

    /// <summary>Records for which claims nothing was sent; what cannot be recorded is left to the next pass.</summary>
    public async Task SettleAsync(CancellationToken cancel)
    {
        while (doubtful.TryPeek(out var batch))
        {
            await claims.RecordNotSentAsync(batch);
            doubtful.TryDequeue(out _);
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

    /// <summary>What keeps the payout from being sent; null when it may leave now. Whatever breaks in here breaks
    /// before a byte leaves us, so it is known that nothing was sent.</summary>
    private async Task<Report?> LookAsync(Payout claimed, long beforeClaim)
    {
        try
        {
            // A claim that took long may have been made on a database that another has replaced meanwhile.
            var elapsed = clock.GetElapsedTime(beforeClaim);
            if (elapsed > rules.LookBudget(gateway.Timeout, TimeSpan.Zero))
            {
                return Report.Unsent(claimed, "The claim took too long, so nothing was sent.");
            }

            using var enough = new CancellationTokenSource();
            enough.CancelAfter(rules.LookBudget(gateway.Timeout, elapsed));
            return await holds.BeforeSendAsync(claimed, enough.Token)
                ?? (LeaseCovers(claimed, beforeClaim)
                    ? null
                    : Report.Unsent(claimed, "The lease had too little time left, so nothing was sent."));
        }
        // Whatever broke: a claim without an answer would be filed as a request on the wire.
        catch (Exception broken)
        {
            logger.LogError(
                broken, "Nothing was sent for {payoutId} {invoiceId}: the look before it failed.",
                claimed.Id, claimed.InvoiceId);
            return Report.Unsent(claimed, $"Nothing was sent: {broken.GetType().Name} before the send.");
        }
    }

    /// <summary>By both clocks: one stands still while the machine sleeps, the other may be set.</summary>
    private bool LeaseCovers(Payout claimed, long beforeClaim) =>
        rules.LeaseCovers(gateway.Timeout, clock.GetElapsedTime(beforeClaim))
        && clock.GetUtcNow() + gateway.Timeout + PayoutRules.Margin < claimed.LeaseUntil;

    /// <summary>Writing the same answer down twice is harmless, so a broken connection is simply tried again, for as
    /// long as the lease lasts: a database may take half a minute to fail over.</summary>
    private async Task<Payout> RecordAsync(Payout claimed, Report report, long beforeClaim)
    {
        for (var delay = TimeSpan.FromSeconds(1); ; delay += TimeSpan.FromSeconds(1))
        {
            try
            {
                return await reports.RecordAsync(claimed, report, CancellationToken.None);
            }
            catch (Exception broken)
                when (PostgresFailures.IsUnavailable(broken)
                    && clock.GetElapsedTime(beforeClaim) + MaxRecordDelay < rules.Lease)
            {
                await Task.Delay(delay < MaxRecordDelay ? delay : MaxRecordDelay, clock);
            }
        }
    }
}
