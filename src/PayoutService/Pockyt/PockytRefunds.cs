using PayoutService.Payouts;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Refunds;

namespace PayoutService.Pockyt;

/// <summary>Looks up payments at Pockyt and has money given back.</summary>
internal sealed class PockytRefunds(PockytClient client, PockytOptions options, TimeProvider clock) : IRefundGateway
{
    public TimeSpan Timeout => options.Timeout;

    public int FreeSlots => client.FreeSlots;

    public async Task<RefundReport> SendAsync(Refund refund, CancellationToken cancel)
    {
        Dictionary<string, string?> members = new()
        {
            ["refundAmount"] = new Money(refund.AmountMinor, refund.Currency).ToString(),
            ["currency"] = refund.Currency,
            ["settleCurrency"] = refund.SettleCurrency,
            ["refundReference"] = refund.RefundReference,

            // Pockyt takes exactly one of these two.
            ["reference"] = refund.Reference,
            ["transactionNo"] = refund.Reference is null ? refund.TransactionNo : null,
        };
        var answer = await client.CallAsync(
            refund.Merchant,
            options.RefundPath,
            members,
            clock.GetUtcNow(),
            new CallSubject(RequestId: refund.Id),
            cancel);
        return RefundTranslation.OfRefund(answer, refund);
    }

    public async Task<RefundReport> InquireAsync(Refund refund, CancellationToken cancel)
    {
        // Its own number names the refund beyond doubt; that its reference does too is inferred.
        KeyValuePair<string, string?> name = refund.RefundTransactionNo is { } number
            ? new("transactionNo", number)
            : new(options.RefundQueryMember, refund.RefundReference);
        if (name.Key.Length == 0)
        {
            return new RefundReport(RefundReportKind.Unclear)
            {
                Message = "Pockyt gave no number for this refund, and by its reference it is not looked up.",
            };
        }

        return RefundTranslation.OfQuestion(await QueryAsync(refund.Merchant, name, cancel), refund);
    }

    public async Task<ProviderAnswer<ProviderTransaction>> FindAsync(
        string merchant, string? transactionNo, string? reference, CancellationToken cancel)
    {
        KeyValuePair<string, string?> name = transactionNo is null
            ? new("reference", reference)
            : new("transactionNo", transactionNo);
        return RefundTranslation.OfTransaction(await QueryAsync(merchant, name, cancel), name.Key, name.Value!);
    }

    private Task<PockytAnswer> QueryAsync(
        string merchant, KeyValuePair<string, string?> name, CancellationToken cancel) =>
        client.CallAsync(merchant, options.TranQueryPath, [name], clock.GetUtcNow(), CallSubject.None, cancel);
}
