using System.Text.RegularExpressions;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Load;

/// <summary>Walks a list page by page, as a caller must.</summary>
internal static partial class Pages
{
    /// <summary>The address of a page far down the list of payouts; the pages are counted from 1.</summary>
    public static async Task<string> FindAsync(int port, int page, int size)
    {
        using var connection = new HttpConnection();
        await connection.OpenAsync(port);
        var path = $"/v1/payouts?limit={size}";
        for (var at = 1; at < page; at++)
        {
            var status = await connection.ExchangeAsync(Requests.Render("GET", path, Service.Key));
            var next = NextCursor().Match(connection.Text);
            path = status == 200 && next.Success
                ? $"/v1/payouts?limit={size}&cursor={next.Groups[1].Value}"
                : throw new InvalidOperationException($"Page {at} of {page} was {status} and has no next one.");
        }

        return path;
    }

    [GeneratedRegex("\"nextCursor\":\"([^\"]+)\"")]
    private static partial Regex NextCursor();
}
