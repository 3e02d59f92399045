using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api;

/// <summary>The description of this API that Swagger UI shows.</summary>
internal static class SwaggerSetup
{
    private const string Bearer = "apiKey";

    /// <summary>The order in which a newcomer needs them.</summary>
    private static readonly string[] Order =
    [
        "Payees", "Accounts", "Payouts", "Batches", "Sending",
        "Transactions", "Refunds", "Payors", "Webhooks", "Health",
    ];

    public static void Add(IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.Configure<SwaggerOptions>(options => options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1);
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "Payout service",
                Version = "v1",
                Description = "Pays people through Pockyt. Nobody is paid twice, nothing is lost, "
                    + "and at every moment it can say whether money moved and what happens next.\n\n"
                    + "Press **Authorize** and enter an API key; in Development it is `dev-key`, and `dev-key-2` is "
                    + "that of a second person. "
                    + "Every create is safe to repeat: your own key (customerCode, accountTag, invoiceId, "
                    + "refundReference, payorCode) names the one object there will ever be.",
            });
            options.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "PayoutService.xml"));
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.AddSecurityDefinition(Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key. In Development: dev-key",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(Bearer, document)] = [],
            });
            options.OperationFilter<Shape>();
            options.OrderActionsBy(action => $"{Array.IndexOf(Order, TagOf(action))}");
        });
    }

    private static string? TagOf(ApiDescription action) =>
        action.ActionDescriptor.EndpointMetadata.OfType<ITagsMetadata>().FirstOrDefault()?.Tags[0];

    public static void Use(WebApplication app)
    {
        app.UseSwagger(options => options.RouteTemplate = "openapi/{documentName}.json");
        app.UseSwaggerUI(options =>
        {
            options.SwaggerEndpoint("/openapi/v1.json", "Payout service v1");
            options.DocumentTitle = "Payout service";
            options.EnableDeepLinking();
            options.DisplayRequestDuration();
            options.EnablePersistAuthorization();
            options.EnableTryItOutByDefault();
        });
    }

    /// <summary>What the framework's description leaves out: the scope a call needs, a request that works as it stands,
    /// and what the ids in an address are.</summary>
    private sealed class Shape : IOperationFilter
    {
        public void Apply(OpenApiOperation operation, OperationFilterContext context)
        {
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                var (description, example) = Examples.Parameter(parameter.Name!, context.ApiDescription.RelativePath!);
                parameter.Description ??= description;
                parameter.Example ??= example;
            }

            var body = context.ApiDescription.ParameterDescriptions
                .FirstOrDefault(parameter => parameter.Source == BindingSource.Body)?.Type;
            if (body is not null && operation.RequestBody!.Content!["application/json"] is OpenApiMediaType content)
            {
                content.Example = Examples.Body(body);
            }

            if (operation.RequestBody?.Content is { } bodies && bodies.TryGetValue("multipart/form-data", out var parts)
                && parts.Schema is OpenApiSchema form)
            {
                // Beside the files a form may have texts, under names that only Pockyt knows.
                form.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String };
            }

            AddScope(operation, context);
        }

        private static void AddScope(OpenApiOperation operation, OperationFilterContext context)
        {
            var scope = context.ApiDescription.ActionDescriptor.EndpointMetadata
                .OfType<IAuthorizeData>().FirstOrDefault()?.Policy;
            if (scope is null)
            {
                operation.Security = [];
                return;
            }

            operation.Description = $"{operation.Description}\n\nNeeds the scope `{scope}`.".Trim();
            operation.Responses ??= [];
            operation.Responses.TryAdd("401", Refusal("No API key, or one that is not known."));
            operation.Responses.TryAdd("403", Refusal($"The key lacks the scope {scope}."));
        }

        private static OpenApiResponse Refusal(string description) => new() { Description = description };
    }
}
