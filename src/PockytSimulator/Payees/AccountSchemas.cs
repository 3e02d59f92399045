using System.Text.Json.Nodes;
using PockytSimulator.Calls;

namespace PockytSimulator.Payees;

/// <summary>
/// Which details an account needs, told by configurations and demanded when one is created. The crypto answer is
/// documented; US and CN are known by their create calls; the others follow their shape.
/// </summary>
internal sealed class AccountSchemas(SimulatorSettings settings, Answers answers)
{
    public static readonly string[] MandatoryToList = ["timestamp"];

    private static readonly Field Purpose = new("bankAccountPurpose", "Account purpose", true, ["CHECKING", "SAVINGS"]);

    private static readonly Field Holder = new("bankAccountName", "Account holder name", true);

    private readonly AccountSchema[] _known =
    [
        new("US", "USD", "BANK_ACCOUNT", "bankAccountId",
            Purpose,
            new("bankAccountId", "Account number", true),
            new("branchId", "Routing number", true, Fits: (value, _) => FieldFormats.IsRoutingNumber(value))),
        new("CN", "CNY", "BANK_ACCOUNT", "cardNumber",
            Purpose,
            new("cardNumber", "Card number", true),
            new("bankCode", "Bank code", true),
            new("governmentId", "Government id", true),
            new("governmentIdType", "Government id type", true, ["ID_CARD"]),
            new("bankAccountId", "Account number", false),
            new("branchId", "Branch id", false)),
        new("BR", "BRL", "BANK_ACCOUNT", settings.PixKeyField,
            Purpose,
            new(settings.PixKeyTypeField, "Pix key type", true, ["CPF", "CNPJ", "EMAIL", "PHONE", "RANDOM"]),
            new(settings.PixKeyField, "Pix key", true, Fits:
                (value, body) => FieldFormats.IsPixKey(body[settings.PixKeyTypeField], value))),
        new("GB", "GBP", "BANK_ACCOUNT", settings.IbanField, Purpose, Iban(settings), Holder),
        new("DE", "EUR", "BANK_ACCOUNT", settings.IbanField, Purpose, Iban(settings), Holder),
        new(null, "USDC", "CRYPTO", "walletAddress",
            new("walletChain", "Chain", true, ["ETH - Ethereum", "SOL - Solana", "POLY - Polygon"]),
            new("walletAddress", "Wallet address", true),
            new("walletAddressTag", "Memo", false)),
        new(null, "USD", "PAYPAL", settings.PayPalField,
            new Field(settings.PayPalField, "PayPal e-mail", true, Fits: (value, _) => FieldFormats.IsEmail(value))),
        new("US", "USD", "VENMO", settings.VenmoField,
            new Field(settings.VenmoField, "Venmo phone number or e-mail", true, Fits:
                (value, _) => FieldFormats.IsEmail(value) || FieldFormats.IsPhone(value))),
    ];

    public bool Knows(string country) => _known.Any(schema => schema.Country == country);

    public AccountSchema? Find(string type, string country, string currency) => Array.Find(
        _known, schema => schema.Type == type && Wanted(country, schema.Country) && schema.Currency == currency);

    public Answer List(Call call)
    {
        var body = call.Body;
        var country = body["accountCountry"];
        if (country is not null && !Knows(country))
        {
            return answers.Refused(Refusal.NoRecord("accountCountry"));
        }

        if (FieldFormats.Check(body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        string[] profileTypes = body["profileType"] is { } profileType ? [profileType] : ["INDIVIDUAL", "BUSINESS"];
        var results =
            from schema in _known
            where Wanted(country, schema.Country)
            where Wanted(body["accountCurrency"], schema.Currency)
            where Wanted(body["accountType"], schema.Type)
            from profile in profileTypes
            select ToJson(schema, profile, country);
        return answers.Succeeded("success", ("results", new JsonArray([.. results])));
    }

    private static bool Wanted(string? asked, string? known) => asked is null || known is null || asked == known;

    private static Field Iban(SimulatorSettings settings) => new(settings.IbanField, "IBAN", true, Fits:
        (value, body) =>
            FieldFormats.IsIban(value) && value.StartsWith(body["accountCountry"]!, StringComparison.Ordinal));

    private static JsonObject ToJson(AccountSchema schema, string profileType, string? country)
    {
        var json = new JsonObject
        {
            ["profileType"] = profileType,
            ["accountType"] = schema.Type,
            ["accountCurrency"] = schema.Currency,
        };
        // What is the same everywhere names no country in Pockyt's sample, unless one was asked for.
        if ((schema.Country ?? country) is { } named)
        {
            json["accountCountry"] = named;
        }

        json["fields"] = new JsonArray([.. schema.Fields.Select(ToJson)]);
        return json;
    }

    private static JsonObject ToJson(Field field)
    {
        var json = new JsonObject { ["name"] = field.Name, ["label"] = field.Label, ["isRequired"] = field.IsRequired };
        if (field.PossibleValues is { } values)
        {
            json["possibleValues"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        return json;
    }
}
