using System.Diagnostics;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.Storage.Refunds;

namespace PayoutService.UseCases;

/// <summary>Sends a refund to Pockyt, once for each refundReference.</summary>
internal sealed class SendRefund(
    RefundStore store,
    IRefundGateway gateway,
    PayoutRules rules,
    TimeProvider clock,
    ILogger<SendRefund> logger)
{
    public async Task<RegistrationOutcome<Refund>> RunAsync(RefundOrder order, CancellationToken cancel)
    {
        var beforeLease = clock.GetTimestamp();
        var actor = Actor.ApiKey(order.ApiKey);
        var begun = await store.BeginAsync(order).InTimeAsync(rules, cancel);
        return begun switch
        {
            BeginResult<Refund>.New(var refund) => await SendAsync(refund, actor, beforeLease, resumed: false),
            BeginResult<Refund>.Resumed(var refund) => await SendAsync(refund, actor, beforeLease, resumed: true),
            BeginResult<Refund>.Replayed(var refund) => new RegistrationOutcome<Refund>.Replayed(refund),
            BeginResult<Refund>.Differs(var refund, var fields) =>
                new RegistrationOutcome<Refund>.Differs(refund, fields),
            BeginResult<Refund>.Restored => new RegistrationOutcome<Refund>.Restored(),
            _ => throw new UnreachableException(begun.ToString()),
        };
    }

    /// <summary>Nothing here can be canceled: money may move.</summary>
    private async Task<RegistrationOutcome<Refund>> SendAsync(
        Refund refund, Actor actor, long beforeLease, bool resumed)
    {
        var report = resumed ? await LookUpAsync(refund) : null;
        report ??= rules.LeaseCovers(gateway.Timeout, clock.GetElapsedTime(beforeLease))
            ? await gateway.SendAsync(refund, CancellationToken.None)
            : new RefundReport(RefundReportKind.NotSent) { Message = "The database took too long." };
        var kept = await store.RecordAsync(refund.Id, report, actor).InTimeAsync(rules, CancellationToken.None);

        // Of a refund that was refused this line is all that stays.
        logger.LogInformation(
            "Sent {refundId} {refundReference}: {report} {code}, now {status}.",
            refund.Id, refund.RefundReference, report.Kind, report.Code, kept?.Status);
        return kept switch
        {
            null when report.Kind is RefundReportKind.NotSent =>
                new RegistrationOutcome<Refund>.NotSent(report.Message!),
            null => new RegistrationOutcome<Refund>.Refused(report.Code!, report.Message!),
            { IsUnanswered: true } => new RegistrationOutcome<Refund>.Pending(kept),
            _ => new RegistrationOutcome<Refund>.Created(kept),
        };
    }

    /// <summary>Asks about a refund that a restore may have lost the sending of.</summary>
    /// <returns>Null when Pockyt does not know it: it may be sent.</returns>
    private async Task<RefundReport?> LookUpAsync(Refund refund)
    {
        var found = await gateway.InquireAsync(refund, CancellationToken.None);
        return found.Kind switch
        {
            RefundReportKind.NotSeen => null,
            RefundReportKind.Unclear when found.Mismatch is null => new RefundReport(RefundReportKind.NotSent)
            {
                Message = "Pockyt did not say whether a request that the database lost had arrived.",
            },
            _ => found,
        };
    }
}
