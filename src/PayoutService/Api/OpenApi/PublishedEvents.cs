using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using PayoutService.Views.Events;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>Describes each type of event as a webhook: the request that a subscriber receives, and what it answers.
/// </summary>
internal sealed class PublishedEvents : IDocumentFilter
{
    /// <summary>The schema of the types that an endpoint may ask for.</summary>
    public const string TypeSchema = "EventType";

    public void Apply(OpenApiDocument document, DocumentFilterContext context)
    {
        document.Webhooks ??= new Dictionary<string, IOpenApiPathItem>();
        context.SchemaRepository.AddDefinition(TypeSchema, new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "A type of event.",
            Enum = [.. EventCatalogue.All.Select(type => (JsonNode)type.Name)],
        });
        foreach (var kind in EventCatalogue.All.GroupBy(type => type.Snapshot))
        {
            var data = context.SchemaGenerator.GenerateSchema(kind.Key, context.SchemaRepository);
            var name = $"{SwaggerSetup.SchemaId(kind.Key).Replace("Snapshot", "", StringComparison.Ordinal)}Event";
            context.SchemaRepository.AddDefinition(name, Schema([.. kind.Select(type => type.Name)], data));
            foreach (var type in kind)
            {
                document.Webhooks.Add(type.Name, new OpenApiPathItem
                {
                    Operations = new Dictionary<HttpMethod, OpenApiOperation>
                    {
                        [HttpMethod.Post] = Operation(document, type, new OpenApiSchemaReference(name, document)),
                    },
                });
            }
        }
    }

    private static OpenApiSchema Schema(string[] types, IOpenApiSchema about) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "An event, as it is posted and as the feed shows it.",
        Required = new HashSet<string> { "id", "type", "timestamp", "sequence", "data" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["id"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Also webhook-id." },
            ["type"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. types.Select(type => (JsonNode)type)],
            },
            ["timestamp"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
            ["sequence"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            ["data"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "object" },
                Properties = new Dictionary<string, IOpenApiSchema> { ["object"] = about },
            },
        },
    };

    private static OpenApiOperation Operation(OpenApiDocument document, EventType type, IOpenApiSchema body) => new()
    {
        OperationId = "on" + string.Concat(
            type.Name.Split('.', '_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])),
        Tags = new HashSet<OpenApiTagReference> { new("Events", document) },
        Summary = type.Name,
        Description = type.Meaning,
        Security = [],
        Parameters =
        [
            Header("webhook-id", "The event's id: the same when it is sent again."),
            Header("webhook-timestamp", "The time of the attempt, in seconds since 1970."),
            Header("webhook-signature", "One or more signatures of `{id}.{timestamp}.{body}`, of which one must fit."),
        ],
        RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["application/json"] = new OpenApiMediaType { Schema = body },
            },
        },
        Responses = new OpenApiResponses
        {
            ["2XX"] = new OpenApiResponse { Description = "You have it." },
            ["410"] = new OpenApiResponse { Description = "You want no more: the endpoint is disabled." },
        },
    };

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}

/// <summary>An event is about one of several kinds of objects.</summary>
internal sealed class EventObjects : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (context.Type != typeof(EventObject) || schema is not OpenApiSchema any)
        {
            return;
        }

        var kinds = typeof(EventObject).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false)
            .Cast<JsonDerivedTypeAttribute>()
            .Select(kind => context.SchemaGenerator.GenerateSchema(kind.DerivedType, context.SchemaRepository));
        (any.Type, any.Properties, any.Required) = (null, null, null);
        any.AdditionalPropertiesAllowed = true;
        any.AnyOf = [.. kinds];
    }
}
