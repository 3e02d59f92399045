using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Validation;
using PayoutService.Payees;

namespace PayoutService.Api.Payees;

/// <summary>The rules for payees. Section <c>Payees</c> of the settings.</summary>
internal sealed class PayeeRules
{
    /// <summary>Countries whose payees are not taken, ISO 3166-1 alpha-2: those under comprehensive US sanctions.
    /// </summary>
    public string[] RefusedCountries { get; set; } = ["CU", "IR", "KP", "SY"];

    /// <summary>The age in years that a payee must have.</summary>
    public int MinimumAge { get; set; } = 18;

    public IEnumerable<string> Problems()
    {
        if (RefusedCountries.FirstOrDefault(country => Texts.WhyNoCountry(country) is not null) is { } unknown)
        {
            yield return $"Payees:RefusedCountries has {unknown}, which is no country of ISO 3166-1 alpha-2.";
        }

        if (MinimumAge is < 0 or > 120)
        {
            yield return "Payees:MinimumAge must be 0 to 120 years.";
        }
    }
}

/// <summary>Checks that need more than one field of a payee, or the settings.</summary>
internal static class PayeeRequestValidator
{
    public static ProblemHttpResult? Problem(CreatePayeeRequest request, PayeeRules rules, DateTimeOffset now)
    {
        var born = DateOnly.ParseExact(request.DateOfBirth, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return Problem(
                request.ProfileType, request.CountryCode, request.Country, request.State, request.Zip,
                request.Company, rules)
            ?? (request.ProfileType == "INDIVIDUAL"
                && born.AddYears(rules.MinimumAge) > DateOnly.FromDateTime(now.UtcDateTime)
                    ? Problems.PayeeTooYoung(rules.MinimumAge) : null);
    }

    /// <summary>The same of a change: what it leaves out stays as it is.</summary>
    public static ProblemHttpResult? Problem(ChangePayeeRequest request, Payee payee, PayeeRules rules) => Problem(
        payee.ProfileType, request.CountryCode ?? payee.CountryCode, request.Country, request.State, request.Zip,
        request.Company, rules);

    private static ProblemHttpResult? Problem(
        string profileType,
        string countryCode,
        string? country,
        string? state,
        string? zip,
        string? company,
        PayeeRules rules)
    {
        List<KeyValuePair<string, string>> reasons = [];
        if (country is { Length: 2 } && Texts.WhyNoCountry(country) is null && country != countryCode)
        {
            reasons.Add(new("country", $"is another country than countryCode, {countryCode}"));
        }

        if (company is not null && profileType != "BUSINESS")
        {
            reasons.Add(new("company", "is only for a payee of profileType BUSINESS"));
        }

        if (countryCode == "US" && state is not null && !Texts.IsUsState(state))
        {
            reasons.Add(new("state", "must be the two letters of a US state, such as NY"));
        }

        if (countryCode == "US" && zip is not null && !Texts.IsUsZip(zip))
        {
            reasons.Add(new("zip", "must be a US ZIP code: 5 digits, or 5, a hyphen and 4"));
        }

        return reasons.Count > 0 ? Problems.Invalid(reasons)
            : rules.RefusedCountries.Contains(countryCode)
                ? Problems.CountryNotSupported("countryCode", countryCode)
                : null;
    }
}
