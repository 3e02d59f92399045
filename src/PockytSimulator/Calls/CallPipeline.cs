using PockytSimulator.Control;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Calls;

/// <summary>One call as the handlers see it.</summary>
internal sealed record Call(Merchant Merchant, CallBody Body, string? RequestId, bool Deduplicate);

/// <summary>
/// Where every call of the provider arrives: reads it, asks for a fault, checks signature, mandatory members and
/// rights in Pockyt's order, has it executed, notes pay and refund calls in their books, and only then answers.
/// </summary>
internal sealed class CallPipeline(
    MerchantRegistry merchants,
    SimulatorClock clock,
    Faults faults,
    Answers answers,
    Ledger book,
    Transactions transactions,
    IHostApplicationLifetime lifetime)
{
    private static readonly string[] AlwaysMandatory = ["merchantNo", "storeNo"];

    public async Task ServeAsync(HttpContext http, string name, string[] mandatory, Func<Call, Answer> execute)
    {
        var arrivedAt = clock.GetUtcNow();
        var body = await CallBody.ReadAsync(http.Request);
        var fault = faults.Take(name, body["invoiceId"] ?? body["refundReference"] ?? body["reference"]);
        var header = http.Request.Headers["Pockyt-Request-ID"].ToString();
        var requestId = header.Length > 0 ? header : null;
        // Somebody unknown is judged by the first merchant's token, and then has no rights.
        var merchant = merchants.Find(body["merchantNo"]) ?? merchants.First;
        var call = new Call(merchant, body, requestId, fault?.Deduplicate ?? true);

        // A call that was read is executed even when its sender has gone meanwhile: that is what makes a
        // time-out ambiguous. So this pause ends with the simulator only.
        await PauseAsync(fault?.ExecuteDelayMs, lifetime.ApplicationStopping);
        var answer = fault is { Execute: false } ? answers.NotExecuted() : Execute(call, mandatory, execute);
        if (name == "pay")
        {
            book.Note(
                merchant.No, body["invoiceId"], arrivedAt, requestId, body[PockytSignature.Member], answer.Outcome);
        }

        if (name == "refund")
        {
            transactions.Note(new(arrivedAt, body["refundReference"], requestId, answer.Outcome));
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, lifetime.ApplicationStopping);
        await PauseAsync(fault?.DelayMs, gone.Token);
        await AnswerWriter.WriteAsync(http, answer, fault?.Answer ?? answer.Spoil, gone.Token);
    }

    private Answer Execute(Call call, string[] mandatory, Func<Call, Answer> execute)
    {
        var body = call.Body;
        if (body.Problem is { } problem)
        {
            return answers.Refused(Refusal.Data(problem));
        }

        if (!call.Merchant.Signed(body, clock.GetUtcNow()))
        {
            return answers.Refused(Refusal.Data(PockytSignature.Member));
        }

        if (AlwaysMandatory.Concat(mandatory).FirstOrDefault(name => body[name] is null) is { } missing)
        {
            return answers.Refused(Refusal.Missing(missing));
        }

        return body["merchantNo"] == call.Merchant.No && call.Merchant.StoreNos.Contains(body["storeNo"])
            ? execute(call)
            : answers.Refused(Refusal.NoRights());
    }

    private static async Task PauseAsync(int? milliseconds, CancellationToken until)
    {
        if (milliseconds > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds.Value), TimeProvider.System, until)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
