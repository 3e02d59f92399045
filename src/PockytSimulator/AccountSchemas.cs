using System.Text.Json.Nodes;

namespace PockytSimulator;

/// <summary>
/// Which details an account needs. Only the crypto answer is documented; the others follow its shape.
/// </summary>
internal sealed class AccountSchemas(Answers answers)
{
    private static readonly Field Purpose = new("bankAccountPurpose", "Account purpose", true, ["CHECKING", "SAVINGS"]);

    private static readonly Schema[] Known =
    [
        new("US", "USD", "BANK_ACCOUNT",
        [
            Purpose,
            new("bankAccountId", "Account number", true),
            new("branchId", "Routing number", true),
        ]),
        new("CN", "CNY", "BANK_ACCOUNT",
        [
            Purpose,
            new("cardNumber", "Card number", true),
            new("bankCode", "Bank code", true),
            new("governmentId", "Government id", true),
            new("governmentIdType", "Government id type", true, ["ID_CARD"]),
            new("bankAccountId", "Account number", false),
            new("branchId", "Branch id", false),
        ]),
        new(null, "USDC", "CRYPTO",
        [
            new("walletChain", "Chain", true, ["ETH - Ethereum", "SOL - Solana", "POLY - Polygon"]),
            new("walletAddress", "Wallet address", true),
            new("walletAddressTag", "Memo", false),
        ]),
    ];

    public Answer List(Call call)
    {
        var body = call.Body;
        var profileType = body["profileType"] ?? "INDIVIDUAL";
        var results = Known
            .Where(schema => Wanted(body["accountCountry"], schema.Country))
            .Where(schema => Wanted(body["accountCurrency"], schema.Currency))
            .Where(schema => Wanted(body["accountType"], schema.Type))
            .Select(schema => ToJson(schema, profileType));
        return answers.Succeeded("success", ("results", new JsonArray([.. results])));
    }

    private static bool Wanted(string? asked, string? known) => asked is null || known is null || asked == known;

    private static JsonObject ToJson(Schema schema, string profileType) => new JsonObject
    {
        ["profileType"] = profileType,
        ["accountType"] = schema.Type,
        ["accountCurrency"] = schema.Currency,
        ["fields"] = new JsonArray([.. schema.Fields.Select(ToJson)]),
    };

    private static JsonObject ToJson(Field field)
    {
        var json = new JsonObject { ["name"] = field.Name, ["label"] = field.Label, ["isRequired"] = field.IsRequired };
        if (field.PossibleValues is { } values)
        {
            json["possibleValues"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        return json;
    }

    private sealed record Schema(string? Country, string Currency, string Type, Field[] Fields);

    private sealed record Field(string Name, string Label, bool IsRequired, string[]? PossibleValues = null);
}
