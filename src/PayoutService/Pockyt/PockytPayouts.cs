using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt;

/// <summary>Has Pockyt move the money.</summary>
internal sealed class PockytPayouts(
    PockytClient client, NoticeAddress address, Oddities oddities, PockytOptions options, TimeProvider clock)
    : IPayoutGateway
{
    private const string Usdc = "USDC";

    public TimeSpan Timeout => options.Timeout;

    public string[] Merchants { get; } = [.. options.Merchants.Keys];

    public int FreeSlots => client.FreeSlots;

    public DateTimeOffset? AwaySince => client.AwaySince;

    public IReadOnlyList<string> Oddities => oddities.Sentences();

    public string DepositNotifications(string merchant) => address.OfDeposits(merchant);

    public async Task<Report> SendAsync(Payout payout, CancellationToken cancel)
    {
        // Every member comes from the row or the settings, so that a re-send says the same.
        Dictionary<string, string?> members = new()
        {
            ["customerNo"] = payout.CustomerNo,
            ["accountToken"] = payout.AccountToken,
            ["invoiceId"] = payout.InvoiceId,
            ["amount"] = Wire(payout.Amount),
            ["currency"] = payout.Currency,
            ["description"] = payout.Description,
            ["note"] = payout.Note,
            ["subject"] = payout.Subject,
            ["processingChannel"] = payout.ProcessingChannel,
            ["ipnUrl"] = address.OfPayout(payout.Merchant, payout.InvoiceId),
        };
        var answer = await client.CallAsync(
            payout.Merchant,
            options.PayPath,
            members,
            payout.SignedAt!.Value,
            new CallSubject(payout.Id, payout.RequestId),
            cancel);
        return PayoutTranslation.OfPay(answer, payout);
    }

    public int Decimals(string currency) =>
        currency == Usdc ? options.UsdcDecimals : Currency.Decimals(currency) ?? 0;

    public async Task<Report> InquireAsync(Payout payout, CancellationToken cancel)
    {
        var report = await InquireAsync(payout, "invoiceId", payout.InvoiceId, cancel);
        var needsSecondAnswer = report.Kind is ReportKind.NotSeen || report.Mismatch is not null
            || payout.Attention is Attention.Contradiction;
        if (payout.TransactionNo is not { } transactionNo || !needsSecondAnswer)
        {
            return report;
        }

        // Pockyt gave it a transaction number, so it is asked by that too. An answer that Pockyt does not know the
        // number proves nothing.
        var other = await InquireAsync(payout, "transactionNo", transactionNo, cancel);
        return other.Kind is ReportKind.NotSeen or ReportKind.Unclear ? report
            : report.Kind is ReportKind.NotSeen ? other
            : other.Kind != report.Kind && report.Mismatch is null
                ? report with { Mismatch = "invoiceId and transactionNo are answered differently" }
                : report;
    }

    private async Task<Report> InquireAsync(Payout payout, string member, string value, CancellationToken cancel)
    {
        var askedAt = clock.GetUtcNow();
        var answer = await client.CallAsync(
            payout.Merchant,
            options.InquiryPath,
            new Dictionary<string, string?> { [member] = value },
            askedAt,
            new CallSubject(payout.Id),
            cancel);
        return PayoutTranslation.OfInquiry(
            answer, payout, askedAt, options.Merchants[payout.Merchant].ResendAfterNotSeen);
    }

    public ReportKind? Meaning(string? providerStatus) => PayoutTranslation.Meaning(providerStatus);

    public async Task<IReadOnlyList<Money>?> BalancesAsync(string merchant, string currency, CancellationToken cancel)
    {
        Dictionary<string, string?> members = new() { ["currency"] = currency };
        var answer = await client.CallAsync(
            merchant, "/v3/payouts/balance", members, clock.GetUtcNow(), CallSubject.None, cancel);
        return PayoutTranslation.OfBalance(answer);
    }

    /// <summary>The amount with as many decimals as Pockyt takes; accepting it made sure that none is lost.</summary>
    private string Wire(Money amount)
    {
        var text = amount.ToString();
        var spare = (Currency.Decimals(amount.Currency) ?? 0) - Decimals(amount.Currency);
        return spare > 0 ? text[..^spare].TrimEnd('.') : text;
    }
}
