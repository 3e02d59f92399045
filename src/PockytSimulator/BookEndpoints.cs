using Microsoft.AspNetCore.Http.HttpResults;

namespace PockytSimulator;

internal static class BookEndpoints
{
    public static void MapBook(this IEndpointRouteBuilder control) => control.MapGet("/book", Read);

    private static Ok<BookView> Read(Book book, string? invoiceId = null)
    {
        var payouts = invoiceId is null ? book.Payouts : book.PayoutsOf(invoiceId);
        var arrivals = invoiceId is null ? book.Arrivals : book.ArrivalsOf(invoiceId);
        return TypedResults.Ok(new BookView([.. payouts.Select(ViewOf)], [.. arrivals.Select(ViewOf)]));
    }

    private static PayoutView ViewOf(BookedPayout payout) => new(
        payout.InvoiceId,
        payout.TransactionNo,
        payout.RequestId,
        payout.CustomerNo,
        payout.AccountToken,
        Wire.Amount(payout.Amount),
        payout.Currency,
        payout.Status,
        payout.AcceptedAt,
        payout.History);

    private static ArrivalView ViewOf(Arrival arrival) =>
        new(arrival.At, arrival.InvoiceId, arrival.RequestId, arrival.VerifySign, arrival.Outcome);

    private sealed record BookView(IReadOnlyList<PayoutView> Payouts, IReadOnlyList<ArrivalView> Arrivals);

    private sealed record PayoutView(
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
        DateTimeOffset At, string? InvoiceId, string? RequestId, string? VerifySign, string Outcome);
}
