using System.Text.Json.Nodes;

namespace PockytSimulator;

/// <summary>The calls about accounts: create, list, delete, and what a country wants to know.</summary>
internal sealed class AccountCalls(
    SimulatorSettings settings, SimulatorClock clock, Ids ids, Payees payees, Answers answers)
{
    public static readonly string[] MandatoryForBank =
        ["timestamp", "customerNo", "accountCountry", "accountCurrency", "accountType", "bankAccountPurpose"];

    public static readonly string[] MandatoryForCrypto =
        ["timestamp", "customerNo", "accountCountry", "accountCurrency", "walletChain", "walletAddress"];

    public static readonly string[] MandatoryToList = ["timestamp", "customerNo"];

    public static readonly string[] MandatoryToDelete = ["timestamp", "customerNo", "accountToken"];

    private static readonly string[] MandatoryInUs = ["bankAccountId", "branchId"];

    private static readonly string[] MandatoryInChina = ["cardNumber", "bankCode", "governmentId", "governmentIdType"];

    private static readonly string[] Chains = ["ETH - Ethereum", "SOL - Solana", "POLY - Polygon"];

    public Answer CreateBank(Call call)
    {
        var body = call.Body;
        string[] mandatory = body["accountCountry"] switch
        {
            "US" => MandatoryInUs,
            "CN" => MandatoryInChina,
            _ => [],
        };
        if (mandatory.FirstOrDefault(name => body[name] is null) is { } missing)
        {
            return answers.Refused(Refusal.Missing(missing));
        }

        // A US branch is the nine digits of an ABA routing number.
        var wrongBranch = body["accountCountry"] == "US"
            && (body["branchId"]!.Length != 9 || !body["branchId"]!.All(char.IsAsciiDigit));
        var wrong = wrongBranch ? Refusal.Format("branchId")
            : body["accountType"] != "BANK_ACCOUNT" ? Refusal.Format("accountType")
            : null;
        return Create(call, "BANK_ACCOUNT", body["cardNumber"] ?? body["bankAccountId"] ?? "", wrong);
    }

    public Answer CreateCrypto(Call call)
    {
        var wrong = Chains.Contains(call.Body["walletChain"]) ? null : Refusal.Format("walletChain");
        return Create(call, "CRYPTO", call.Body["walletAddress"]!, wrong);
    }

    public Answer List(Call call)
    {
        if (payees.Find(call.Body["customerNo"]) is not { } payee)
        {
            return answers.Refused(Refusal.NoRecord("customerNo"));
        }

        if (Formats.Check(call.Body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        var (token, tag) = (call.Body["accountToken"], call.Body["accountTag"]);
        var listed = payee.Accounts.Where(
            account => (token is null || account.Token == token) && (tag is null || account.Tag == tag));
        var user = new JsonObject
        {
            ["firstName"] = payee["firstName"],
            ["lastName"] = payee["lastName"],
            ["customerCode"] = payee["customerCode"],
            ["customerNo"] = payee.CustomerNo,
            ["email"] = payee["email"],
        };
        return answers.Succeeded(
            answers.Vary("success", "query success"),
            ("accounts", new JsonArray([.. listed.Select(Listed)])),
            ("user", user));
    }

    public Answer Delete(Call call)
    {
        var payee = payees.Find(call.Body["customerNo"]);
        var account = payees.FindAccount(call.Body["accountToken"]);
        var refusal = payee is null ? Refusal.NoRecord("customerNo")
            : account is null ? Refusal.NoRecord("accountToken")
            : account.CustomerNo != payee.CustomerNo ? Refusal.Mismatch("customerNo, accountToken")
            : Formats.Check(call.Body);
        if (refusal is not null)
        {
            return answers.Refused(refusal);
        }

        payees.Delete(account!);
        return answers.Succeeded("success");
    }

    private Answer Create(Call call, string type, string number, Refusal? wrong)
    {
        var body = call.Body;
        if (payees.Find(body["customerNo"]) is not { } payee)
        {
            return answers.Refused(Refusal.NoRecord("customerNo"));
        }

        if ((wrong ?? Formats.Check(body)) is { } refusal)
        {
            return answers.Refused(refusal);
        }

        if (!payee.IsPayable)
        {
            return answers.Refused(new Refusal(settings.NotPayableRetCode, "payee is not activated"));
        }

        var account = new Account
        {
            Token = ids.AccountToken(),
            CustomerNo = payee.CustomerNo,
            Tag = body["accountTag"],
            Type = type,
            Country = body["accountCountry"]!,
            Currency = body["accountCurrency"]!,
            MaskedNumber = "****" + (number.Length > 4 ? number[^4..] : number),
            IpnUrl = body["ipnUrl"],
            CreatedAt = clock.GetUtcNow(),
            Status = settings.NewAccountStatus,
        };
        payees.Add(payee, account);
        var result = new JsonObject
        {
            ["accountTag"] = account.Tag,
            ["accountStatus"] = account.Status,
            ["country"] = account.Country,
            ["firstName"] = payee["firstName"],
            ["lastName"] = payee["lastName"],
            ["accountType"] = account.Type,
            ["currency"] = account.Currency,
            ["accountToken"] = account.Token,
            ["customerNo"] = payee.CustomerNo,
            ["email"] = payee["email"],
            ["timestamp"] = Wire.Time(account.CreatedAt),
        };
        return answers.Succeeded(answers.Vary("success", "succeeded"), ("result", result));
    }

    private static JsonNode Listed(Account account) => new JsonObject
    {
        ["accountTag"] = account.Tag,
        ["country"] = account.Country,
        ["createdAt"] = Wire.Time(account.CreatedAt),
        ["accountType"] = account.Type,
        ["currency"] = account.Currency,
        ["accountToken"] = account.Token,
        ["cardNumber"] = account.MaskedNumber,
        // Upper-case when created, lower-case when listed: so are Pockyt's samples.
        ["status"] = account.Status.ToLowerInvariant(),
    };
}

internal static class AccountRoutes
{
    public static void MapAccountCalls(this IEndpointRouteBuilder v3)
    {
        v3.MapPost("/payee/account/create/bank-account", CreateBank);
        v3.MapPost("/payee/account/create/crypto", CreateCrypto);
        v3.MapPost("/payee/account/configurations", Configurations);
        v3.MapPost("/payee/payout-accounts", List);
        // The guides' link labels leave out a part of the path.
        v3.MapPost("/payout-accounts", List);
        v3.MapPost("/payee/account/delete", Delete);
    }

    private static Task CreateBank(HttpContext http, Desk desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createAccount", AccountCalls.MandatoryForBank, calls.CreateBank);

    private static Task CreateCrypto(HttpContext http, Desk desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createAccount", AccountCalls.MandatoryForCrypto, calls.CreateCrypto);

    private static Task Configurations(HttpContext http, Desk desk, AccountSchemas schemas) =>
        desk.ServeAsync(http, "configurations", [], schemas.List);

    private static Task List(HttpContext http, Desk desk, AccountCalls calls) =>
        desk.ServeAsync(http, "listAccounts", AccountCalls.MandatoryToList, calls.List);

    private static Task Delete(HttpContext http, Desk desk, AccountCalls calls) =>
        desk.ServeAsync(http, "deleteAccount", AccountCalls.MandatoryToDelete, calls.Delete);
}
