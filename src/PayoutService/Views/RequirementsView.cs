using PayoutService.Payees;

namespace PayoutService.Views;

/// <summary>Pockyt's requirements for an account of some kind.</summary>
public sealed record RequirementsView
{
    /// <example>INDIVIDUAL</example>
    public string? ProfileType { get; init; }

    /// <example>BANK_ACCOUNT</example>
    public required string AccountType { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>The members of an account's details.</summary>
    public required IReadOnlyList<RequiredFieldView> Fields { get; init; }

    internal static RequirementsView Of(AccountRequirements told) => new()
    {
        ProfileType = told.ProfileType,
        AccountType = told.AccountType,
        Currency = told.Currency,
        Fields = [.. told.Fields.Select(RequiredFieldView.Of)],
    };
}

/// <summary>One detail of an account.</summary>
public sealed record RequiredFieldView
{
    /// <example>bankAccountPurpose</example>
    public required string Name { get; init; }

    /// <example>Purpose</example>
    public string? Label { get; init; }

    /// <summary>The only values it may have; empty: any.</summary>
    public required IReadOnlyList<string> PossibleValues { get; init; }

    public required bool Required { get; init; }

    internal static RequiredFieldView Of(RequiredField field) => new()
    {
        Name = field.Name,
        Label = field.Label,
        PossibleValues = field.PossibleValues,
        Required = field.IsRequired,
    };
}
