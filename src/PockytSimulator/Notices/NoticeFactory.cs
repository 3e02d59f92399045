using PockytSimulator.Calls;
using PockytSimulator.Payees;
using PockytSimulator.Payouts;
using PockytSimulator.State;

namespace PockytSimulator.Notices;

/// <summary>Writes the notices Pockyt sends about payouts and accounts; null when nobody asked for them.</summary>
internal sealed class NoticeFactory(Ids ids)
{
    /// <summary>Says that the payout has had the status since then.</summary>
    public Notice? Of(BookedPayout payout, string status, DateTimeOffset since, Uri? elsewhere = null)
    {
        var url = elsewhere ?? UrlOf(payout.IpnUrl);
        return url is null ? null : new Notice(payout.InvoiceId, status, url, new Dictionary<string, string>
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = PockytFormat.Amount(payout.Amount),
            ["currency"] = payout.Currency,
            ["invoiceId"] = payout.InvoiceId,
            ["paymentTime"] = PockytFormat.Time(since),
            ["status"] = status,
            ["transactionNo"] = payout.TransactionNo,
            ["vendor"] = payout.Vendor,
        })
        {
            No = ids.NoticeNo(),
            MerchantNo = payout.MerchantNo,
        };
    }

    public Notice? Of(Account account, Payee payee, string status)
    {
        if (UrlOf(account.IpnUrl) is not { } url)
        {
            return null;
        }

        var members = new Dictionary<string, string>
        {
            ["accountStatus"] = status,
            ["accountTag"] = account.Tag ?? "",
            ["accountToken"] = account.Token,
            ["accountType"] = account.Type,
            ["country"] = account.Country,
            ["currency"] = account.Currency,
            ["customerNo"] = account.CustomerNo,
            ["payeeAccount"] = payee["email"] ?? "",
        };
        return new Notice(null, status, url, members)
        {
            No = ids.NoticeNo(),
            MerchantNo = payee.MerchantNo,
        };
    }

    private static Uri? UrlOf(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;
}
