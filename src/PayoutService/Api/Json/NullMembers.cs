using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;

namespace PayoutService.Api.Json;

/// <summary>A change that says null of a member wants to clear it, and nothing here can be cleared: Pockyt is never
/// sent an empty member.</summary>
internal static class NullMembers
{
    public static async Task<ProblemHttpResult?> ProblemAsync(HttpContext context, CancellationToken cancel)
    {
        context.Request.Body.Position = 0;
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancel);
        var cleared = body.RootElement.EnumerateObject()
            .Where(member => member.Value.ValueKind is JsonValueKind.Null)
            .Select(member => KeyValuePair.Create(
                member.Name, "cannot be cleared: send its new value, or leave it out to keep it"))
            .ToList();
        return cleared.Count > 0 ? Problems.Invalid(cleared) : null;
    }
}
