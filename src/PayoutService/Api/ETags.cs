using System.Globalization;

namespace PayoutService.Api;

/// <summary>A resource's version is its ETag.</summary>
internal static class ETags
{
    public static void Set(HttpContext context, int version) =>
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The version an If-Match header asks for. Null: any. A tag we never gave matches no version.</summary>
    public static int? Wanted(string? ifMatch)
    {
        if (ifMatch is null or "*")
        {
            return null;
        }

        return int.TryParse(ifMatch.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : -1;
    }
}
