using System.Text.Encodings.Web;
using System.Text.Json;
using PayoutService.Tests.Proofs.Fuzzing;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.OpenApi;

/// <summary>The documents in docs are those that are served: their diffs show a change of the contract.</summary>
public sealed class OpenApiDocumentTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Theory]
    [InlineData("openapi.json", "/openapi/v1.json")]
    [InlineData("asyncapi.json", "/asyncapi/v1.json")]
    public async Task The_committed_document_is_the_one_that_is_served(string file, string address)
    {
        var path = Path.Combine(Repository.Root, "docs", file);
        var served = JsonSerializer.Serialize(
            JsonDocument.Parse(await stage.Api.GetStringAsync(address)).RootElement, Indented) + "\n";
        if (Environment.GetEnvironmentVariable("PAYOUTS_WRITE_OPENAPI") is { Length: > 0 })
        {
            await File.WriteAllTextAsync(path, served);
        }

        var committed = File.Exists(path) ? await File.ReadAllTextAsync(path) : "";

        var (wanted, found) = (served.Split('\n'), committed.Split('\n'));
        var at = wanted.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            served == committed,
            $"docs/{file} differs from line {at + 1}: {wanted.ElementAtOrDefault(at)}\n"
                + "If the contract should change: PAYOUTS_WRITE_OPENAPI=1 ./test --filter OpenApiDocumentTests");
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var names = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(operation => operation.Value.TryGetProperty("operationId", out var id) ? id.GetString() : null)
            .ToList();

        Assert.True(names.Count > 40, $"{names.Count}");
        Assert.DoesNotContain(null, names);
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public async Task Every_text_list_and_number_of_a_request_has_a_limit()
    {
        var contract = new Contract(await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json")));
        List<string> unlimited = [];
        foreach (var operation in contract.Operations.Where(one => one.IsCall))
        {
            foreach (var parameter in operation.Parameters)
            {
                Look(parameter.GetProperty("schema"), $"{operation.Id} {parameter.GetProperty("name")}");
            }

            if (operation.Body is { ContentType: "application/json" } body)
            {
                Look(Contract.Schema(body.Media), operation.Id);
            }
        }

        Assert.True(unlimited.Count == 0, string.Join("\n", unlimited));

        void Look(JsonElement described, string at)
        {
            var schema = contract.Resolve(described);
            var type = schema.TryGetProperty("type", out var types) ? $"{types}" : "";
            if (!(type.Contains("string", StringComparison.Ordinal) ? Has("enum", "pattern", "maxLength", "format")
                : type.Contains("array", StringComparison.Ordinal) ? Has("maxItems")
                : !type.Contains("integer", StringComparison.Ordinal) || Has("maximum")))
            {
                unlimited.Add($"{at}: {type}");
            }

            foreach (var member in schema.TryGetProperty("properties", out var all) ? all.EnumerateObject() : [])
            {
                Look(member.Value, $"{at} {member.Name}");
            }

            foreach (var part in new[] { "items", "additionalProperties" })
            {
                if (schema.TryGetProperty(part, out var inner) && inner.ValueKind == JsonValueKind.Object)
                {
                    Look(inner, $"{at} {part}");
                }
            }

            bool Has(params string[] rules) => rules.Any(rule => schema.TryGetProperty(rule, out _));
        }
    }

    [Fact]
    public async Task Every_filter_of_a_list_takes_the_words_and_numbers_that_the_document_says_and_no_more()
    {
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var contract = new Contract(await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json")));
        List<string> wrong = [];
        var asked = 0;
        foreach (var operation in contract.Operations.Where(
            one => one is { IsCall: true, Method: "GET" } && !one.Path.Contains('{', StringComparison.Ordinal)))
        {
            foreach (var parameter in operation.Parameters)
            {
                var schema = contract.Resolve(parameter.GetProperty("schema"));
                if (schema.TryGetProperty("enum", out var words))
                {
                    await AskAsync(operation, parameter, "juggled", isTaken: false);
                    foreach (var word in words.EnumerateArray())
                    {
                        await AskAsync(operation, parameter, $"{word}", isTaken: true);
                    }
                }
                else if (schema.TryGetProperty("maximum", out var maximum))
                {
                    await AskAsync(operation, parameter, $"{maximum}", isTaken: true);
                    await AskAsync(operation, parameter, $"{maximum.GetInt64() + 1}", isTaken: false);
                }
            }
        }

        Assert.True(asked > 20, $"{asked}");
        Assert.Empty(wrong);

        async Task AskAsync(Operation operation, JsonElement parameter, string value, bool isTaken)
        {
            var address = $"{operation.Path}?{parameter.GetProperty("name")}={value}";
            var answer = await stage.Api.GetAsync(address);
            wrong.AddRange(answer.IsSuccessStatusCode == isTaken ? [] : [$"{address}: {(int)answer.StatusCode}"]);
            asked++;
        }
    }

    [Fact]
    public async Task Notifications_of_Pockyt_and_webhook_endpoints_of_callers_have_tags_of_their_own()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var incoming = document.GetProperty("webhooks").EnumerateObject()
            .Where(path => path.Value.EnumerateObject()
                .Any(operation => $"{operation.Value.GetProperty("tags")[0]}" == "Webhooks"))
            .Select(path => path.Name)
            .ToList();

        Assert.Equal(3, incoming.Count);
        Assert.All(incoming, path => Assert.StartsWith("/webhooks/", path, StringComparison.Ordinal));
        Assert.DoesNotContain(
            document.GetProperty("paths").EnumerateObject(),
            path => path.Name.StartsWith("/webhooks/", StringComparison.Ordinal));
    }
}
