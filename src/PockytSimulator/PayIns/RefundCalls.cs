using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.PayIns;

/// <summary>The calls about money that came in: tran-query and refund.</summary>
internal sealed class RefundCalls(
    SimulatorSettings settings, SimulatorClock clock, Ids ids, Transactions transactions, Answers answers)
{
    // One of transactionNo and reference is mandatory too, which a list of names cannot say.
    public static readonly string[] MandatoryToQuery = [];

    public static readonly string[] MandatoryToRefund = ["refundAmount", "currency", "settleCurrency"];

    public Answer Query(Call call)
    {
        var body = call.Body;
        if (NamingProblem(body) is { } unnamed)
        {
            return answers.Refused(unnamed);
        }

        // That a refund is found by its refundReference is our reading of transactionType: no page says it.
        var (transactionNo, reference, merchantNo) = (body["transactionNo"], body["reference"], call.Merchant.No);
        var payment = transactions.FindPayment(transactionNo, reference, merchantNo);
        var refund = payment is null ? transactions.FindRefund(transactionNo, reference, merchantNo) : null;
        var result = payment is not null ? ResultOf(payment) : refund is not null ? ResultOf(refund) : null;
        return result is null
            ? answers.Refused(Refusal.NoRecord(transactionNo is null ? "reference" : "transactionNo"))
            : answers.Succeeded(answers.Vary("query success", "query success "), ("result", result));
    }

    public Answer Refund(Call call)
    {
        var body = call.Body;
        if (NamingProblem(body) is { } unnamed)
        {
            return answers.Refused(unnamed);
        }

        if (transactions.FindPayment(body["transactionNo"], body["reference"], call.Merchant.No) is not { } payment)
        {
            return answers.Refused(Refusal.NoRecord(body["transactionNo"] is null ? "reference" : "transactionNo"));
        }

        if (body["currency"] != payment.Currency || body["settleCurrency"] != payment.SettleCurrency)
        {
            return answers.Refused(Refusal.Mismatch("currency, settleCurrency"));
        }

        if (FieldFormats.Check(body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        PockytFormat.TryAmount(body["refundAmount"]!, out var amount);
        return transactions.Refund(
            payment,
            amount,
            body["refundReference"],
            call.RequestId,
            call.Deduplicate,
            () => Booked(call, payment, amount)) switch
        {
            RefundDecision.Booked { Refund: var refund } =>
                new Answer(refund.FirstAnswer, StatusCodes.Status200OK, "accepted"),
            RefundDecision.Replayed { Refund: var refund } =>
                new Answer(refund.FirstAnswer, StatusCodes.Status200OK, "replayed"),
            RefundDecision.Refused { Why: var why } => answers.Refused(why),
            _ => answers.Refused(new Refusal(settings.DuplicateRetCode, "Duplicate request error"), "duplicate"),
        };
    }

    private static Refusal? NamingProblem(CallBody body) => (body["transactionNo"], body["reference"]) switch
    {
        (null, null) => Refusal.Missing("transactionNo, reference"),
        (not null, not null) => Refusal.Mismatch("transactionNo, reference"),
        _ => null,
    };

    private BookedRefund Booked(Call call, Payment payment, decimal amount)
    {
        var number = ids.TransactionNo();
        var result = new JsonObject
        {
            ["amount"] = PockytFormat.Amount(payment.Amount),
            ["currency"] = payment.Currency,
            ["reference"] = payment.Reference,
            ["refundAmount"] = PockytFormat.Amount(amount),
            ["refundReference"] = call.Body["refundReference"],
            ["refundTransactionNo"] = number,
            ["settleCurrency"] = payment.SettleCurrency,
            ["status"] = "success",
            ["transactionNo"] = payment.TransactionNo,
        };
        return new BookedRefund(
            number,
            call.Body["refundReference"],
            call.RequestId,
            payment.TransactionNo,
            amount,
            "success",
            clock.GetUtcNow(),
            answers.Succeeded(answers.Vary("success", "refund success"), ("result", result)).Body,
            call.Merchant.No);
    }

    private static JsonObject ResultOf(Payment payment) => new()
    {
        ["amount"] = PockytFormat.Amount(payment.Amount),
        ["currency"] = payment.Currency,
        ["reference"] = payment.Reference,
        ["settleCurrency"] = payment.SettleCurrency,
        ["status"] = payment.Status,
        ["transactionNo"] = payment.TransactionNo,
        ["transactionType"] = "payment",
    };

    private JsonObject ResultOf(BookedRefund refund)
    {
        var payment = transactions.FindPayment(refund.TransactionNo, null)!;
        return new JsonObject
        {
            ["amount"] = PockytFormat.Amount(refund.Amount),
            ["currency"] = payment.Currency,
            ["reference"] = refund.RefundReference,
            ["settleCurrency"] = payment.SettleCurrency,
            ["status"] = refund.Status,
            ["transactionNo"] = refund.RefundTransactionNo,
            ["transactionType"] = "refund",
        };
    }
}

internal static class RefundRoutes
{
    public static void MapRefundCalls(this IEndpointRouteBuilder search)
    {
        search.MapPost("/tran-query", Query);
        search.MapPost("/refund", Refund);
    }

    private static Task Query(HttpContext http, CallPipeline desk, RefundCalls calls) =>
        desk.ServeAsync(http, "tranQuery", RefundCalls.MandatoryToQuery, calls.Query);

    private static Task Refund(HttpContext http, CallPipeline desk, RefundCalls calls) =>
        desk.ServeAsync(http, "refund", RefundCalls.MandatoryToRefund, calls.Refund);
}
