using PockytSimulator.Calls;

namespace PockytSimulator.Payees;

/// <summary>
/// A detail of an account. Fits looks at its value, and at the others where these decide what is right; it is asked
/// for members that were sent only.
/// </summary>
internal sealed record Field(
    string Name,
    string Label,
    bool IsRequired,
    string[]? PossibleValues = null,
    Func<string, CallBody, bool>? Fits = null);

/// <summary>
/// Which details an account of a type needs, and which of them is its number; no country means every country that is
/// known.
/// </summary>
internal sealed record AccountSchema(
    string? Country, string Currency, string Type, string Number, params Field[] Fields)
{
    /// <summary>The name of a detail that is needed and was not sent.</summary>
    public string? MissingFrom(CallBody body) =>
        Fields.FirstOrDefault(field => field.IsRequired && body[field.Name] is null)?.Name;

    /// <summary>The name of a detail that cannot be what was sent.</summary>
    public string? WrongIn(CallBody body) => Fields.FirstOrDefault(field =>
        body[field.Name] is { } value
        && (field.PossibleValues?.Contains(value) is false || field.Fits?.Invoke(value, body) is false))?.Name;
}
