using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayoutService.Tests.Proofs.Fuzzing;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.OpenApi;

/// <summary>
/// The examples of the document are real: its requests are sent as they stand, in the order of a newcomer, and its
/// answers are answers that a service gave. PAYOUTS_WRITE_OPENAPI writes them anew.
/// </summary>
public sealed partial class OpenApiExamplesTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    /// <summary>Operations in the order in which each finds what it needs, with what must be filled in: the query, and
    /// an operator's words, for which there is no example on purpose.</summary>
    private static readonly (string Id, string Query, object? Body)[] Walk =
    [
        ("getMe", "", null),
        ("createPayee", "", null),
        ("createPayee", "", null),
        ("getPayee", "", null),
        ("listPayees", "", null),
        ("updatePayee", "", null),
        ("refreshPayee", "", null),
        ("listPayeeEvents", "", null),
        ("getAccountRequirements", "?country=US&currency=USD&accountType=BANK_ACCOUNT", null),
        ("createAccount", "", null),
        ("getAccount", "", null),
        ("listAccounts", "", null),
        ("syncAccounts", "", null),
        ("listAccountEvents", "", null),
        ("createWebhookEndpoint", "", null),
        ("createWebhookEndpoint", "", null),
        ("getWebhookEndpoint", "", null),
        ("listWebhookEndpoints", "", null),
        ("updateWebhookEndpoint", "", null),
        ("rotateWebhookSecret", "", null),
        ("recoverWebhookEndpoint", "", null),
        ("getRecovery", "", null),
        ("listDeliveries", "", null),
        ("createPayout", "", null),
        ("createPayout", "", null),
        ("getPayout", "", null),
        ("getPayoutByInvoice", "", null),
        ("listPayouts", "", null),
        ("listPayoutEvents", "", null),
        ("refreshPayout", "", null),
        ("createPayoutBatch", "", null),
        ("createBatch", "", null),
        ("getBatch", "", null),
        ("listBatches", "", null),
        ("listBatchRows", "", null),
        ("confirmBatch", "", new { totals = new Dictionary<string, string> { ["USD"] = "24.00" } }),
        ("cancelBatch", "", null),
        ("cancelPayout", "", null),
        ("payAgain", "", null),
        ("reportPayouts", "?by=day,status,rail", null),
        ("listEvents", "", null),
        ("getEvent", "", null),
        ("listBalances", "", null),
        ("getSending", "", null),
        ("pauseSending", "", new { reason = "The balance is being moved to another store." }),
        ("resumeSending", "", null),
        ("listSendingEvents", "", null),
        ("findTransaction", "?reference=order-2026-0001", null),
        ("createRefund", "", null),
        ("getRefund", "", null),
        ("listRefunds", "", null),
        ("listRefundEvents", "", null),
        ("createPayor", "", null),
        ("getPayor", "", null),
        ("listPayors", "", null),
        ("listPayorEvents", "", null),
        ("removeAccount", "", null),
        ("deleteWebhookEndpoint", "", null),
        ("checkLiveness", "", null),
        ("checkReadiness", "", null),
    ];

    /// <summary>What stands for an id in an address.</summary>
    private static readonly Dictionary<string, string> PrefixOf = new()
    {
        ["payees"] = "pye_",
        ["accounts"] = "acc_",
        ["payouts"] = "po_",
        ["batches"] = "bat_",
        ["refunds"] = "rfd_",
        ["events"] = "evt_",
        ["webhook-endpoints"] = "whe_",
        ["recoveries"] = "whr_",
    };

    private static readonly string Committed = Path.Combine(
        Repository.Root, "src", "PayoutService", "Api", "OpenApi", "answers.json");

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Dictionary<string, string> ids = [];

    [Fact]
    public async Task Every_example_of_a_request_is_taken_and_answered_as_the_document_says()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));
        var contract = new Contract(document);
        await stage.Control.PostAsJsonAsync(
            "/simulator/transactions", new { reference = "order-2026-0001", amount = "100.00", currency = "USD" });
        var answers = new JsonObject();
        List<string> wrong = [];

        foreach (var (id, query, body) in Walk)
        {
            var operation = contract.Operations.Single(one => one.Id == id);
            var answer = await SendAsync(operation, query, body);
            var text = await answer.Content.ReadAsStringAsync();
            var breach = contract.Breach(
                operation, new Answer((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, text));
            wrong.AddRange(breach is null ? [] : [$"{id}: {breach}"]);
            wrong.AddRange(answer.IsSuccessStatusCode ? [] : [$"{id} answered {answer.StatusCode}: {text}"]);
            wrong.AddRange(contract.HeaderBreaches(operation, answer).Select(header => $"{id}: {header}"));
            Keep(answers, id, (int)answer.StatusCode, text);

            // What is told of is in the feed, and what was sent is done, before anybody looks.
            await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        if (Environment.GetEnvironmentVariable("PAYOUTS_WRITE_OPENAPI") is { Length: > 0 })
        {
            await File.WriteAllTextAsync(Committed, JsonSerializer.Serialize(answers, Indented) + "\n");
        }
    }

    [Fact]
    public async Task Every_example_fits_its_schema_and_every_answer_with_a_body_has_one()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));
        var contract = new Contract(document);
        List<string> wrong = [];
        foreach (var operation in contract.Operations.Where(one => one.IsCall))
        {
            foreach (var response in operation.Description.GetProperty("responses").EnumerateObject())
            {
                foreach (var media in contract.MediaOf(response.Value))
                {
                    var breach = media.TryGetProperty("example", out var example)
                        ? contract.Breach(Contract.Schema(media), example, "example")
                        : Walk.Any(step => step.Id == operation.Id) && response.Name is "200" or "201"
                            && !IsSecondAnswer(operation, response.Name) ? "has no example" : null;
                    wrong.AddRange(breach is null ? [] : [$"{operation.Id} {response.Name}: {breach}"]);
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>Which of two answers a call gives depends on what happened before, and the walk meets one.</summary>
    private static bool IsSecondAnswer(Operation operation, string status) =>
        status is "200" && operation.Description.GetProperty("responses").TryGetProperty("201", out _);

    private static void Keep(JsonObject answers, string id, int status, string text)
    {
        var known = answers[id]?.AsObject() ?? [];
        answers[id] = known;
        if (text.Length > 0)
        {
            // Nothing of the machine that it ran on, and no secret but one that is published.
            text = Secret().Replace(text, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
            text = Address().Replace(text, "https://payouts.example.com/webhooks/pockyt/main/deposits/kGvX3zq0");
            known[$"{status}"] = JsonNode.Parse(text);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Operation operation, string query, object? body)
    {
        var segments = operation.Path.Split('/');
        var path = string.Join('/', segments.Select((segment, at) => segment switch
        {
            "{payorNo}" => ids["payorNo"],
            "{invoiceId}" => "inv-2026-0001",
            ['{', ..] => ids[PrefixOf[segments[at - 1]]],
            _ => segment,
        }));
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), path + query);
        if (operation.Body is { } described)
        {
            var example = body is not null ? JsonSerializer.SerializeToNode(body)!
                : JsonNode.Parse(described.Media.GetProperty("example").GetRawText())!;
            request.Content = JsonContent.Create(WithOurIds(example));
        }

        var answer = await stage.Api.SendAsync(request);
        Learn(await answer.Content.ReadAsStringAsync());
        return answer;
    }

    /// <summary>An example names an account of its own.</summary>
    private JsonNode WithOurIds(JsonNode example)
    {
        foreach (var order in example["payouts"]?.AsArray().ToList() ?? [example])
        {
            if (order!["accountId"] is not null)
            {
                order["accountId"] = ids["acc_"];
            }
        }

        return example;
    }

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]+")]
    private static partial Regex Secret();

    [GeneratedRegex("http://127.0.0.1:[0-9]+/webhooks/pockyt/main/deposits/[A-Za-z0-9_-]+")]
    private static partial Regex Address();

    private void Learn(string text)
    {
        if (text.Length == 0 || JsonNode.Parse(text) is not JsonObject answer)
        {
            return;
        }

        var one = answer["data"] is JsonArray { Count: > 0 } list ? list[0]!.AsObject() : answer;
        if (one["id"]?.ToString() is { } id && id.IndexOf('_', StringComparison.Ordinal) is var end and > 0)
        {
            ids[id[..(end + 1)]] = id;
        }

        if ((one["provider"]?["payorNo"] ?? one["payorNo"]) is { } payorNo)
        {
            ids["payorNo"] = payorNo.ToString();
        }
    }
}
