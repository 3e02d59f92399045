using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PayoutService.Api.Validation;

/// <summary>A key of the caller's: 1 to 64 letters, digits, '_' and '-'.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed partial class KeyTextAttribute : ValidationAttribute
{
    internal const string Pattern = "^[A-Za-z0-9_-]{1,64}$";

    public KeyTextAttribute()
        : base("must have 1 to 64 letters, digits, '_' and '-'")
    {
    }

    public override bool IsValid(object? value) =>
        value is null || (value is string text && Key().IsMatch(text) && text[^1] != '\n');

    [GeneratedRegex(Pattern)]
    private static partial Regex Key();
}

/// <summary>
/// Text that people read and that is signed on its way to Pockyt: no '&amp;' and no '=', which the signed text does not
/// escape, nothing invisible, no space at either end.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PlainTextAttribute(int most) : ValidationAttribute(
    $"must have 1 to {most} characters, none of them '&', '=', a control or an invisible character, "
        + "and no space at either end")
{
    public int Most { get; } = most;

    public override bool IsValid(object? value) => value switch
    {
        null => true,
        string text => Texts.IsSignable(text, Most),
        IReadOnlyDictionary<string, string> texts => texts.Count <= 32
            && texts.All(pair => Texts.IsSignable(pair.Key, 64) && Texts.IsSignable(pair.Value, Most)),
        _ => false,
    };

}

/// <summary>Text, or texts by name, that people read and that Pockyt never sees: nothing invisible, no space at either
/// end.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class OwnTextAttribute(int most) : ValidationAttribute(
    $"must have 1 to {most} characters, none of them a control or an invisible character, and no space at either end")
{
    public int Most { get; } = most;

    public override bool IsValid(object? value) => value switch
    {
        null => true,
        string text => Texts.IsPlain(text, Most),
        IReadOnlyDictionary<string, string> texts => texts.Count <= 32
            && texts.All(pair => Texts.IsPlain(pair.Key, 64) && Texts.IsPlain(pair.Value, Most)),
        _ => false,
    };
}

/// <summary>An e-mail address in plain ASCII.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class EmailTextAttribute() : ValidationAttribute(
    "must be an e-mail address in plain ASCII, such as ada@example.com")
{
    public override bool IsValid(object? value) => value is null || (value is string text && Texts.IsEmail(text));
}

/// <summary>A phone number.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PhoneTextAttribute() : ValidationAttribute(
    "must have 7 to 15 digits, with spaces, '(', ')', '.' and '-' between them; with '+' in front the country code "
        + "follows, such as +1 212 555 0100")
{
    public override bool IsValid(object? value) => value is null || (value is string text && Texts.IsPhone(text));
}

/// <summary>A country of ISO 3166-1 alpha-2.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CountryTextAttribute : ValidationAttribute
{
    public override bool RequiresValidationContext => true;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is string text && Texts.WhyNoCountry(text) is { } why
            ? new ValidationResult(why, [validationContext.MemberName!])
            : ValidationResult.Success;
}

/// <summary>Up to 64 texts under Pockyt's names, passed on as they are: plain, because they are signed.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed partial class NamedTextsAttribute(int most) : ValidationAttribute(
    "must be 64 texts at most; a name has 1 to 64 letters, digits, '_' and '.', "
        + $"and a text 1 to {most} characters, none of them '&', '=', a control or an invisible character, "
        + "and no space at either end")
{
    private const int MostTexts = 64;

    public int Most { get; } = most;

    public override bool IsValid(object? value) => value is IReadOnlyDictionary<string, string> texts
        && texts.Count <= MostTexts
        && texts.All(text => Name().IsMatch(text.Key) && Texts.IsSignable(text.Value, Most));

    /// <summary>True when a file of this name can be passed on: the name stands between quotes, in a line of its own.
    /// </summary>
    internal static bool IsFileName(string name) =>
        name is { Length: > 0 and <= 200 } && !name.Any(letter => char.IsControl(letter) || "/\\\"".Contains(letter));

    [GeneratedRegex(@"^[A-Za-z0-9_.]{1,64}\z")]
    private static partial Regex Name();
}

/// <summary>A calendar date of a living person: yyyy-MM-dd, not in the future, not before 1900.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class BirthDateAttribute : ValidationAttribute
{
    public BirthDateAttribute()
        : base("must be a past date written yyyy-MM-dd")
    {
    }

    public override bool RequiresValidationContext => true;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is null)
        {
            return ValidationResult.Success;
        }

        var clock = (TimeProvider?)validationContext.GetService(typeof(TimeProvider)) ?? TimeProvider.System;
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return DateOnly.TryParseExact(
                value as string, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year >= 1900 && date < today
                ? ValidationResult.Success
                : new ValidationResult(ErrorMessage ?? ErrorMessageString, [validationContext.MemberName!]);
    }
}
