using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace PayoutService.Api.Http;

/// <summary>
/// Says what exactly is wrong with a body that could not be read. Runs only for a body that failed, so that a good one
/// is parsed once.
/// </summary>
internal static class MalformedBody
{
    public static async Task<ProblemHttpResult> DescribeAsync(HttpContext context, BadHttpRequestException failure)
    {
        // The exception handler has taken the endpoint off the request and keeps it here.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        if (RequestRules.TakesForm(endpoint))
        {
            return Problems.MalformedRequest("The body is not one form of type multipart/form-data.");
        }

        var accepts = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>();
        if (accepts?.RequestType is not { } contract || !context.Request.Body.CanSeek)
        {
            return Problems.MalformedRequest("A value in the address or a header cannot be read.");
        }

        context.Request.Body.Position = 0;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        return Describe(body.ToArray(), options.GetTypeInfo(contract), failure.InnerException as JsonException);
    }

    public static ProblemHttpResult Describe(byte[] body, JsonTypeInfo contract, JsonException? failure)
    {
        if (!Utf8.IsValid(body) || Parse(body, allowDuplicates: true) is not { } root)
        {
            return Problems.MalformedRequest(body.Length == 0
                ? "The body is missing: send a JSON object."
                : "The body is not one JSON object in UTF-8, with whole characters in its texts.");
        }

        if (Parse(body, allowDuplicates: false) is null)
        {
            return Problems.DuplicateMember();
        }

        return Describe(root, contract, failure);
    }

    /// <summary>The problems of an object that is not of its contract.</summary>
    public static ProblemHttpResult Describe(JsonElement root, JsonTypeInfo contract, JsonException? failure)
    {
        var known = contract.Properties.ToDictionary(property => property.Name);
        var unknown = root.EnumerateObject()
            .Select(member => member.Name)
            .Where(name => !known.ContainsKey(name))
            .ToArray();
        if (unknown.Length > 0)
        {
            return Problems.UnknownMember(unknown.Select(Printable));
        }

        var missing = known.Values
            .Where(property => property.IsRequired && !root.TryGetProperty(property.Name, out _))
            .Select(property => KeyValuePair.Create(property.Name, Missing(property.Name)))
            .ToArray();
        return missing.Length > 0
            ? Problems.Invalid(missing)
            : Problems.Invalid(FieldOf(failure), "has the wrong type, or is null where a value is needed");
    }

    /// <summary>The name of a member, fit to be shown.</summary>
    public static string NameOf(ref Utf8JsonReader reader) => Printable(
        reader.ValueSpan.Length > 256 ? "" : Encoding.ASCII.GetString(reader.ValueSpan));

    private static JsonElement? Parse(byte[] body, bool allowDuplicates)
    {
        try
        {
            var root = JsonDocument.Parse(
                body, new() { AllowDuplicateProperties = allowDuplicates, MaxDepth = 8 }).RootElement;
            var isObject = root.ValueKind is JsonValueKind.Object;
            return isObject && HasWholeTexts(root) ? root : null;
        }

        // The latter: a name or a text that holds half a character.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool HasWholeTexts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is not null,
        JsonValueKind.Array => element.EnumerateArray().All(HasWholeTexts),
        JsonValueKind.Object => element.EnumerateObject().All(
            member => member.Name is not null && HasWholeTexts(member.Value)),
        _ => true,
    };

    /// <summary>A sentence about a missing member, and what to send instead of it.</summary>
    private static string Missing(string name) => name is "state" or "zip"
        ? "is required: Pockyt takes no payee without it; where the country has none, send N/A"
        : "is required";

    /// <summary>JsonException names the place as <c>$.amount</c>.</summary>
    private static string FieldOf(JsonException? failure) =>
        failure?.Path is { Length: > 2 } path ? Printable(path[2..]) : "body";

    private static string Printable(string name) => new(
        [.. name.Take(64)
            .Select(character =>
                char.IsAsciiLetterOrDigit(character) || "_.$-".Contains(character) ? character : '?')]);
}
