using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace PockytSimulator.Calls;

/// <summary>A file that came with a call.</summary>
internal sealed record UploadedFile(string Name, long Bytes);

/// <summary>
/// The flat members of a call, JSON or form. A number keeps the text it was sent with, because that text is
/// what the caller signed. A body that cannot be read has no members and says what is wrong with it.
/// </summary>
internal sealed record CallBody(IReadOnlyDictionary<string, string> Members, string? Problem = null)
{
    /// <summary>The member's value; null when it is missing or empty, which Pockyt does not tell apart.</summary>
    public string? this[string name] => Members.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>What a multipart form brought besides its members; nobody signs it.</summary>
    public IReadOnlyList<UploadedFile> Files { get; init; } = [];

    public static async Task<CallBody> ReadAsync(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) is true)
        {
            return await ReadMultipartAsync(request);
        }

        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes);
        var isForm = request.ContentType?.Contains("form", StringComparison.OrdinalIgnoreCase) is true;
        return isForm ? await ReadFormAsync(bytes.ToArray()) : ReadJson(bytes.ToArray());
    }

    private static async Task<CallBody> ReadFormAsync(byte[] bytes)
    {
        using var reader = new FormReader(Encoding.UTF8.GetString(bytes));
        try
        {
            return OfForm(await reader.ReadFormAsync());
        }
        catch (InvalidDataException)
        {
            return Unreadable("body");
        }
    }

    private static async Task<CallBody> ReadMultipartAsync(HttpRequest request)
    {
        try
        {
            var form = await request.ReadFormAsync();
            return OfForm(form) with { Files = [.. form.Files.Select(f => new UploadedFile(f.FileName, f.Length))] };
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            return Unreadable("body");
        }
    }

    private static CallBody OfForm(IEnumerable<KeyValuePair<string, StringValues>> form) =>
        form.FirstOrDefault(member => member.Value.Count > 1) is { Key.Length: > 0 } repeated
            ? Unreadable(repeated.Key)
            : new CallBody(form.ToDictionary(member => member.Key, member => member.Value.ToString()));

    private static CallBody ReadJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return Unreadable("body");
            }

            var members = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.Null)
                {
                    continue;
                }

                // A nested value has no signed text, and of two equal names nobody can say which was signed.
                if (TextOf(member.Value) is not { } text || !members.TryAdd(member.Name, text))
                {
                    return Unreadable(member.Name);
                }
            }

            return new CallBody(members);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Unreadable("body");
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static CallBody Unreadable(string problem) => new(new Dictionary<string, string>(), problem);
}
