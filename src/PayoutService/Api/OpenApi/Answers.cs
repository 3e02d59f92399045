using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using PayoutService.Api.Http;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>Describes what answers have in common: their headers, one problem for each status, and examples that a
/// running service gave.</summary>
internal sealed class Answers : IDocumentFilter
{
    private const string Json = "application/json";

    /// <summary>By operation and status, the body of an answer. OpenApiExamplesTests writes it.</summary>
    private static readonly JsonObject Examples = Read();

    private static readonly Dictionary<string, (string Description, JsonSchemaType Type)> Headers = new()
    {
        ["X-Request-Id"] = ("Names the call in our log: the traceId of problems.", JsonSchemaType.String),
        ["ETag"] = ("The version, for If-Match and If-None-Match.", JsonSchemaType.String),
        ["Location"] = ("The address of what was made.", JsonSchemaType.String),
        ["Content-Location"] = ("The address of what the first call made.", JsonSchemaType.String),
        ["Idempotent-Replayed"] = ("true: the call was repeated, and nothing was made.", JsonSchemaType.String),
        ["Retry-After"] = ("The seconds to wait before the same call is repeated.", JsonSchemaType.Integer),
        ["RateLimit"] = ("How many calls are left, and when there are more.", JsonSchemaType.String),
        ["RateLimit-Policy"] = ("How many calls there are in a window.", JsonSchemaType.String),
    };

    private static readonly Dictionary<string, string> Meanings = new()
    {
        ["200"] = "Done.",
        ["201"] = "Made, and durable.",
        ["202"] = "Kept. It is not done yet: read it again at Location.",
        ["204"] = "Done; there is nothing to show.",
        ["304"] = "It has not changed since the version of If-None-Match.",
        ["400"] = "The request cannot be read, or a value in it is not valid.",
        ["401"] = "No API key, or one that is not known.",
        ["403"] = "The key lacks the scope.",
        ["404"] = "There is none, or it belongs to another merchant.",
        ["409"] = "It cannot be done as things stand: code says why.",
        ["410"] = "The events after the cursor are not kept any more.",
        ["412"] = "If-Match names an older version.",
        ["413"] = "The body is too large.",
        ["415"] = "The body is of another type, or compressed.",
        ["422"] = "What the request names cannot be used for it.",
        ["428"] = "If-Match is needed.",
        ["429"] = "Too many calls.",
        ["500"] = "The service failed: repeat the same call, it is safe.",
        ["502"] = "Pockyt did not answer as it should.",
        ["503"] = "Not now: repeat the same call, it is safe.",
    };

    public void Apply(OpenApiDocument document, DocumentFilterContext context)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Headers = Headers.ToDictionary(
            header => header.Key,
            header => (IOpenApiHeader)new OpenApiHeader
            {
                Description = header.Value.Description,
                Schema = new OpenApiSchema
                {
                    Type = header.Value.Type,
                    Format = header.Value.Type is JsonSchemaType.Integer ? "int32" : null,
                },
            });
        document.Components.Responses = Meanings.Keys.Where(status => status[0] is '4' or '5')
            .ToDictionary(Name, status => (IOpenApiResponse)Problem(document, status));
        foreach (var (path, item) in document.Paths)
        {
            foreach (var operation in item.Operations!.Values)
            {
                Describe(document, context, path, operation);
            }
        }

        foreach (var operation in document.Webhooks!.Where(webhook => webhook.Key.StartsWith('/'))
            .SelectMany(webhook => webhook.Value.Operations!.Values))
        {
            foreach (var (status, response) in operation.Responses!)
            {
                string[] headers = status is "429" or "503" ? ["X-Request-Id", "Retry-After"] : ["X-Request-Id"];
                ((OpenApiResponse)response).Headers = References(headers, document);
            }
        }
    }

    private static void Describe(
        OpenApiDocument document,
        DocumentFilterContext context,
        string path,
        OpenApiOperation operation)
    {
        var isCall = path.StartsWith("/v1", StringComparison.Ordinal);
        if (operation.Responses!.ContainsKey("304"))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-None-Match",
                In = ParameterLocation.Header,
                Description = "The ETag that you have: 304 when it is still that version.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 1000 },
            });
        }

        foreach (var (status, response) in operation.Responses.ToList())
        {
            if (status[0] is '4' or '5' && isCall)
            {
                operation.Responses[status] = new OpenApiResponseReference(Name(status), document);
            }
            else if (response is OpenApiResponse own)
            {
                own.Description = Meanings[status];
                own.Headers = References(
                    HeadersOf(status, isCall && HasVersion(own, context), operation), document);
                if (own.Content?.TryGetValue(Json, out var media) is true && media is OpenApiMediaType body)
                {
                    body.Example = Examples[operation.OperationId!]?[status]?.DeepClone();
                }

                if (own.Content?.TryGetValue("text/csv", out var file) is true && file is OpenApiMediaType csv)
                {
                    csv.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
                }
            }
        }
    }

    private static IEnumerable<string> HeadersOf(
        string status, bool hasVersion, OpenApiOperation operation)
    {
        yield return "X-Request-Id";
        if (hasVersion || status is "304" || (status is "200" && operation.Responses!.ContainsKey("304")))
        {
            yield return "ETag";
        }

        if (status is "201" or "202" && operation.OperationId is not "resendDelivery")
        {
            yield return "Location";
        }

        if (status is "200" or "202" && operation.Responses!.ContainsKey("201"))
        {
            yield return "Content-Location";
            yield return "Idempotent-Replayed";
        }
    }

    private static bool HasVersion(OpenApiResponse response, DocumentFilterContext context) =>
        response.Content?.TryGetValue(Json, out var media) is true
        && media.Schema is OpenApiSchemaReference { Reference.Id: { } id }
        && context.SchemaRepository.Schemas.TryGetValue(id, out var schema)
        && schema.Properties?.ContainsKey("version") is true;

    /// <summary>As the components are named, for example <c>Problem404</c>.</summary>
    private static string Name(string status) => $"Problem{status}";

    private static OpenApiResponse Problem(OpenApiDocument document, string status)
    {
        var page = ProblemPages.All.First(page => page.Status.ToString(CultureInfo.InvariantCulture) == status);
        return new OpenApiResponse
        {
            Description = Meanings[status],
            Headers = References(OfRefusal(status), document),
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference("Problem", document),
                    Example = new JsonObject
                    {
                        ["type"] = $"/problems/{page.Code}",
                        ["title"] = page.Meaning,
                        ["status"] = page.Status,
                        ["detail"] = page.Action,
                        ["code"] = page.Code,
                        ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
                    },
                },
            },
        };
    }

    private static string[] OfRefusal(string status) => status switch
    {
        "429" => ["X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy"],
        "503" => ["X-Request-Id", "Retry-After"],
        _ => ["X-Request-Id"],
    };

    private static Dictionary<string, IOpenApiHeader> References(
        IEnumerable<string> names, OpenApiDocument document) =>
        names.ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(name, document));

    private static JsonObject Read()
    {
        using var answers = typeof(Answers).Assembly.GetManifestResourceStream("answers.json")!;
        return JsonNode.Parse(answers)!.AsObject();
    }
}
