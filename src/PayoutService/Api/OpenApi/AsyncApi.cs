using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using PayoutService.Views.Events;
using Swashbuckle.AspNetCore.Swagger;

namespace PayoutService.Api.OpenApi;

/// <summary>The events as an AsyncAPI 3.0 document, with the schemas of the OpenAPI document.</summary>
internal static class AsyncApi
{
    private const string Schemas = "#/components/schemas/";

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/asyncapi/v1.json", Show).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Show(IAsyncSwaggerProvider provider, CancellationToken cancel)
    {
        var openApi = await provider.GetSwaggerAsync("v1");
        var text = await openApi.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancel);
        return TypedResults.Text(Of(JsonNode.Parse(text)!).ToJsonString(), "application/json");
    }

    private static JsonObject Of(JsonNode openApi)
    {
        var webhooks = openApi["webhooks"]!;
        JsonObject messages = [];
        JsonObject onChannel = [];
        JsonObject schemas = [];
        foreach (var type in EventCatalogue.All)
        {
            var operation = webhooks[type.Name]!["post"]!;
            var schema = operation["requestBody"]!["content"]!["application/json"]!["schema"]!;
            messages[type.Name] = new JsonObject
            {
                ["name"] = type.Name,
                ["title"] = type.Name,
                ["summary"] = type.Meaning,
                ["contentType"] = "application/json",
                ["headers"] = HeadersOf(operation["parameters"]!.AsArray()),
                ["payload"] = schema.DeepClone(),
            };
            onChannel[type.Name] = new JsonObject { ["$ref"] = $"#/components/messages/{type.Name}" };
            AddSchemas(schema, openApi["components"]!["schemas"]!, schemas);
        }

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = openApi["info"]!["title"]!.DeepClone(),
                ["version"] = openApi["info"]!["version"]!.DeepClone(),
                ["description"] = "What this service posts to webhook endpoints, signed as Standard Webhooks 1.0.0 "
                    + "says. GET /v1/events shows the same events.",
            },
            ["defaultContentType"] = "application/json",
            ["channels"] = new JsonObject
            {
                ["webhook"] = new JsonObject
                {
                    ["address"] = null,
                    ["description"] = "The url of a webhook endpoint (POST /v1/webhook-endpoints).",
                    ["messages"] = onChannel,
                },
            },
            ["operations"] = new JsonObject
            {
                ["postEvent"] = new JsonObject
                {
                    ["action"] = "send",
                    ["summary"] = "Posts an event, at least once, of one object in the order of its versions.",
                    ["channel"] = new JsonObject { ["$ref"] = "#/channels/webhook" },
                },
            },
            ["components"] = new JsonObject { ["messages"] = messages, ["schemas"] = schemas },
        };
    }

    private static JsonObject HeadersOf(JsonArray parameters) => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray([.. parameters.Select(one => one!["name"]!.DeepClone())]),
        ["properties"] = new JsonObject(parameters.Select(one => KeyValuePair.Create(
            $"{one!["name"]}",
            (JsonNode?)new JsonObject { ["type"] = "string", ["description"] = one["description"]!.DeepClone() }))),
    };

    /// <summary>Adds the schemas that a node refers to, and those that they refer to.</summary>
    private static void AddSchemas(JsonNode? node, JsonNode all, JsonObject schemas)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, member) in members)
                {
                    if (name is "$ref" && $"{member}" is var address
                        && address.StartsWith(Schemas, StringComparison.Ordinal)
                        && address[Schemas.Length..] is var schema && !schemas.ContainsKey(schema))
                    {
                        schemas[schema] = all[schema]!.DeepClone();
                        AddSchemas(schemas[schema], all, schemas);
                    }

                    AddSchemas(member, all, schemas);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    AddSchemas(item, all, schemas);
                }

                break;
        }
    }
}
