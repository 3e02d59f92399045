using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>Adds to the framework's description of an operation: the scope that it needs, a request that works as it
/// stands, and the refusals that come before any endpoint runs.</summary>
internal sealed class OperationRules : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var path = context.ApiDescription.RelativePath!.TrimEnd('/');
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            var (description, example) = Examples.Parameter(parameter.Name!, path);
            parameter.Description ??= description;
            parameter.Example ??= example;
            Parameters.Limit(parameter, path, context.Document);
        }

        var body = context.ApiDescription.ParameterDescriptions
            .FirstOrDefault(parameter => parameter.Source == BindingSource.Body)?.Type;
        if (body is not null && operation.RequestBody!.Content!["application/json"] is OpenApiMediaType content)
        {
            content.Example = Examples.Body(body);
        }

        if (operation.RequestBody?.Content is { } types && types.TryGetValue("text/csv", out var file))
        {
            ((OpenApiMediaType)file).Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }

        if (operation.RequestBody?.Content is { } bodies && bodies.TryGetValue("multipart/form-data", out var parts)
            && parts.Schema is OpenApiSchema form)
        {
            // Beside the files a form may have texts, under names that only Pockyt knows.
            form.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String };
        }

        operation.Responses ??= [];
        if (path.StartsWith("webhooks", StringComparison.Ordinal))
        {
            AddAnswersToPockyt(operation.Responses);
        }

        AddRefusals(operation, context);
    }

    /// <summary>Pockyt reads only the status, so refusals have no body.</summary>
    private static void AddAnswersToPockyt(OpenApiResponses responses)
    {
        responses["200"] = new OpenApiResponse
        {
            Description = "The notification is kept.",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["text/plain"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
        };
        foreach (var (status, description) in new[]
        {
            ("400", "The body is no notification."), ("401", "The signature is not Pockyt's."),
            ("404", "The address is not one that Pockyt was given."), ("413", "The body is too large."),
            ("415", "The body is of no type that Pockyt sends."), ("429", "Too many that were refused."),
            ("503", "It could not be kept: send it again."),
        })
        {
            responses.TryAdd(status, new OpenApiResponse { Description = description });
        }
    }

    /// <summary>The refusals that endpoints do not name themselves: they come before any endpoint runs.</summary>
    private static void AddRefusals(OpenApiOperation operation, OperationFilterContext context)
    {
        var authorize = context.ApiDescription.ActionDescriptor.EndpointMetadata
            .OfType<IAuthorizeData>().FirstOrDefault();
        if (authorize is null)
        {
            operation.Security = [];
            return;
        }

        Add("400", "401", "415", "429", "500", "503");
        if (authorize.Policy is { } scope)
        {
            operation.Description = $"{operation.Description}\n\nNeeds the scope `{scope}`.".Trim();
            Add("403");
        }

        if (context.ApiDescription.RelativePath!.Contains('{', StringComparison.Ordinal))
        {
            Add("404");
        }

        if (operation.RequestBody is not null)
        {
            Add("413");
        }

        // Each becomes a reference to the one description of its status.
        void Add(params string[] statuses)
        {
            foreach (var status in statuses)
            {
                operation.Responses!.TryAdd(status, new OpenApiResponse());
            }

            context.SchemaGenerator.GenerateSchema(typeof(ProblemDetails), context.SchemaRepository);
        }
    }
}
