namespace PayoutService.Pockyt;

/// <summary>Rules for whatever must be known to nobody else.</summary>
internal static class Secret
{
    public const int MinLength = 16;

    /// <summary>Beginning of the secrets in appsettings.Development.json: everybody can read them.</summary>
    private const string OfDevelopment = "development-only-";

    /// <summary>The reason why a text is no secret, in words that follow its name; null when it may be one.</summary>
    public static string? Weakness(string text, bool development)
    {
        // A random text of 16 characters has at least 8 different ones, but for one in millions.
        const int MinDifferent = 6;
        return text.Length < MinLength || string.IsNullOrWhiteSpace(text)
            ? $"must have {MinLength} characters or more"
            : text.Distinct().Count() < MinDifferent
                ? "can be guessed: make it of random characters"
                : !development && text.StartsWith(OfDevelopment, StringComparison.Ordinal)
                    ? "is that of Development, which everybody knows"
                    : null;
    }
}
