using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using PayoutService.Api.Http;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>The members that problems have beside those of RFC 9457.</summary>
internal sealed class ProblemSchema : ISchemaFilter
{
    private static readonly string[] Texts =
    [
        "link", "payoutStatus", "payeeStatus", "accountStatus", "payorStatus", "accountCurrency", "customerCode",
        "accountTag", "payorCode", "providerCode", "providerMessage", "oldest",
    ];

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (context.Type != typeof(ProblemDetails) || schema is not OpenApiSchema problem)
        {
            return;
        }

        problem.Description = "Why a call was refused (RFC 9457). `code` is stable; `traceId` finds the call in "
            + "the log. Which of the others there are depends on the code.";
        problem.Required = new HashSet<string> { "type", "title", "status", "detail", "code", "traceId" };
        problem.AdditionalPropertiesAllowed = true;
        problem.AdditionalProperties = null;
        problem.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("The address of the page that explains the code: /problems/{code}."),
            ["title"] = Text("What is wrong, in a few words."),
            ["status"] = Number("The HTTP status."),
            ["detail"] = Text("What to do about it."),
            ["code"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "Stable: to be compared. Its page is at type.",
                Enum = [.. ProblemPages.All.Select(page => (JsonNode)page.Code)],
            },
            ["traceId"] = Text("Finds the call in the log."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong, by field.",
                AdditionalProperties = ListOf("A field's."),
            },
            ["fields"] = ListOf("The fields in which the request differs from the first with its key."),
            ["also"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Of a dry run: what the call would be refused for besides.",
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                        ["code"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
                    },
                },
            },
            ["version"] = Number("The current one."),
            ["row"] = Number("The row of the file that cannot be read."),
            ["faults"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "What is wrong with that row.",
                Items = new OpenApiSchema { Type = JsonSchemaType.Object },
            },
            ["errorCount"] = Number("The number of rows with errors."),
            ["totals"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What the batch pays, by currency.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
            },
            ["batchStatus"] = Text("The status of the batch."),
        };
        foreach (var name in Texts)
        {
            problem.Properties[name] = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Number(string description) =>
        new() { Type = JsonSchemaType.Integer, Format = "int32", Description = description };

    private static OpenApiSchema ListOf(string description) => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.String },
        Description = description,
    };
}
