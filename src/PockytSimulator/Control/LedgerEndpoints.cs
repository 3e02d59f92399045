using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Calls;
using PockytSimulator.Payouts;

namespace PockytSimulator.Control;

internal static class LedgerEndpoints
{
    public static void MapBook(this IEndpointRouteBuilder control) => control.MapGet("/book", Read);

    private static Ok<BookView> Read(
        Ledger book, MerchantRegistry merchants, string? invoiceId = null, string? merchantNo = null)
    {
        var payouts = invoiceId is null ? book.Payouts : book.PayoutsOf(invoiceId);
        var arrivals = invoiceId is null ? book.Arrivals : book.ArrivalsOf(invoiceId);
        return TypedResults.Ok(new BookView(
            [.. payouts.Select(payout => ViewOf(payout, merchants)).Where(view => Wanted(view.MerchantNo))],
            [.. arrivals.Select(arrival => ViewOf(arrival, merchants)).Where(view => Wanted(view.MerchantNo))]));

        bool Wanted(string no) => merchantNo is null || merchantNo == no;
    }

    private static PayoutView ViewOf(BookedPayout payout, MerchantRegistry merchants) => new(
        payout.MerchantNo,
        payout.InvoiceId,
        payout.TransactionNo,
        payout.RequestId,
        payout.CustomerNo,
        payout.AccountToken,
        PockytFormat.Amount(payout.Amount),
        payout.Currency,
        payout.Status,
        payout.AcceptedAt,
        payout.History);

    private static ArrivalView ViewOf(ReceivedCall arrival, MerchantRegistry merchants) => new(
        merchants.NoOf(arrival.MerchantNo),
        arrival.At,
        arrival.InvoiceId,
        arrival.RequestId,
        arrival.VerifySign,
        arrival.Outcome);

    private sealed record BookView(IReadOnlyList<PayoutView> Payouts, IReadOnlyList<ArrivalView> Arrivals);

    private sealed record PayoutView(
        string MerchantNo,
        string InvoiceId,
        string TransactionNo,
        string? RequestId,
        string CustomerNo,
        string AccountToken,
        string Amount,
        string Currency,
        string Status,
        DateTimeOffset AcceptedAt,
        IReadOnlyList<StatusChange> History);

    private sealed record ArrivalView(
        string MerchantNo,
        DateTimeOffset At,
        string? InvoiceId,
        string? RequestId,
        string? VerifySign,
        string Outcome);
}
