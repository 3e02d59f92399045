namespace PayoutService.Api;

/// <summary>Metadata in one spelling, for comparing two requests.</summary>
internal static class Metadata
{
    public static string? Text(IReadOnlyDictionary<string, string>? metadata) => metadata is null or { Count: 0 }
        ? null
        : string.Join(
            '\n',
            metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}\t{pair.Value}"));
}
