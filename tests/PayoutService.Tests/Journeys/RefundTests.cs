using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>Money that came in and goes back, from looking the payment up to the simulator's book.</summary>
public sealed class RefundTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_payment_is_looked_up_and_given_back_in_two_parts_though_the_second_answer_is_lost()
    {
        var reference = await stage.ReceiveAsync("100.00");
        var payment = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/transactions?reference={reference}"));
        var first = Example.Refund(stage.NewKey("refund"), reference, "30.00");
        var second = Example.Refund(stage.NewKey("refund"), reference, "70.00");
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "refund", invoiceId = second["refundReference"], answer = new { kind = "close" } });

        var told = await stage.Api.PostAsJsonAsync("/v1/refunds", first);
        var lost = await stage.Api.PostAsJsonAsync("/v1/refunds", second);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(5));
        await stage.ReconcileRefundsAsync();
        var refunds = await RefundsOf(Text(payment, "transactionNo"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Accepted), (told.StatusCode, lost.StatusCode));
        Assert.Equal(("payment", "success"), (Text(payment, "transactionType"), Text(payment, "status")));
        Assert.All(refunds, refund => Assert.Equal(
            ("succeeded", "yes", Text(payment, "transactionNo")),
            (Text(refund, "status"), Text(refund, "moneyMoved"), Text(refund, "transactionNo"))));
        Assert.Equal([30.00m, 70.00m], stage.Transactions.Refunds.Select(refund => refund.Amount).Order());
        Assert.Equal(2, stage.Transactions.Arrivals.Count);
    }

    private async Task<JsonElement[]> RefundsOf(string? transactionNo)
    {
        var list = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/refunds?transactionNo={transactionNo}"));
        var refunds = list.GetProperty("data").EnumerateArray().ToArray();
        Assert.NotEmpty(refunds);
        return refunds;
    }

    private static string? Text(JsonElement resource, string name) => resource.GetProperty(name).GetString();
}
