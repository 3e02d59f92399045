using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayoutService.Tests.Proofs.Fuzzing;

/// <summary>One operation of the document.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Description">What the document says of it.</param>
internal sealed record Operation(string Method, string Path, JsonElement Description)
{
    public string Name => $"{Method} {Path}";

    public string Id => Description.GetProperty("operationId").GetString()!;

    /// <summary>True: callers with a key make it.</summary>
    public bool IsCall => Path.StartsWith("/v1/", StringComparison.Ordinal);

    public IEnumerable<JsonElement> Parameters =>
        Description.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [];

    /// <summary>What the body is described as, by its content type; null when the operation takes none.</summary>
    public (string ContentType, JsonElement Media)? Body =>
        Description.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().Select(one => (one.Name, one.Value)).First()
            : null;
}

/// <summary>An answer, as it came over the wire.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body);

/// <summary>The served OpenAPI document, as the judge of answers.</summary>
internal sealed class Contract
{
    private static readonly string[] CallersHeaders =
        ["X-Request-Id", "ETag", "Location", "Content-Location", "Idempotent-Replayed", "Retry-After"];

    private readonly JsonElement document;

    public Contract(JsonElement document)
    {
        this.document = document;
        Operations =
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
                   .Concat(document.GetProperty("webhooks").EnumerateObject().Where(ours => ours.Name[0] == '/'))
               from operation in path.Value.EnumerateObject()
               select new Operation(operation.Name.ToUpperInvariant(), path.Name, operation.Value),
        ];
    }

    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>Why the document does not allow this answer; null when it does.</summary>
    public string? Breach(Operation operation, Answer answer)
    {
        var status = answer.Status.ToString(CultureInfo.InvariantCulture);
        var responses = operation.Description.GetProperty("responses");
        if (answer.Status >= 500 && answer.Status is not (502 or 503))
        {
            return $"{status} is a fault of ours";
        }

        if (!responses.TryGetProperty(status, out var response))
        {
            return $"{status} is not documented";
        }

        response = Resolve(response);
        if (!response.TryGetProperty("content", out var contents) || contents.EnumerateObject().FirstOrDefault() is not
            { Value.ValueKind: JsonValueKind.Object })
        {
            return answer.Body.Length == 0 ? null : $"{status} has a body, which is not documented";
        }

        if (answer.ContentType is null || !contents.TryGetProperty(answer.ContentType, out var media))
        {
            return $"{status} came as '{answer.ContentType}', which is not documented";
        }

        if (!answer.ContentType.EndsWith("json", StringComparison.Ordinal))
        {
            return null;
        }

        using var body = JsonDocument.Parse(answer.Body);
        return Breach(Schema(media), body.RootElement, "body") is { } breach ? $"{status}: {breach}"
            : answer.ContentType == "application/problem+json"
                && body.RootElement.GetProperty("status").GetInt32() != answer.Status
                ? $"{status}: the problem names another status"
            : null;
    }

    /// <summary>The JSON bodies that an answer may have.</summary>
    public IEnumerable<JsonElement> MediaOf(JsonElement response) =>
        Resolve(response).TryGetProperty("content", out var contents)
            ? contents.EnumerateObject().Where(content => content.Name.EndsWith("json", StringComparison.Ordinal))
                .Select(content => content.Value) : [];

    /// <summary>The headers that callers act on and the document does not name, or names and the answer lacks.
    /// </summary>
    public IEnumerable<string> HeaderBreaches(Operation operation, HttpResponseMessage answer)
    {
        var responses = operation.Description.GetProperty("responses");
        if (!responses.TryGetProperty($"{(int)answer.StatusCode}", out var response))
        {
            yield break;
        }

        var documented = Resolve(response).TryGetProperty("headers", out var headers)
            ? headers.EnumerateObject().Select(header => header.Name).ToHashSet() : [];
        var sent = answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var name in CallersHeaders.Where(name => sent.Contains(name) != documented.Contains(name)))
        {
            yield return $"{(int)answer.StatusCode}: {name} is "
                + (sent.Contains(name) ? "sent and not documented" : "documented and not sent");
        }
    }

    /// <summary>What a reference stands for.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.Split('/').Skip(1).Aggregate(document, (at, name) => at.GetProperty(name));
        }

        return schema;
    }

    public static JsonElement Schema(JsonElement media) => media.GetProperty("schema");

    /// <summary>Why a value does not fit its schema. A member that the schema does not name does not fit.</summary>
    public string? Breach(JsonElement described, JsonElement value, string at)
    {
        var schema = Resolve(described);
        if (schema.TryGetProperty("anyOf", out var kinds))
        {
            var breaches = kinds.EnumerateArray().Select(kind => Breach(kind, value, at)).ToList();
            return breaches.Contains(null) ? null : $"{at} is none of its kinds: {string.Join("; ", breaches)}";
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(one => IsOf(one, value)))
        {
            return $"{at} is {value.ValueKind}, not {type}";
        }

        if (schema.TryGetProperty("enum", out var words)
            && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)))
        {
            return $"{at} is {value}, which is not one of {words}";
        }

        if (value.ValueKind == JsonValueKind.String && BreachOfText(schema, value.GetString()!) is { } rule)
        {
            return $"{at} is {value}, which breaks {rule}";
        }

        if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("format", out var format)
            && format.GetString() == "date-time"
            && !DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _))
        {
            return $"{at} is no date-time";
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => BreachOfObject(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => value.EnumerateArray()
                .Select((item, place) => Breach(items, item, $"{at}[{place}]"))
                .FirstOrDefault(breach => breach is not null),
            _ => null,
        };
    }

    /// <summary>The rule that a text breaks. Lengths are of characters.</summary>
    private static string? BreachOfText(JsonElement schema, string text) =>
        schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!) ? $"{pattern}"
        : schema.TryGetProperty("maxLength", out var most) && text.EnumerateRunes().Count() > most.GetInt32()
            ? $"maxLength {most}"
        : schema.TryGetProperty("minLength", out var least) && text.EnumerateRunes().Count() < least.GetInt32()
            ? $"minLength {least}"
        : null;

    private string? BreachOfObject(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out var required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is
            { ValueKind: JsonValueKind.String } missing)
        {
            return $"{at} lacks {missing}";
        }

        foreach (var member in value.EnumerateObject())
        {
            var inside = $"{at}.{member.Name}";
            if (schema.TryGetProperty("properties", out var known)
                && known.TryGetProperty(member.Name, out var property))
            {
                if (Breach(property, member.Value, inside) is { } breach)
                {
                    return breach;
                }
            }
            else if (!schema.TryGetProperty("additionalProperties", out var others)
                || others.ValueKind == JsonValueKind.False)
            {
                return $"{inside} is not documented";
            }
            else if (others.ValueKind == JsonValueKind.Object && Breach(others, member.Value, inside) is { } breach)
            {
                return breach;
            }
        }

        return null;
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Select(one => one.GetString()!)
        : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => value.ValueKind == JsonValueKind.String,
    };
}
