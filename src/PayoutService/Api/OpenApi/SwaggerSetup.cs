using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.OpenApi;
using PayoutService.Api.Http;
using PayoutService.Views.Events;
using Swashbuckle.AspNetCore.Swagger;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>The description of this API that Swagger UI shows.</summary>
internal static class SwaggerSetup
{
    public const string Path = "/swagger";

    private const string Bearer = "apiKey";

    /// <summary>Of the bar at the top, so that nobody takes one for the other.</summary>
    private static readonly Dictionary<string, string> Colours = new()
    {
        ["production"] = "#b00020",
        ["sandbox"] = "#9a5b00",
        ["simulator"] = "#2e7d32",
    };

    /// <summary>Swagger UI loads its own files, draws its icons from data, calls this API, and sets styles on its
    /// elements; nothing else runs, and nobody frames it.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The tags in the order in which a newcomer needs them.</summary>
    private static readonly (string Name, string Description)[] Tags =
    [
        ("Payees", "People and businesses that are paid. Registered at Pockyt once, under your customerCode."),
        ("Accounts", "A payee's bank accounts and wallets, under your accountTag."),
        ("Payouts", "One intent to pay, under your invoiceId. `explain` says whether money moved and what is next."),
        ("Batches", "Up to 10,000 payouts in one call."),
        ("Sending", "Whether a merchant's payouts are sent: pauses and balances."),
        ("Transactions", "Payments that the merchant received."),
        ("Refunds", "Money given back to somebody who paid the merchant, under your refundReference."),
        ("Events", "Everything that happened, in one order: read it from where you stopped."),
        ("Webhook endpoints", "Addresses of yours to which your events are posted, signed."),
        ("Payors", "Businesses in whose name a merchant of record pays."),
        ("Webhooks", "Notifications that Pockyt posts to this service."),
        ("Health", "Whether the service runs, and who a key is."),
    ];

    public static void Add(IServiceCollection services, string environment)
    {
        services.AddEndpointsApiExplorer();
        services.Configure<SwaggerOptions>(options => options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1);
        services.AddSwaggerGen(options =>
        {
            options.CustomSchemaIds(SchemaId);
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = TitleOf(environment),
                Version = "v1",
                Description = "Pays people through Pockyt. Nobody is paid twice, nothing is lost, "
                    + "and at every moment it can say whether money moved and what happens next.\n\n"
                    + $"Press **Authorize** and enter an API key{HintOf(environment)}. "
                    + "Every create is safe to repeat: your own key (customerCode, accountTag, invoiceId, "
                    + "refundReference, payorCode) names the one object there will ever be.",
            });
            options.IncludeXmlComments(System.IO.Path.Combine(AppContext.BaseDirectory, "PayoutService.xml"));
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.AddSecurityDefinition(Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = $"An API key{HintOf(environment)}. It is forgotten when the page is closed.",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(Bearer, document)] = [],
            });
            options.OperationFilter<Shape>();
            options.SchemaFilter<ProblemShape>();
            options.SchemaFilter<EventObjects>();
            options.DocumentFilter<Frame>();
            options.OrderActionsBy(action => $"{Array.FindIndex(Tags, tag => tag.Name == TagOf(action)):D2}");
        });
    }

    private static string? TagOf(ApiDescription action) =>
        action.ActionDescriptor.EndpointMetadata.OfType<ITagsMetadata>().FirstOrDefault()?.Tags[0];

    /// <summary>The keys of Development are of no use where money moves.</summary>
    private static string HintOf(string environment) => environment is "simulator"
        ? "; in Development it is `dev-key`, and `dev-key-2` is that of a second person"
        : "";

    private static string TitleOf(string environment) => $"Payout service: {environment}";

    /// <summary>A contract's name without the word Request, by which the code tells it from a use case.</summary>
    private static string SchemaId(Type type)
    {
        const string Request = "Request";
        var name = type.Name.Split('`')[0];
        return string.Concat(type.GetGenericArguments().Select(SchemaId))
            + (name.EndsWith(Request, StringComparison.Ordinal) ? name[..^Request.Length] : name);
    }

    public static void Use(WebApplication app, string environment)
    {
        app.MapGet("/", () => TypedResults.Redirect(Path)).ExcludeFromDescription();
        app.UseSwagger(options => options.RouteTemplate = "openapi/{documentName}.json");
        app.UseSwaggerUI(options =>
        {
            options.SwaggerEndpoint("/openapi/v1.json", "Payout service v1");
            options.DocumentTitle = TitleOf(environment);
            options.HeadContent = $"<style>.swagger-ui .topbar {{ background: {Colours[environment]} }}</style>";
            options.EnableDeepLinking();
            options.DisplayRequestDuration();
            options.EnableTryItOutByDefault();
        });
    }

    /// <summary>Adds the servers and the tags in their order.</summary>
    private sealed class Frame : IDocumentFilter
    {
        public void Apply(OpenApiDocument document, DocumentFilterContext context)
        {
            document.Servers = [new OpenApiServer { Url = "/", Description = "The service with this document." }];
            document.Tags = new HashSet<OpenApiTag>(
                Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
        }
    }

    /// <summary>Adds to the framework's description: the scope a call needs, a request that works as it stands,
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

            operation.Responses ??= [];
            if (context.ApiDescription.RelativePath!.StartsWith("webhooks", StringComparison.Ordinal))
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

            Add("400", "The request cannot be read, or a value in it is not valid.");
            Add("401", "No API key, or one that is not known.");
            Add("415", "The body is of another type, or compressed.");
            Add("429", "Too many calls: see Retry-After.");
            Add("503", "The database cannot be reached: repeat the call, it is safe.");
            if (authorize.Policy is { } scope)
            {
                operation.Description = $"{operation.Description}\n\nNeeds the scope `{scope}`.".Trim();
                Add("403", $"The key lacks the scope {scope}.");
            }

            if (context.ApiDescription.RelativePath!.Contains('{', StringComparison.Ordinal))
            {
                Add("404", "Not found, or it belongs to another merchant.");
            }

            if (operation.RequestBody is not null)
            {
                Add("413", "The body is too large.");
            }

            void Add(string status, string description) => operation.Responses!.TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType
                    {
                        Schema = context.SchemaGenerator.GenerateSchema(
                            typeof(ProblemDetails), context.SchemaRepository),
                    },
                },
            });
        }
    }

    /// <summary>An event is about one of several kinds of objects.</summary>
    private sealed class EventObjects : ISchemaFilter
    {
        public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
        {
            if (context.Type != typeof(EventObject) || schema is not OpenApiSchema any)
            {
                return;
            }

            var kinds = typeof(EventObject).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
                .Select(kind => context.SchemaGenerator.GenerateSchema(kind.DerivedType, context.SchemaRepository));
            (any.Type, any.Properties, any.Required) = (null, null, null);
            any.AdditionalPropertiesAllowed = true;
            any.AnyOf = [.. kinds];
        }
    }

    /// <summary>The members that problems have beside those of RFC 9457.</summary>
    private sealed class ProblemShape : ISchemaFilter
    {
        private static readonly string[] Texts =
        [
            "link", "payoutStatus", "payeeStatus", "accountStatus", "payorStatus", "accountCurrency", "customerCode",
            "accountTag", "payorCode", "providerCode", "providerMessage",
        ];

        public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
        {
            LeaveOptional(schema, context.Type);
            if (context.Type != typeof(ProblemDetails) || schema is not OpenApiSchema problem)
            {
                return;
            }

            problem.Description = "Why a call was refused (RFC 9457). `code` is stable; `traceId` finds the call in "
                + "the log. Which of the others there are depends on the code.";
            problem.Required = new HashSet<string> { "type", "title", "status", "detail", "code", "traceId" };
            problem.AdditionalPropertiesAllowed = false;
            problem.AdditionalProperties = null;
            problem.Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("/problems/{code}."),
                ["title"] = Text("What is wrong, in a few words."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
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
                ["version"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The current one." },
            };
            foreach (var name in Texts)
            {
                problem.Properties[name] = new OpenApiSchema { Type = JsonSchemaType.String };
            }
        }

        /// <summary>A member of a request that has a default need not be sent.</summary>
        private static void LeaveOptional(IOpenApiSchema schema, Type type)
        {
            var defaulted = type.GetConstructor(Type.EmptyTypes) is null ? [] : type.GetProperties().Where(property =>
                (property.PropertyType.IsValueType || property.IsDefined(typeof(DefaultValueAttribute), inherit: false))
                && !property.IsDefined(typeof(RequiredMemberAttribute), inherit: false));
            foreach (var property in defaulted)
            {
                schema.Required?.Remove(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
            }
        }

        private static OpenApiSchema Text(string description) =>
            new() { Type = JsonSchemaType.String, Description = description };

        private static OpenApiSchema ListOf(string description) => new()
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
            Description = description,
        };
    }
}
