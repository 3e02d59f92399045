using System.Text.Json;
using Microsoft.OpenApi;
using PayoutService.Api.Validation;
using PayoutService.Payouts;
using PayoutService.Storage.Events;

namespace PayoutService.Api.OpenApi;

/// <summary>The rules of members of addresses, queries and headers, as the service enforces them.</summary>
internal static class Parameters
{
    public static void Limit(OpenApiParameter parameter, string path, OpenApiDocument document)
    {
        if (parameter.Schema is not OpenApiSchema schema)
        {
            return;
        }

        if (parameter.In is ParameterLocation.Header)
        {
            // Generated clients name a parameter by it, where a name takes no hyphen.
            var name = parameter.Name!.Replace("-", "", StringComparison.Ordinal);
            var camelCase = JsonNamingPolicy.CamelCase.ConvertName(name);
            parameter.AddExtension("x-originalName", new JsonNodeExtension(camelCase));
        }

        schema.Description = null;
        if (parameter.Name is "limit")
        {
            (schema.Minimum, schema.Maximum) =
                ("1", path is "v1/events" ? "1000" : "200");
        }
        else if (parameter.Name is "wait")
        {
            (schema.Minimum, schema.Maximum) = ("0", "30");
        }
        else if (parameter.Name is "status")
        {
            parameter.Schema = new OpenApiSchemaReference(
                path.EndsWith("/deliveries", StringComparison.Ordinal) ? nameof(DeliveryStatus) : nameof(PayoutStatus),
                document);
        }
        else if (parameter.Name is "Idempotency-Key")
        {
            (schema.MinLength, schema.MaxLength, schema.Pattern) = (1, 255, "^[!#-+\\--\\[\\]-~]+$");
        }
        else if (PatternOf(parameter.Name!, path) is { } pattern)
        {
            schema.Pattern = pattern;
        }
        else if (parameter.Name is "invoiceId" or "customerCode" or "payorCode" or "payorNo" or "refundReference"
            or "transactionNo")
        {
            schema.Pattern = KeyTextAttribute.Pattern;
        }
        else if (parameter.Name is "country")
        {
            schema.Pattern = SchemaRules.Country;
        }
        else if (parameter.Name is "currency")
        {
            schema.Pattern = SchemaRules.Currency;
        }
        else if (schema is { Enum: null or { Count: 0 }, Format: null, Type: JsonSchemaType.String })
        {
            schema.MaxLength = 1000;
        }
    }

    private static string? PatternOf(string name, string path) => (name, path.Split('/').ElementAtOrDefault(1)) switch
    {
        ("id", "payees") or ("payeeId", _) => SchemaRules.IdOf("pye_"),
        ("accountId", _) => SchemaRules.IdOf("acc_"),
        ("id", "payouts") or ("payoutId", _) => SchemaRules.IdOf("po_"),
        ("id", "refunds") => SchemaRules.IdOf("rfd_"),
        ("id", "webhook-endpoints") => SchemaRules.IdOf("whe_"),
        ("id", "deliveries") => SchemaRules.IdOf("whd_"),
        ("id", "batches") or ("batchId", _) => SchemaRules.IdOf("bat_"),
        ("recoveryId", _) => SchemaRules.IdOf("whr_"),
        ("id", "events") => SchemaRules.EventId,
        _ => null,
    };
}
