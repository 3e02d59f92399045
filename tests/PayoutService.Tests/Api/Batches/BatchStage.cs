using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.Tests.Api.Batches;

/// <summary>A service to which batches are sent, and its worker.</summary>
internal sealed class BatchStage(ServiceFixture stage)
{
    public const string Header = "invoiceId,accountId,amount,currency";

    public string Line(string invoiceId, string amount = "5.00") => $"{invoiceId},{stage.AccountId},{amount},USD";

    /// <summary>A file with rows of 5.00, 6.00, 7.00 ….</summary>
    public string File(string prefix, int rows) => string.Join("\r\n", [
        Header,
        .. Enumerable.Range(0, rows).Select(at => Line($"{prefix}-{at}", $"{5 + at}.00")),
        "",
    ]);

    public Task<HttpResponseMessage> SendAsync(string file) => SendAsync(Encoding.UTF8.GetBytes(file));

    public Task<HttpResponseMessage> SendAsync(byte[] file) => stage.Api.PostAsync(
        "/v1/batches", new ByteArrayContent(file) { Headers = { ContentType = new("text/csv") } });

    /// <summary>Sends a file, and answers the batch once it is planned.</summary>
    public async Task<JsonElement> PlanAsync(string file)
    {
        using var answer = await SendAsync(file);
        return await PlannedAsync(answer);
    }

    public async Task<JsonElement> PlannedAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.StatusCode is HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        await WorkAsync();
        return await ShowAsync(Text(await ServiceFixture.Answer(answer), "id"));
    }

    public async Task<JsonElement> ShowAsync(string id) =>
        await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/batches/{id}"));

    public Task<HttpResponseMessage> ConfirmAsync(JsonElement batch, string query = "", object? totals = null) =>
        stage.Api.PostAsJsonAsync(
            $"/v1/batches/{Text(batch, "id")}/confirm{query}",
            new { totals = totals ?? batch.GetProperty("totals") });

    /// <summary>Confirms a batch, has it carried out, and answers it as it is then.</summary>
    public async Task<JsonElement> PayAsync(JsonElement batch, string query = "")
    {
        using var answer = await ConfirmAsync(batch, query);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await WorkAsync();
        return await ShowAsync(Text(batch, "id"));
    }

    /// <summary>Works until no batch has anything to do.</summary>
    public async Task WorkAsync()
    {
        using var worker = stage.Make<BatchWorker>();
        while (await worker.RunOnceAsync(CancellationToken.None))
        {
        }
    }

    public static string Text(JsonElement body, string member) => body.GetProperty(member).GetString()!;

    public static int Number(JsonElement body, string member) => body.GetProperty(member).GetInt32();

    /// <summary>The faults of a batch as cause, column and first row.</summary>
    public static (string Cause, string? Column, int Row)[] FaultsOf(JsonElement batch) =>
        [.. batch.GetProperty("causes").EnumerateArray().Select(one => (
            Text(one, "cause"),
            one.TryGetProperty("column", out var column) ? column.GetString() : null,
            one.GetProperty("rows")[0].GetInt32()))];
}
