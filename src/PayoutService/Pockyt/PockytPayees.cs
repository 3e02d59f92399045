using System.Text.Json;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt;

/// <summary>Registers payees and accounts at Pockyt. Sensitive members pass through here and are not kept.</summary>
internal sealed class PockytPayees(
    PockytClient client, NoticeAddress address, PockytOptions options, TimeProvider clock) : IPayeeGateway
{
    public async Task<ProviderAnswer<ProviderPayee>> RegisterAsync(
        string merchant, PayeeProfile profile, CancellationToken cancel) =>
        Read(await CallAsync(merchant, "/v3/payee/register", Members(profile), cancel), body =>
            body.Member("customer") is { } customer && customer.Text("customerNo") is { } customerNo
            && Repeats(customer, "customerCode", profile.CustomerCode)

                // A new payee is active unless Pockyt says otherwise.
                ? new ProviderPayee(customerNo, Status(customer, PayeeStatus.Active), StatusWord(customer))
                : null);

    public async Task<ProviderAnswer<ProviderPayee>> FindAsync(Payee payee, CancellationToken cancel)
    {
        if (payee.CustomerNo is { } customerNo)
        {
            return await RetrieveAsync(payee.Merchant, "customerNo", customerNo, cancel);
        }

        var byCode = await RetrieveAsync(payee.Merchant, "customerCode", payee.CustomerCode, cancel);
        if (byCode is not ProviderAnswer<ProviderPayee>.NotFound)
        {
            return byCode;
        }

        // One that Pockyt knows by another code is somebody else.
        return await FindByEmailAsync(payee.Merchant, payee.Email, cancel) switch
        {
            ProviderAnswer<ProviderPayee>.Done(var told) when told.CustomerCode != payee.CustomerCode => byCode,
            var byEmail => byEmail,
        };
    }

    public Task<ProviderAnswer<ProviderPayee>> FindByEmailAsync(
        string merchant, string email, CancellationToken cancel) => RetrieveAsync(merchant, "email", email, cancel);

    private async Task<ProviderAnswer<ProviderPayee>> RetrieveAsync(
        string merchant, string member, string value, CancellationToken cancel) =>
        Read(await CallAsync(merchant, "/v3/payee/retrieve", new() { [member] = value }, cancel), body =>
            body.Member("customer") is { } customer && customer.Text("customerNo") is { } customerNo
            && string.Equals(
                customer.Text(member),
                value,
                member == "email" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
                ? new ProviderPayee(
                    customerNo,
                    Status(customer, PayeeStatus.Unknown),
                    StatusWord(customer),
                    customer.Text("customerCode"))
                : null);

    public async Task<ProviderAnswer<ProviderPayee>> ChangeAsync(
        Payee payee, PayeeProfile changes, CancellationToken cancel)
    {
        var members = Members(changes);
        members["customerNo"] = payee.CustomerNo;
        return Read(await CallAsync(payee.Merchant, "/v3/payee/update", members, cancel), _ =>
            new ProviderPayee(payee.CustomerNo!, payee.Status, payee.ProviderStatus));
    }

    public async Task<ProviderAnswer<IReadOnlyList<AccountRequirements>>> RequirementsAsync(
        string merchant, AccountKind kind, CancellationToken cancel)
    {
        Dictionary<string, string?> members = new()
        {
            ["accountCountry"] = kind.Country,
            ["accountCurrency"] = kind.Currency,
            ["accountType"] = kind.AccountType,
            ["profileType"] = kind.ProfileType,
        };
        return Read<IReadOnlyList<AccountRequirements>>(
            await CallAsync(merchant, options.RequirementsPath, members, cancel), body =>
                body.Member("results") is { ValueKind: JsonValueKind.Array } results
                    ? [.. results.EnumerateArray().Select(Requirements)]
                    : null);
    }

    public async Task<ProviderAnswer<ProviderAccount>> AddAccountAsync(
        Payee payee, Account account, AccountRequest request, CancellationToken cancel)
    {
        // Ours come last and win, whatever Pockyt lists among the details.
        Dictionary<string, string?> members = request.Details.ToDictionary(
            detail => detail.Key, string? (detail) => detail.Value);
        members["ipnUrl"] = address.OfAccount(account.Merchant, account.Id);
        members["customerNo"] = payee.CustomerNo;
        members["payorNo"] = account.PayorNo;
        members["accountTag"] = request.AccountTag;
        members["accountType"] = request.AccountType;
        members["accountCountry"] = request.Country;
        members["accountCurrency"] = request.Currency;
        var path = request.AccountType switch
        {
            "CRYPTO" => "/v3/payee/account/create/crypto",
            "PAYPAL" => options.PayPalPath,
            "VENMO" => options.VenmoPath,
            _ => "/v3/payee/account/create/bank-account",
        };
        return Read(await CallAsync(payee.Merchant, path, members, cancel), body =>
            body.Member("result") is { } result
            && Repeats(result, "customerNo", payee.CustomerNo)
            && Repeats(result, "accountTag", request.AccountTag)
                ? Account(result)
                : null);
    }

    public async Task<ProviderAnswer<ProviderAccounts>> ListAccountsAsync(Payee payee, CancellationToken cancel)
    {
        var askedAt = clock.GetUtcNow();
        Dictionary<string, string?> members = new() { ["customerNo"] = payee.CustomerNo };
        return Read(await CallAsync(payee.Merchant, "/v3/payee/payout-accounts", members, cancel), body =>
            body.Member("accounts") is { ValueKind: JsonValueKind.Array } accounts
            && (body.Member("user") is not { } user || Repeats(user, "customerNo", payee.CustomerNo))
                ? new ProviderAccounts(
                    [.. accounts.EnumerateArray().Select(Account).OfType<ProviderAccount>()], askedAt)
                : null);
    }

    public async Task<ProviderAnswer<ProviderAccount>> RemoveAccountAsync(
        Payee payee, Account account, CancellationToken cancel)
    {
        Dictionary<string, string?> members = new()
        {
            ["customerNo"] = payee.CustomerNo,
            ["accountToken"] = account.AccountToken,
        };
        return Read(await CallAsync(payee.Merchant, "/v3/payee/account/delete", members, cancel), _ =>
            new ProviderAccount(account.AccountToken!, AccountStatus.Removed, "deleted"));
    }

    private Task<PockytAnswer> CallAsync(
        string merchant, string path, Dictionary<string, string?> members, CancellationToken cancel) =>
        client.CallAsync(merchant, path, members, clock.GetUtcNow(), CallSubject.None, cancel);

    private static ProviderAnswer<T> Read<T>(PockytAnswer answer, Func<JsonElement, T?> payload)
        where T : class => ProviderAnswers.Of(answer, PockytCall.Payee, payload);

    /// <summary>True when an answer is about what the call was about; what it leaves out says nothing.</summary>
    private static bool Repeats(JsonElement answer, string member, string? sent) =>
        answer.Text(member) is not { } told || told == sent;

    private static Dictionary<string, string?> Members(PayeeProfile profile) => new()
    {
        ["customerCode"] = profile.CustomerCode,
        ["profileType"] = profile.ProfileType,
        ["firstName"] = profile.FirstName,
        ["lastName"] = profile.LastName,
        ["email"] = profile.Email,
        ["dateOfBirth"] = profile.DateOfBirth,
        ["countryCode"] = profile.CountryCode,
        ["country"] = profile.Country,
        ["state"] = profile.State,
        ["city"] = profile.City,
        ["street"] = profile.Street,
        ["street2"] = profile.Street2,
        ["zip"] = profile.Zip,
        ["phone"] = profile.Phone,
        ["lang"] = profile.Lang,
        ["governmentId"] = profile.GovernmentId,
        ["governmentIdType"] = profile.GovernmentIdType,
        ["payorNo"] = profile.PayorNo,
        ["company"] = profile.Company,
    };

    private static AccountRequirements Requirements(JsonElement result) => new(
        result.Text("profileType"),
        result.Text("accountType") ?? "",
        result.Text("accountCurrency") ?? "",
        [.. Items(result, "fields").Where(field => field.Text("name") is not null).Select(field => new RequiredField(
            field.Text("name")!,
            field.Text("label"),
            [.. Items(field, "possibleValues").Select(value => value.ToString())],
            field.Member("isRequired") is { ValueKind: JsonValueKind.True }))]);

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static ProviderAccount? Account(JsonElement account) => account.Text("accountToken") is not { } token
        ? null
        : new ProviderAccount(
            token,
            AccountStatusOf(account.Text("accountStatus") ?? account.Text("status")),
            account.Text("accountStatus") ?? account.Text("status"),
            account.Text("accountTag"),
            account.Text("accountType"),
            account.Text("country"),
            account.Text("currency"),
            account.Text("cardNumber") is { Length: >= 4 } masked ? masked[^4..] : null);

    private static string? StatusWord(JsonElement customer) => customer.Text("payeeStatus") ?? customer.Text("status");

    private static PayeeStatus Status(JsonElement customer, PayeeStatus whenAbsent) =>
        StatusWord(customer)?.Trim().ToLowerInvariant() switch
        {
            null => whenAbsent,
            "activated" or "active" => PayeeStatus.Active,
            "pending" or "under review" => PayeeStatus.Pending,
            "declined" => PayeeStatus.Declined,
            "deactivated" => PayeeStatus.Deactivated,
            _ => PayeeStatus.Unknown,
        };

    private static AccountStatus AccountStatusOf(string? word) => word?.Trim().ToLowerInvariant() switch
    {
        "activated" or "active" => AccountStatus.Active,
        "pending" => AccountStatus.Pending,
        "deleted" => AccountStatus.Removed,

        // Not every answer has one; the list of accounts tells it later.
        null => AccountStatus.Pending,
        _ => AccountStatus.Invalid,
    };
}
