using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using PayoutService.Api.Payouts;
using PayoutService.Api.Validation;
using PayoutService.Api.Webhooks;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace PayoutService.Api.OpenApi;

/// <summary>
/// Says of each member what the service enforces: lengths, patterns, words. Requests are closed, because a member that
/// is not known is refused; answers are open, because there will be more members.
/// </summary>
internal sealed partial class SchemaRules : ISchemaFilter
{
    public const string Country = "^[A-Z]{2}$";

    /// <summary>ISO 4217, or USDC.</summary>
    public const string Currency = "^[A-Z]{3,4}$";

    public const string EventId = "^evt_[0-9a-hjkmnp-tv-z]{40}$";

    private const string Amount = @"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,8})?$";

    public static string IdOf(string prefix) => $"^{prefix}[0-9a-hjkmnp-tv-z]{{26}}$";

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        schema.Description = schema.Description is { } text ? Spaces().Replace(text, " ") : null;
        if (schema is not OpenApiSchema own)
        {
            return;
        }

        if (context.MemberInfo is { } member)
        {
            foreach (var rule in member.GetCustomAttributes<ValidationAttribute>())
            {
                Apply(own, rule);
            }

            ApplyToName(own, member.Name);
            if (member.DeclaringType is { } owner && IsRequest(owner))
            {
                ApplyToList(own, member.Name);
            }
        }
        else if (own.Properties is { Count: > 0 })
        {
            LeaveOptional(own, context.Type);
            own.AdditionalPropertiesAllowed = !IsRequest(context.Type);
        }
    }

    private static bool IsRequest(Type type) => type.Name.EndsWith("Request", StringComparison.Ordinal);

    private static void Apply(OpenApiSchema schema, ValidationAttribute rule)
    {
        switch (rule)
        {
            case KeyTextAttribute:
                (schema.Pattern, schema.MinLength, schema.MaxLength) = (KeyTextAttribute.Pattern, 1, 64);
                break;
            case PlainTextAttribute plain:
                LimitTexts(schema, plain.Most, mostTexts: 32, "^[^&=]+$");
                break;
            case OwnTextAttribute own:
                LimitTexts(schema, own.Most, mostTexts: 32, pattern: null);
                break;
            case NamedTextsAttribute named:
                LimitTexts(schema, named.Most, mostTexts: 64, "^[^&=]+$");
                break;
            case EmailTextAttribute:
                (schema.Format, schema.MaxLength) = ("email", 254);
                break;
            case PhoneTextAttribute:
                (schema.Pattern, schema.MaxLength) = ("^[0-9+(][0-9 ().-]{5,38}[0-9)]$", 40);
                break;
            case CountryTextAttribute:
                schema.Pattern = Country;
                break;
            case BirthDateAttribute:
                schema.Format = "date";
                break;
            case AllowedValuesAttribute allowed:
                schema.Enum = [.. allowed.Values.OfType<string>().Select(value => (JsonNode)value)];
                break;
        }
    }

    private static void LimitTexts(OpenApiSchema schema, int most, int mostTexts, string? pattern)
    {
        if (schema.AdditionalProperties is OpenApiSchema text)
        {
            schema.MaxProperties = mostTexts;
            (text.MinLength, text.MaxLength, text.Pattern) = (1, most, pattern);
        }
        else
        {
            (schema.MinLength, schema.MaxLength, schema.Pattern) = (1, most, pattern);
        }
    }

    private static void ApplyToList(OpenApiSchema schema, string name)
    {
        if (name is nameof(CreatePayoutBatchRequest.Payouts))
        {
            (schema.MinItems, schema.MaxItems) = (1, PayoutBatchEndpoints.MaxPayouts);
        }
        else if (name is nameof(CreateWebhookEndpointRequest.EventTypes))
        {
            schema.Items = new OpenApiSchemaReference(PublishedEvents.TypeSchema);
        }
    }

    /// <summary>Ids by the prefix of their example, amounts and currencies by their names.</summary>
    private static void ApplyToName(OpenApiSchema schema, string name)
    {
        if (schema.Type is not { } type || !type.HasFlag(JsonSchemaType.String) || schema.Pattern is not null
            || schema.Enum is { Count: > 0 })
        {
            return;
        }

        var example = schema.Examples is [{ } first, ..] ? $"{first}" : "";
        schema.Pattern = Id().Match(example) is { Success: true } id ? IdOf(id.Value)
            : example.StartsWith("evt_", StringComparison.Ordinal) ? EventId
            : name switch
            {
                "Amount" or "Fee" or "Net" or "Available" or "Balance" => Amount,
                "Currency" or "SettleCurrency" or "AccountCurrency" => Currency,
                "Replaces" or "ReplacedBy" => IdOf("po_"),
                "AccountId" => IdOf("acc_"),
                _ => null,
            };
    }

    /// <summary>A member of a request that has a default need not be sent.</summary>
    private static void LeaveOptional(OpenApiSchema schema, Type type)
    {
        var defaulted = type.GetConstructor(Type.EmptyTypes) is null ? [] : type.GetProperties().Where(property =>
            (property.PropertyType.IsValueType || property.IsDefined(typeof(DefaultValueAttribute), inherit: false))
            && !property.IsDefined(typeof(RequiredMemberAttribute), inherit: false));
        foreach (var property in defaulted)
        {
            schema.Required?.Remove(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex("^(pye|acc|po|rfd|whe|whd|whr|bat)_")]
    private static partial Regex Id();
}
