using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Payees;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.Payouts;

/// <summary>The calls about money: pay, inquiry, balance.</summary>
internal sealed class PayoutCalls(
    SimulatorSettings settings,
    SimulatorClock clock,
    Ids ids,
    PayeeRegistry payees,
    PayorRegistry payors,
    Balances balances,
    Ledger book,
    PayoutLifecycle course,
    Answers answers,
    ConsoleNarrator narrator)
{
    // The pages disagree on timestamp for these two calls, so it may be left out; when sent it must be right.
    public static readonly string[] MandatoryToPay = ["customerNo", "accountToken", "invoiceId", "amount", "currency"];

    // One of invoiceId and transactionNo.
    public static readonly string[] MandatoryToInquire = [];

    public static readonly string[] MandatoryForBalance = ["timestamp", "currency"];

    public Answer Pay(Call call)
    {
        // Asked before the records are looked at: the original answer stands, whatever became of the payee since.
        if (call.Deduplicate && book.CompletedBy(call.RequestId, call.Merchant.No) is { } completed)
        {
            return Replay(completed);
        }

        var body = call.Body;
        var payee = payees.FindOf(call.Merchant, body["customerNo"]);
        var account = payees.FindAccountOf(call.Merchant, body["accountToken"]);
        if (RefusalOf(body, payee, account) is { } refusal)
        {
            return answers.Refused(refusal);
        }

        PockytFormat.TryAmount(body["amount"]!, out var amount);
        var magic = MagicAmounts.Of(amount);
        if (!magic.Executes)
        {
            return answers.NotExecuted(magic.Answer);
        }

        var acceptance = book.Accept(
            call.Merchant.No,
            body["invoiceId"]!,
            call.RequestId,
            call.Deduplicate,
            magic.RefusedSends,
            position => Booked(call, account!, amount, position),
            payout => Accepted(payout).Body);
        switch (acceptance)
        {
            case SendDecision.Accepted { Payout: var payout }:
                narrator.PayoutAccepted(payout);
                course.Begin(payout);
                return new Answer(payout.FirstAnswer, StatusCodes.Status200OK, "accepted", magic.Answer);
            case SendDecision.Replayed { Payout: var payout }:
                return Replay(payout);
            case SendDecision.Duplicate:
                return answers.Refused(new Refusal(settings.DuplicateRetCode, "Duplicate request error"), "duplicate");
            default:
                return answers.Refused(Refusal.Balance());
        }
    }

    public Answer Inquire(Call call)
    {
        if (FieldFormats.Check(call.Body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        var (invoiceId, transactionNo) = (call.Body["invoiceId"], call.Body["transactionNo"]);
        if (invoiceId is null && transactionNo is null)
        {
            return answers.Refused(Refusal.Missing("invoiceId"));
        }

        var payout = invoiceId is not null
            ? book.Find(invoiceId, call.Merchant.No)
            : book.FindByTransactionNo(transactionNo!, call.Merchant.No);
        return payout is null || clock.GetUtcNow() < payout.AcceptedAt + settings.InquiryLag
            ? answers.Refused(Refusal.NoRecord(invoiceId is null ? "transactionNo" : "invoiceId"))
            : answers.Succeeded(
                answers.Vary("query success", "query success "), ("result", ResultOf(payout, payout.Status)));
    }

    public Answer Balance(Call call)
    {
        if (FieldFormats.Check(call.Body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        var currency = call.Body["currency"]!;
        // A sum with 0.00 has two decimals: Pockyt writes the number as 499000.00.
        var amount = decimal.Round(balances.Of(currency, call.Merchant.No), 2) + 0.00m;
        var entry = new JsonObject { ["amount"] = amount, ["currency"] = currency };
        return answers.Succeeded("success", ("balance", new JsonArray(entry)));
    }

    private Refusal? RefusalOf(CallBody body, Payee? payee, Account? account) =>
        payee is null ? Refusal.NoRecord("customerNo")
        : account is null ? Refusal.NoRecord("accountToken")
        : account.CustomerNo != payee.CustomerNo ? Refusal.Mismatch("customerNo, accountToken")
        : FieldFormats.Check(body) is { } wrong ? wrong
        : payors.Of(payee) is { IsUsable: false } ? new Refusal(settings.NotPayableRetCode, "payor is not approved")
        : !payee.IsPayable ? new Refusal(settings.NotPayableRetCode, "payee is not activated")
        : !account.IsPayable ? new Refusal(settings.NotPayableRetCode, "account is not activated")
        : null;

    private BookedPayout Booked(Call call, Account account, decimal amount, long position) => new(clock.GetUtcNow())
    {
        MerchantNo = call.Merchant.No,
        InvoiceId = call.Body["invoiceId"]!,
        TransactionNo = ids.TransactionNo(),
        RequestId = call.RequestId,
        CustomerNo = account.CustomerNo,
        AccountToken = account.Token,
        Amount = amount,
        Currency = call.Body["currency"]!,
        Vendor = account.Type,
        IpnUrl = call.Body["ipnUrl"],
        Position = position,
    };

    private Answer Accepted(BookedPayout payout) =>
        answers.Succeeded(answers.Vary("succeeded", "payout created"), ("result", ResultOf(payout, "pending")));

    private static Answer Replay(BookedPayout payout) =>
        new(payout.FirstAnswer, StatusCodes.Status200OK, "replayed");

    private JsonObject ResultOf(BookedPayout payout, string status)
    {
        var result = new JsonObject
        {
            ["amount"] = PockytFormat.Amount(payout.Amount),
            ["transactionNo"] = payout.TransactionNo,
            ["createdTime"] = PockytFormat.Time(payout.AcceptedAt),
            ["invoiceId"] = payout.InvoiceId,
            ["currency"] = payout.Currency,
            ["accountToken"] = payout.AccountToken,
            ["customerNo"] = payout.CustomerNo,
            ["status"] = status,
        };
        if (settings.TransactionFee is { } fee)
        {
            result["transactionFee"] = PockytFormat.Amount(fee);

            // As Pockyt's sample shows it of a payout that is pending.
            result["paymentTime"] = PockytFormat.Time(payout.AcceptedAt);
        }

        return result;
    }
}

internal static class PayoutRoutes
{
    public static void MapPayoutCalls(this IEndpointRouteBuilder v3)
    {
        v3.MapPost("/payouts/pay", Pay);
        v3.MapPost("/payouts/inquiry", Inquire);
        v3.MapPost("/payouts/balance", Balance);
    }

    private static Task Pay(HttpContext http, CallPipeline desk, PayoutCalls calls) =>
        desk.ServeAsync(http, "pay", PayoutCalls.MandatoryToPay, calls.Pay);

    private static Task Inquire(HttpContext http, CallPipeline desk, PayoutCalls calls) =>
        desk.ServeAsync(http, "inquiry", PayoutCalls.MandatoryToInquire, calls.Inquire);

    private static Task Balance(HttpContext http, CallPipeline desk, PayoutCalls calls) =>
        desk.ServeAsync(http, "balance", PayoutCalls.MandatoryForBalance, calls.Balance);
}
