using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Calls;
using PockytSimulator.PayIns;
using PockytSimulator.State;

namespace PockytSimulator.Control;

/// <summary>Payments, which a test makes by hand, to the first merchant unless it names one, and the book of what went
/// back.</summary>
internal static class TransactionEndpoints
{
    public static void MapTransactions(this IEndpointRouteBuilder control)
    {
        control.MapPost("/transactions", Receive);
        control.MapGet("/refunds", Read);
    }

    private static Results<Ok<Payment>, BadRequest<ControlProblem>> Receive(
        PaymentOrder order, Ids ids, MerchantRegistry merchants, Transactions transactions)
    {
        if (order.MerchantNo is { } named && merchants.Find(named) is null)
        {
            return TypedResults.BadRequest(new ControlProblem("merchantNo names no merchant"));
        }

        if (order.TransactionNo is { } given && (given.Length is 0 or > 18 || !given.All(char.IsAsciiDigit)))
        {
            return TypedResults.BadRequest(new ControlProblem("transactionNo has 1 to 18 digits"));
        }

        var payment = new Payment(
            order.TransactionNo ?? ids.TransactionNo(),
            order.Reference,
            order.Amount,
            order.Currency,
            order.SettleCurrency ?? order.Currency,
            order.Status,
            merchants.NoOf(order.MerchantNo));
        var known = transactions.FindPayment(null, payment.Reference, payment.MerchantNo);
        if (known is not null && known == payment with { TransactionNo = known.TransactionNo }
            && order.TransactionNo is null)
        {
            return TypedResults.Ok(known);
        }

        return transactions.TryAdd(payment)
            ? TypedResults.Ok(payment)
            : TypedResults.BadRequest(new ControlProblem("transactionNo or reference is known already"));
    }

    private static Ok<RefundBook> Read(Transactions transactions) => TypedResults.Ok(new RefundBook(
        [.. transactions.Refunds.Select(refund => new RefundLine(
            refund.RefundTransactionNo,
            refund.RefundReference,
            refund.RequestId,
            refund.TransactionNo,
            PockytFormat.Amount(refund.Amount),
            refund.Status,
            refund.At))],
        transactions.Arrivals));

    internal sealed record PaymentOrder(
        string Reference,
        [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] decimal Amount,
        string Currency,
        string? TransactionNo = null,
        string? SettleCurrency = null,
        string Status = "success",
        string? MerchantNo = null);

    private sealed record RefundBook(IReadOnlyList<RefundLine> Refunds, IReadOnlyList<RefundArrival> Arrivals);

    private sealed record RefundLine(
        string RefundTransactionNo,
        string? RefundReference,
        string? RequestId,
        string TransactionNo,
        string Amount,
        string Status,
        DateTimeOffset At);
}
