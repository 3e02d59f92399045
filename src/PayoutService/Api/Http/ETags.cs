using System.Globalization;

namespace PayoutService.Api.Http;

/// <summary>A resource's version is its ETag.</summary>
internal static class ETags
{
    public static void Set(HttpContext context, int version) =>
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The versions an If-Match header takes. Null: any. A tag we never gave, or a weak one, matches none.
    /// </summary>
    public static int[]? Wanted(string? ifMatch)
    {
        if (ifMatch is null or "*")
        {
            return null;
        }

        return
        [
            .. ifMatch.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(tag =>
                tag is ['"', .. var number, '"']
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                    ? version : -1),
        ];
    }
}
