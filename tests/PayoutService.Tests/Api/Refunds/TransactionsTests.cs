using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Refunds;

/// <summary>Looking up what came in.</summary>
public sealed class TransactionsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("reference")]
    [InlineData("transactionNo")]
    public async Task A_payment_is_found_by_either_name(string by)
    {
        var paid = stage.Transactions.FindPayment(null, await stage.ReceiveAsync("12.34"))!;
        var value = by == "reference" ? paid.Reference : paid.TransactionNo;

        var answer = await stage.Api.GetAsync($"/v1/transactions?{by}={value}");

        var told = await ServiceFixture.Answer(answer);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            (paid.TransactionNo, paid.Reference, "payment", "success", "12.34", "USD", "USD"),
            (Text(told, "transactionNo"), Text(told, "reference"), Text(told, "transactionType"), Text(told, "status"),
                Text(told, "amount"), Text(told, "currency"), Text(told, "settleCurrency")));
    }

    [Fact]
    public async Task A_refund_is_found_by_its_reference()
    {
        var key = stage.NewKey("refund");
        await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund(key, await stage.ReceiveAsync(), "1.50"));

        var told = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/transactions?reference={key}"));

        Assert.Equal(("refund", "1.50"), (Text(told, "transactionType"), Text(told, "amount")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?transactionNo=1&reference=2")]
    [InlineData("?transactionNo=a%26b")]
    [InlineData("?reference=a%3Db")]
    [InlineData("?reference=")]
    public async Task Anything_but_exactly_one_proper_name_is_refused(string query)
    {
        var answer = await stage.Api.GetAsync($"/v1/transactions{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("validation-failed", Text(await ServiceFixture.Answer(answer), "code"));
    }

    [Fact]
    public async Task A_transaction_that_pockyt_does_not_know_is_not_found()
    {
        var answer = await stage.Api.GetAsync("/v1/transactions?reference=nothing");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("000030", "no rights", HttpStatusCode.UnprocessableEntity, "provider-refused")]
    [InlineData("000080", "supplier", HttpStatusCode.BadGateway, "provider-unclear")]
    [InlineData("999999", "new", HttpStatusCode.BadGateway, "provider-unclear")]
    public async Task An_error_of_pockyts_is_told(string code, string message, HttpStatusCode status, string problem)
    {
        var reference = await stage.ReceiveAsync();
        await FaultAsync(reference, new { kind = "ret", code, message });

        var answer = await stage.Api.GetAsync($"/v1/transactions?reference={reference}");

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(problem, Text(await ServiceFixture.Answer(answer), "code"));
    }

    [Theory]
    [InlineData("reference", "another")]
    [InlineData("amount", "much")]
    public async Task An_answer_about_something_else_is_not_passed_on(string member, string value)
    {
        var reference = await stage.ReceiveAsync();
        await FaultAsync(
            reference, new { kind = "replace", members = new Dictionary<string, string> { [member] = value } });

        var answer = await stage.Api.GetAsync($"/v1/transactions?reference={reference}");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
    }

    [Fact]
    public async Task A_caller_without_a_key_learns_nothing()
    {
        using var nobody = stage.Client(null);

        var answer = await nobody.GetAsync($"/v1/transactions?reference={await stage.ReceiveAsync()}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static string? Text(JsonElement resource, string name) => resource.GetProperty(name).GetString();

    private async Task FaultAsync(string reference, object answer)
    {
        var armed = await stage.Control.PostAsJsonAsync(
            "/simulator/faults", new { call = "tranQuery", invoiceId = reference, answer });
        armed.EnsureSuccessStatusCode();
    }
}
