using System.Globalization;
using PayoutService.Payees;
using PayoutService.Storage.Events;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.Views.Events;

namespace PayoutService.Views.Csv;

/// <summary>Lists without amounts as lines of CSV files.</summary>
internal static class ListLines
{
    public static readonly string[] PayeeHeader =
    [
        "record", "id", "customerCode", "customerNo", "status", "attention", "profileType", "countryCode", "payorNo",
        "createdAt", "updatedAt", "count",
    ];

    public static readonly string[] DeliveryHeader =
    [
        "record", "id", "url", "sequence", "type", "status", "attempts", "lastAttemptAt", "statusCode", "latencyMs",
        "error", "nextAttemptAt", "count",
    ];

    public static readonly string[] NoticeHeader =
        ["record", "receivedAt", "invoiceId", "payoutId", "accountId", "sha256", "count"];

    public static readonly string[] ActHeader =
        ["record", "no", "at", "actor", "action", "merchant", "subject", "reason", "count"];

    /// <summary>Payees without what is masked on the pages: names and e-mails.</summary>
    public static IAsyncEnumerable<string?[]> Of(IAsyncEnumerable<Payee> payees, CancellationToken cancel) =>
        CsvFile.Counted(
            PayeeHeader,
            "payee",
            payees,
            row => [
                PublicId.Of(PublicId.Payee, row.Id), row.CustomerCode, row.CustomerNo,
                CsvFile.Text<PayeeStatus>(row.Status), CsvFile.Text(row.Attention), row.ProfileType, row.CountryCode,
                row.PayorNo, CsvFile.Text(row.CreatedAt), CsvFile.Text(row.UpdatedAt),
            ],
            cancel);

    /// <summary>Deliveries to an endpoint.</summary>
    public static IAsyncEnumerable<string?[]> Of(
        string url, IAsyncEnumerable<DeliveryView> deliveries, CancellationToken cancel) => CsvFile.Counted(
            DeliveryHeader,
            "delivery",
            deliveries,
            row => [
                row.Id, url, CsvFile.Text(row.Sequence), row.Type, CsvFile.Text<DeliveryStatus>(row.Status),
                CsvFile.Text(row.Attempts), CsvFile.Text(row.LastAttempt?.At),
                row.LastAttempt?.StatusCode?.ToString(CultureInfo.InvariantCulture),
                row.LastAttempt?.LatencyMs.ToString(CultureInfo.InvariantCulture), row.LastAttempt?.Error,
                CsvFile.Text(row.NextAttemptAt),
            ],
            cancel);

    /// <summary>Notifications, without their texts.</summary>
    public static IAsyncEnumerable<string?[]> Of(IAsyncEnumerable<Notice> notices, CancellationToken cancel) =>
        CsvFile.Counted(
            NoticeHeader,
            "notice",
            notices,
            row => [
                CsvFile.Text(row.ReceivedAt), row.InvoiceId, PublicId.Of(PublicId.Payout, row.PayoutId),
                PublicId.Of(PublicId.Account, row.AccountId), Convert.ToHexStringLower(row.Hash),
            ],
            cancel);

    /// <summary>Acts of operators.</summary>
    public static IAsyncEnumerable<string?[]> Of(IAsyncEnumerable<OperatorAct> acts, CancellationToken cancel) =>
        CsvFile.Counted(
            ActHeader,
            "act",
            acts,
            row => [
                CsvFile.Text(row.No), CsvFile.Text(row.At), row.Actor.Name, CsvFile.Text<OperatorAction>(row.Action),
                row.Merchant, row.Subject, row.Reason,
            ],
            cancel);
}
