using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.UseCases;

namespace PayoutService.Api.Accounts;

/// <summary>Checks an account's details before Pockyt has to: against what Pockyt says it wants, and against what each
/// kind of number promises by itself.</summary>
internal static class AccountRequestValidator
{
    private static readonly string[] Types = ["BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO"];

    /// <summary>Members of the call that are ours to say, whatever Pockyt lists.</summary>
    private static readonly string[] Ours =
    [
        "accountCountry", "accountCurrency", "accountTag", "accountType", "clientIp", "customerNo", "ipnUrl",
        "merGroupNo", "merchantNo", "payorNo", "storeNo", "timestamp", "verifySign",
    ];

    /// <summary>Needed in the US whether Pockyt says so or not.</summary>
    private static readonly string[] NeededInTheUs = ["bankAccountId", "branchId", "bankAccountPurpose"];

    /// <summary>Requirements of PayPal and Venmo accounts by Pockyt's documents, used when Pockyt does not
    /// answer.</summary>
    private static readonly string[] NeededForWallets = ["bankAccountId"];

    public static async Task<ProblemHttpResult?> ProblemAsync(
        CreateAccountRequest request, Payee payee, AccountRequirementsCache requirements, CancellationToken cancel)
    {
        if (!Types.Contains(request.AccountType))
        {
            return Problems.AccountTypeNotSupported(Types);
        }

        if (Currency.Decimals(request.Currency) is null)
        {
            return Problems.UnsupportedCurrency();
        }

        var kind = new AccountKind(request.Country, request.Currency, request.AccountType, payee.ProfileType);
        var wanted = await requirements.FindAsync(payee.Merchant, kind, cancel);
        var fields = wanted is { Count: > 0 } ? wanted[0].Fields : null;

        // When Pockyt does not say what it wants, the details are passed on for it to judge.
        var unknown = request.Details.Keys
            .Where(name => Ours.Contains(name) || fields?.All(field => field.Name != name) is true).ToList();
        if (unknown.Count > 0)
        {
            return Problems.UnknownMember(unknown.Select(name => $"details.{name}"));
        }

        var reasons = Missing(request, fields).Concat(Wrong(request, fields)).ToList();
        return reasons.Count == 0 ? null
            : reasons.All(reason => reason.Key == "details.branchId" && request.Details.ContainsKey("branchId"))
                ? Problems.InvalidRoutingNumber()
                : Problems.Invalid(reasons);
    }

    private static IEnumerable<KeyValuePair<string, string>> Missing(
        CreateAccountRequest request, IReadOnlyList<RequiredField>? fields)
    {
        var isUsBank = request is { Country: "US", AccountType: "BANK_ACCOUNT" };
        var needed = fields?.Where(field => field.IsRequired).Select(field => field.Name)
            ?? (request.AccountType is "PAYPAL" or "VENMO" ? NeededForWallets : []);
        return needed.Union(isUsBank ? NeededInTheUs : [])
            .Where(name => !request.Details.ContainsKey(name))
            .Select(name => KeyValuePair.Create($"details.{name}", "is required for this kind of account"));
    }

    private static IEnumerable<KeyValuePair<string, string>> Wrong(
        CreateAccountRequest request, IReadOnlyList<RequiredField>? fields)
    {
        foreach (var (name, value) in request.Details)
        {
            var possible = fields?.FirstOrDefault(field => field.Name == name)?.PossibleValues ?? [];
            if (possible.Count > 0 && !possible.Contains(value))
            {
                yield return new($"details.{name}", $"must be one of: {string.Join(", ", possible)}");
            }
            else if (name == "bankAccountPurpose" && value is not ("CHECKING" or "SAVINGS"))
            {
                yield return new($"details.{name}", "must be CHECKING or SAVINGS");
            }
            else if (AccountDetailValidator.Reason(
                name, value, request.AccountType, request.Country, request.Details) is { } reason)
            {
                yield return new($"details.{name}", reason);
            }
        }
    }
}
