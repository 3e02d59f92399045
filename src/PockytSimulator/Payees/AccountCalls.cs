using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.Payees;

/// <summary>The calls about accounts: create, list, delete, and what a country wants to know.</summary>
internal sealed class AccountCalls(
    SimulatorSettings settings,
    SimulatorClock clock,
    Ids ids,
    PayeeRegistry payees,
    PayorRegistry payors,
    AccountSchemas schemas,
    Answers answers)
{
    public static readonly string[] MandatoryForBank =
        ["timestamp", "customerNo", "accountCountry", "accountCurrency", "accountType", "bankAccountPurpose"];

    public static readonly string[] MandatoryForCrypto =
        ["timestamp", "customerNo", "accountCountry", "accountCurrency", "walletChain", "walletAddress"];

    public static readonly string[] MandatoryForWallet =
        ["timestamp", "customerNo", "accountCountry", "accountCurrency"];

    public static readonly string[] MandatoryToList = ["timestamp", "customerNo"];

    public static readonly string[] MandatoryToDelete = ["timestamp", "customerNo", "accountToken"];

    public Answer CreateBank(Call call) => Create(call, "BANK_ACCOUNT");

    public Answer CreateCrypto(Call call) => Create(call, "CRYPTO");

    public Answer CreatePayPal(Call call) => Create(call, "PAYPAL");

    public Answer CreateVenmo(Call call) => Create(call, "VENMO");

    public Answer List(Call call)
    {
        if (payees.FindOf(call.Merchant, call.Body["customerNo"]) is not { } payee)
        {
            return answers.Refused(Refusal.NoRecord("customerNo"));
        }

        if (FieldFormats.Check(call.Body) is { } wrong)
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
        var payee = payees.FindOf(call.Merchant, call.Body["customerNo"]);
        var account = payees.FindAccountOf(call.Merchant, call.Body["accountToken"]);
        var refusal = payee is null ? Refusal.NoRecord("customerNo")
            : account is null ? Refusal.NoRecord("accountToken")
            : account.CustomerNo != payee.CustomerNo ? Refusal.Mismatch("customerNo, accountToken")
            : FieldFormats.Check(call.Body) is { } format ? format
            : payors.Of(payee) is { IsShut: true } ? Refusal.PayorState()
            : null;
        if (refusal is not null)
        {
            return answers.Refused(refusal);
        }

        payees.Delete(account!);
        return answers.Succeeded("success");
    }

    private Answer Create(Call call, string type)
    {
        var body = call.Body;
        var schema = schemas.Find(type, body["accountCountry"]!, body["accountCurrency"]!);
        var payee = payees.FindOf(call.Merchant, body["customerNo"]);
        if (RefusalOf(call, type, schema, payee) is { } refusal)
        {
            return answers.Refused(refusal);
        }

        var account = new Account
        {
            Token = ids.AccountToken(),
            CustomerNo = payee!.CustomerNo,
            Tag = body["accountTag"],
            Type = type,
            Country = body["accountCountry"]!,
            Currency = body["accountCurrency"]!,
            MaskedNumber = Account.Mask(body[schema!.Number]!),
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
            ["timestamp"] = PockytFormat.Time(account.CreatedAt),
        };
        return answers.Succeeded(answers.Vary("success", "succeeded"), ("result", result));
    }

    private Refusal? RefusalOf(Call call, string type, AccountSchema? schema, Payee? payee)
    {
        var body = call.Body;
        var payorNo = body["payorNo"];
        return schema?.MissingFrom(body) is { } missing ? Refusal.Missing(missing)
            : payee?["payorNo"] is not null && payorNo is null && settings.RequirePayorNoOnAccounts
                ? Refusal.Missing("payorNo")
            : payee is null ? Refusal.NoRecord("customerNo")
            : payorNo is not null && payors.FindOf(call.Merchant, payorNo) is null ? Refusal.NoRecord("payorNo")
            : !schemas.Knows(body["accountCountry"]!) ? Refusal.NoRecord("accountCountry")
            : schema is null ? Refusal.Mismatch("accountCountry, accountCurrency")
            : payorNo is not null && payorNo != payee["payorNo"] ? Refusal.Mismatch("customerNo, payorNo")
            // China: the account's holder is the person who was registered.
            : schema.Country == "CN" && body["governmentId"] != payee["governmentId"]
                ? Refusal.Mismatch("governmentId, customerNo")
            : schema.WrongIn(body) is { } wrong ? Refusal.Format(wrong)
            : (body["accountType"] ?? type) != type ? Refusal.Format("accountType")
            : FieldFormats.Check(body) is { } format ? format
            : payors.Of(payee) is { IsUsable: false } ? Refusal.PayorState()
            : !payee.IsPayable ? new Refusal(settings.NotPayableRetCode, "payee is not activated")
            : null;
    }

    private static JsonNode Listed(Account account) => new JsonObject
    {
        ["accountTag"] = account.Tag,
        ["country"] = account.Country,
        ["createdAt"] = PockytFormat.Time(account.CreatedAt),
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
    /// <summary>Pockyt's pages name these calls but not their paths.</summary>
    public static void MapWalletCalls(this IEndpointRouteBuilder app, SimulatorSettings settings)
    {
        app.MapPost(settings.PayPalPath, CreatePayPal);
        app.MapPost(settings.VenmoPath, CreateVenmo);
    }

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

    private static Task CreateBank(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createAccount", AccountCalls.MandatoryForBank, calls.CreateBank);

    private static Task CreateCrypto(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createAccount", AccountCalls.MandatoryForCrypto, calls.CreateCrypto);

    private static Task CreatePayPal(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createPayPal", AccountCalls.MandatoryForWallet, calls.CreatePayPal);

    private static Task CreateVenmo(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "createVenmo", AccountCalls.MandatoryForWallet, calls.CreateVenmo);

    private static Task Configurations(HttpContext http, CallPipeline desk, AccountSchemas schemas) =>
        desk.ServeAsync(http, "configurations", AccountSchemas.MandatoryToList, schemas.List);

    private static Task List(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "listAccounts", AccountCalls.MandatoryToList, calls.List);

    private static Task Delete(HttpContext http, CallPipeline desk, AccountCalls calls) =>
        desk.ServeAsync(http, "deleteAccount", AccountCalls.MandatoryToDelete, calls.Delete);
}
