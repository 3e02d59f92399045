using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using PayoutService.Views;
using Swashbuckle.AspNetCore.Swagger;

namespace PayoutService.Api.OpenApi;

/// <summary>The description of this API that Swagger UI shows.</summary>
internal static class SwaggerSetup
{
    public const string Path = "/swagger";

    private const string Bearer = "apiKey";

    private static readonly string[] NameEndings = ["Request", "View"];

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
    internal static readonly (string Name, string Description)[] Tags =
    [
        (Frame.Operate, "What operators need: whether money moved and what is next, then the acts. Pages: `/ops`."),
        ("Payees", "People and businesses that are paid. Registered at Pockyt once, under your customerCode."),
        ("Accounts", "A payee's bank accounts and wallets, under your accountTag."),
        ("Payouts", "One intent to pay, under your invoiceId. `explain` says whether money moved and what is next."),
        ("Approvals", "Payouts that rules hold: released by an operator, or approved by a second person."),
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
                Contact = new OpenApiContact { Name = "Who runs this service" },
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
            options.OperationFilter<OperationRules>();
            options.SchemaFilter<SchemaRules>();
            options.SchemaFilter<ProblemSchema>();
            options.SchemaFilter<EventObjects>();
            options.DocumentFilter<PublishedEvents>();
            options.DocumentFilter<Frame>();
            options.DocumentFilter<Answers>();
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

    /// <summary>A contract's name without the words Request and View, by which the code tells it from a use case and
    /// from what is stored.</summary>
    internal static string SchemaId(Type type)
    {
        var name = type.Name.Split('`')[0] switch
        {
            nameof(ProblemDetails) => "Problem",
            nameof(EventView) => "HistoryLine",
            nameof(ListOf<object>) => "List",
            var other => other,
        };
        var word = NameEndings.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.Ordinal)) ?? "";
        return string.Concat(type.GetGenericArguments().Select(SchemaId)) + name[..^word.Length];
    }

    public static void Use(WebApplication app, string environment)
    {
        app.MapGet("/", () => TypedResults.Redirect(Path)).ExcludeFromDescription();
        app.UseSwagger(options => options.RouteTemplate = "openapi/{documentName}.json");
        AsyncApi.Map(app);
        app.UseSwaggerUI(options =>
        {
            options.SwaggerEndpoint("/openapi/v1.json", "Payout service v1");
            options.DocumentTitle = TitleOf(environment);
            options.HeadContent = $"<style>.swagger-ui .topbar {{ background: {Colours[environment]} }}</style>";
            options.EnableDeepLinking();
            options.DisplayRequestDuration();
            options.EnableTryItOutByDefault();
            options.EnableFilter();
            options.DefaultModelsExpandDepth(0);
        });
    }
}
