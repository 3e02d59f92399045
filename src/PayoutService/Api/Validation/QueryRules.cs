using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Primitives;
using PayoutService.Api.Http;
using PayoutService.Api.Json;

namespace PayoutService.Api.Validation;

/// <summary>
/// The one reader of query strings. What a call does not take is refused and not ignored: who misspells a filter would
/// be shown other things than it asked for.
/// </summary>
internal sealed class QueryRules(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly Lazy<Dictionary<MethodInfo, ApiParameterDescription[]>> known = new(() => descriptions
        .ApiDescriptionGroups.Items.SelectMany(group => group.Items)
        .Select(call => (
            Handler: call.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().FirstOrDefault(),
            Parameters: call.ParameterDescriptions.Where(one => one.Source == BindingSource.Query).ToArray()))
        .Where(call => call.Handler is not null)
        .DistinctBy(call => call.Handler)
        .ToDictionary(call => call.Handler!, call => call.Parameters));

    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var rules = context.RequestServices.GetRequiredService<QueryRules>();
        if (context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>() is not { } handler
            || !rules.known.Value.TryGetValue(handler, out var takes))
        {
            return next(context);
        }

        var errors = Errors(context.Request, takes).ToList();
        return errors.Count == 0 ? next(context) : Problems.Invalid(errors).ExecuteAsync(context);
    }

    private static IEnumerable<KeyValuePair<string, string>> Errors(
        HttpRequest request, ApiParameterDescription[] takes)
    {
        var names = takes.Select(one => one.Name).ToArray();
        foreach (var name in request.Query.Keys.Except(names))
        {
            yield return new(Printable(name), names.Length == 0
                ? "is no parameter of this call, which takes none"
                : $"is no parameter of this call, which takes {string.Join(", ", names)}");
        }

        var instants = new Dictionary<string, StringValues>(request.Query);
        foreach (var one in takes)
        {
            if (!request.Query.TryGetValue(one.Name, out var values))
            {
                if (one.IsRequired)
                {
                    yield return new(one.Name, "is required");
                }
            }
            else if (values.Count > 1)
            {
                yield return new(one.Name, "may be given once");
            }
            else if (Is<int>(one)
                && !int.TryParse(values, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                yield return new(one.Name, "must be a whole number");
            }
            else if (Is<bool>(one) && values != "true" && values != "false")
            {
                yield return new(one.Name, "must be true or false");
            }
            else if (Is<DateOnly>(one) && !DateOnly.TryParseExact(
                values, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                yield return new(one.Name, "must be a day such as 2026-12-31");
            }
            else if (Is<DateTimeOffset>(one))
            {
                if (Rfc3339Converter.TryParse(values, out var instant))
                {
                    // In the one spelling that the framework reads as we do.
                    instants[one.Name] = instant.ToString("O", CultureInfo.InvariantCulture);
                }
                else
                {
                    yield return new(one.Name, "must be a date and time with an offset, such as 2026-12-31T23:59:59Z");
                }
            }
        }

        request.Query = new QueryCollection(instants);
    }

    private static bool Is<T>(ApiParameterDescription one) =>
        (Nullable.GetUnderlyingType(one.Type) ?? one.Type) == typeof(T);

    /// <summary>A name that a caller made up, fit to be shown.</summary>
    private static string Printable(string name) => new(
        [.. name.Take(64).Select(
            letter => char.IsAsciiLetterOrDigit(letter) || "_.$-[]".Contains(letter) ? letter : '?')]);
}
