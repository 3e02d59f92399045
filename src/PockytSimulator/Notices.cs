namespace PockytSimulator;

/// <summary>Writes the notices Pockyt sends about payouts and accounts; null when nobody asked for them.</summary>
internal static class Notices
{
    public static Notice? Of(BookedPayout payout, string status, Uri? elsewhere = null)
    {
        var url = elsewhere ?? UrlOf(payout.IpnUrl);
        return url is null ? null : new Notice(payout.InvoiceId, status, url, new Dictionary<string, string>
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = Wire.Amount(payout.Amount),
            ["currency"] = payout.Currency,
            ["invoiceId"] = payout.InvoiceId,
            ["paymentTime"] = Wire.Time(payout.Since(status)),
            ["status"] = status,
            ["transactionNo"] = payout.TransactionNo,
            ["vendor"] = payout.Vendor,
        });
    }

    public static Notice? Of(Account account, Payee payee)
    {
        if (UrlOf(account.IpnUrl) is not { } url)
        {
            return null;
        }

        var members = new Dictionary<string, string>
        {
            ["accountStatus"] = account.Status,
            ["accountTag"] = account.Tag ?? "",
            ["accountToken"] = account.Token,
            ["accountType"] = account.Type,
            ["country"] = account.Country,
            ["currency"] = account.Currency,
            ["customerNo"] = account.CustomerNo,
            ["payeeAccount"] = payee["email"] ?? "",
        };
        return new Notice(null, account.Status, url, members);
    }

    private static Uri? UrlOf(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;
}
