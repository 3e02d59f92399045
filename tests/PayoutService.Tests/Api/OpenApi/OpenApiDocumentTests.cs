using System.Text.Encodings.Web;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.OpenApi;

/// <summary>docs/openapi.json is the served document: its diff shows a change of the contract.</summary>
public sealed class OpenApiDocumentTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private static readonly string Committed = Path.Combine(Repository.Root, "docs", "openapi.json");

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        var served = JsonSerializer.Serialize(
            JsonDocument.Parse(await stage.Api.GetStringAsync("/openapi/v1.json")).RootElement, Indented) + "\n";
        if (Environment.GetEnvironmentVariable("PAYOUTS_WRITE_OPENAPI") is { Length: > 0 })
        {
            await File.WriteAllTextAsync(Committed, served);
        }

        var committed = File.Exists(Committed) ? await File.ReadAllTextAsync(Committed) : "";

        var (wanted, found) = (served.Split('\n'), committed.Split('\n'));
        var at = wanted.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            served == committed,
            $"docs/openapi.json differs from line {at + 1}: {wanted.ElementAtOrDefault(at)}\n"
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
    public async Task Notifications_of_Pockyt_and_webhook_endpoints_of_callers_have_tags_of_their_own()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var incoming = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.EnumerateObject()
                .Any(operation => $"{operation.Value.GetProperty("tags")[0]}" == "Webhooks"))
            .Select(path => path.Name)
            .ToList();

        Assert.NotEmpty(incoming);
        Assert.All(incoming, path => Assert.StartsWith("/webhooks/", path, StringComparison.Ordinal));
    }
}
