using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>Adds the servers and the tags, and sets what Pockyt posts to us apart from what callers ask.</summary>
/// <param name="environment">simulator, sandbox or production.</param>
internal sealed class Frame(ServiceEnvironment environment) : IDocumentFilter
{
    /// <summary>The tag of what operators need, beside the tags of the objects.</summary>
    public const string Operate = "Operate";

    private const string OfPockyt = "/webhooks/";

    private static readonly string[] OfOperators =
    [
        "getPayout", "getPayoutByInvoice", "listPayoutEvents", "refreshPayout", "cancelPayout", "resolvePayout",
        "releasePayout", "getSending", "pauseSending", "resumeSending", "resendDelivery", "recoverWebhookEndpoint",
    ];

    public void Apply(OpenApiDocument document, DocumentFilterContext context)
    {
        document.Servers =
        [
            new OpenApiServer
            {
                Url = "/",
                Description = $"The service with this document ({environment.Name}).",
                Extensions = new Dictionary<string, IOpenApiExtension>
                {
                    ["x-internal"] = new JsonNodeExtension(true),
                },
            },
        ];
        document.Tags = new HashSet<OpenApiTag>(
            SwaggerSetup.Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
        foreach (var operation in document.Paths.Values.SelectMany(item => item.Operations!.Values)
            .Where(operation => OfOperators.Contains(operation.OperationId)))
        {
            operation.Tags!.Add(new OpenApiTagReference(Operate, document));
        }

        foreach (var (path, item) in document.Paths.Where(one => one.Key.StartsWith(OfPockyt, StringComparison.Ordinal))
            .ToList())
        {
            document.Paths.Remove(path);
            document.Webhooks!.Add(path, item);
        }
    }
}
