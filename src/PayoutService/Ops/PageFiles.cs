using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PayoutService.Ops;

/// <summary>The one style and the one script of the pages. Their addresses change with their content, so browsers keep
/// them.</summary>
internal static class PageFiles
{
    private static readonly byte[] Css = Read("style.css");
    private static readonly byte[] Js = Read("ops.js");

    public static string Style { get; } = $"{OpsSetup.Root}/style.css?v={Version(Css)}";

    public static string Script { get; } = $"{OpsSetup.Root}/ops.js?v={Version(Js)}";

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/style.css", (HttpContext context) => Send(context, Css, "text/css; charset=utf-8"))
            .WithName("opsStyle").AllowAnonymous();
        ops.MapGet("/ops.js", (HttpContext context) => Send(context, Js, "text/javascript; charset=utf-8"))
            .WithName("opsScript").AllowAnonymous();
    }

    private static FileContentHttpResult Send(HttpContext context, byte[] content, string type)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(content, type);
    }

    private static string Version(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..12];

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
