using System.Text.Json.Nodes;

namespace PockytSimulator.Tests;

/// <summary>Which details an account needs, and that accounts are created by the same rules.</summary>
public sealed class AccountSchemaTests : IAsyncLifetime
{
    private Provider provider = null!;

    public async Task InitializeAsync() => provider = await Provider.StartAsync(stateFile: null);

    public async Task DisposeAsync() => await provider.DisposeAsync();

    [Theory]
    [InlineData("US", "USD", "BANK_ACCOUNT", "bankAccountPurpose*=CHECKING,SAVINGS bankAccountId* branchId*")]
    [InlineData(
        "CN",
        "CNY",
        "BANK_ACCOUNT",
        "bankAccountPurpose*=CHECKING,SAVINGS cardNumber* bankCode* governmentId* governmentIdType*=ID_CARD "
            + "bankAccountId branchId")]
    [InlineData(
        "BR",
        "BRL",
        "BANK_ACCOUNT",
        "bankAccountPurpose*=CHECKING,SAVINGS pixKeyType*=CPF,CNPJ,EMAIL,PHONE,RANDOM pixKey*")]
    [InlineData("GB", "GBP", "BANK_ACCOUNT", "bankAccountPurpose*=CHECKING,SAVINGS iban* bankAccountName*")]
    [InlineData("DE", "EUR", "BANK_ACCOUNT", "bankAccountPurpose*=CHECKING,SAVINGS iban* bankAccountName*")]
    [InlineData(
        "DE",
        "USDC",
        "CRYPTO",
        "walletChain*=ETH - Ethereum,SOL - Solana,POLY - Polygon walletAddress* walletAddressTag")]
    [InlineData("US", "USD", "PAYPAL", "payeeAccount*")]
    [InlineData("US", "USD", "VENMO", "payeeAccount*")]
    public async Task A_rail_names_its_fields_and_their_values(
        string country, string currency, string type, string fields)
    {
        var results = await ResultsAsync(
            ("accountCountry", country), ("accountCurrency", currency), ("accountType", type));

        Assert.Equal(["INDIVIDUAL", "BUSINESS"], results.Select(result => (string?)result!["profileType"]));
        Assert.All(results, result => Assert.Equal(country, (string?)result!["accountCountry"]));
        Assert.All(results, result => Assert.Equal(currency, (string?)result!["accountCurrency"]));
        Assert.All(results, result => Assert.Equal(type, (string?)result!["accountType"]));
        Assert.All(results, result => Assert.Equal(fields, Told(result!["fields"]!)));
        var memo = results[0]!["fields"]!.AsArray().SingleOrDefault(f => (string?)f!["name"] == "walletAddressTag");
        Assert.Equal(type == "CRYPTO" ? "Memo" : null, (string?)memo?["label"]);
    }

    [Fact]
    public async Task What_is_asked_for_narrows_the_answer()
    {
        Assert.Equal(16, (await ResultsAsync()).Count);
        Assert.Equal(8, (await ResultsAsync(("profileType", "BUSINESS"))).Count);
        Assert.Equal(6, (await ResultsAsync(("accountCurrency", "USD"))).Count);
        Assert.Equal(
            ["BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO"],
            (await ResultsAsync(("accountCountry", "US"), ("profileType", "INDIVIDUAL")))
                .Select(result => (string?)result!["accountType"]));
        Assert.Empty(await ResultsAsync(("accountCountry", "US"), ("accountCurrency", "EUR")));
        var crypto = (await ResultsAsync(("accountType", "CRYPTO")))[0]!;
        Assert.False(crypto.AsObject().ContainsKey("accountCountry"));
    }

    [Theory]
    [InlineData("accountCountry", "ZZ", "000021")]
    [InlineData("profileType", "ROBOT", "000023")]
    [InlineData("accountCurrency", "dollar", "000023")]
    [InlineData("timestamp", "", "000020")]
    public async Task What_it_does_not_know_it_refuses(string name, string value, string code) =>
        Assert.Equal(code, CodeOf(await ConfigurationsAsync((name, value))));

    [Fact]
    public async Task The_answer_comes_wrapped_when_wanted()
    {
        await provider.Merchant.ControlAsync("/simulator/settings", new { wrapAnswers = true });

        var answer = await ConfigurationsAsync(("accountCountry", "US"));

        Assert.Equal(200, (int)answer["status"]!);
        Assert.Equal("000100", (string?)answer["resultBody"]!["ret_code"]);
        Assert.NotEmpty(answer["resultBody"]!["results"]!.AsArray());
    }

    [Theory]
    [InlineData("US/USD bankAccountId=7861053298 branchId=101089292", "****3298")]
    [InlineData(
        "CN/CNY cardNumber=6227000060741686775 bankCode=01050000 governmentId=140421200101017700 "
            + "governmentIdType=ID_CARD",
        "****6775")]
    [InlineData("BR/BRL pixKeyType=CPF pixKey=12345678909", "****8909")]
    [InlineData("BR/BRL pixKeyType=CNPJ pixKey=12345678000195", "****0195")]
    [InlineData("BR/BRL pixKeyType=EMAIL pixKey=a@example.com", "****.com")]
    [InlineData("BR/BRL pixKeyType=PHONE pixKey=+5511987654321", "****4321")]
    [InlineData("BR/BRL pixKeyType=RANDOM pixKey=123e4567-e89b-12d3-a456-426614174000", "****4000")]
    [InlineData("GB/GBP iban=GB82WEST12345698765432 bankAccountName=Ada", "****5432")]
    [InlineData("DE/EUR iban=DE89370400440532013000 bankAccountName=Ada", "****3000")]
    public async Task A_bank_account_with_all_its_country_wants_is_created_and_listed(string account, string number)
    {
        var customerNo = await provider.Merchant.RegisterPayeeAsync(("governmentId", "140421200101017700"));

        var created = await CreateAsync("bank-account", customerNo, "accountType=BANK_ACCOUNT " + account);
        var listed = (await ListAsync(customerNo)).Single()!;

        Assert.Equal("000100", CodeOf(created));
        Assert.Equal("ACTIVATED", (string?)created["result"]!["accountStatus"]);
        Assert.Equal((string?)created["result"]!["accountToken"], (string?)listed["accountToken"]);
        Assert.Equal(number, (string?)listed["cardNumber"]);
    }

    [Theory]
    [InlineData("US/USD bankAccountId=1", "000020", "branchId")]
    [InlineData("US/USD branchId=101089292", "000020", "bankAccountId")]
    [InlineData("US/USD bankAccountId=1 branchId=10108929", "000023", "branchId")]
    [InlineData("US/USD bankAccountId=1 branchId=101089292 bankAccountPurpose=FUN", "000023", "bankAccountPurpose")]
    [InlineData("US/EUR bankAccountId=1 branchId=101089292", "000022", "accountCountry, accountCurrency")]
    [InlineData("ZZ/USD bankAccountId=1", "000021", "accountCountry")]
    [InlineData("CN/CNY cardNumber=1 bankCode=2 governmentId=140421200101017700", "000020", "governmentIdType")]
    [InlineData(
        "CN/CNY cardNumber=1 bankCode=2 governmentId=140421200101017700 governmentIdType=SSN",
        "000023",
        "governmentIdType")]
    [InlineData(
        "CN/CNY cardNumber=1 bankCode=2 governmentId=9 governmentIdType=ID_CARD",
        "000022",
        "governmentId, customerNo")]
    [InlineData("BR/BRL pixKeyType=CPF", "000020", "pixKey")]
    [InlineData("BR/BRL pixKeyType=CARD pixKey=1", "000023", "pixKeyType")]
    [InlineData("BR/BRL pixKeyType=CPF pixKey=1", "000023", "pixKey")]
    [InlineData("BR/BRL pixKeyType=EMAIL pixKey=12345678909", "000023", "pixKey")]
    [InlineData("DE/EUR bankAccountName=Ada", "000020", "iban")]
    [InlineData("DE/EUR iban=DE89370400440532013000", "000020", "bankAccountName")]
    [InlineData("DE/EUR iban=DE89370400440532013001 bankAccountName=Ada", "000023", "iban")]
    [InlineData("DE/EUR iban=GB82WEST12345698765432 bankAccountName=Ada", "000023", "iban")]
    [InlineData("US/USD bankAccountId=1 branchId=101089292 accountType=CARD", "000023", "accountType")]
    public async Task A_bank_account_that_is_not_what_its_country_wants_is_refused(
        string account, string code, string named)
    {
        var customerNo = await provider.Merchant.RegisterPayeeAsync(("governmentId", "140421200101017700"));

        var refused = await CreateAsync("bank-account", customerNo, "accountType=BANK_ACCOUNT " + account);

        Assert.Equal(code, CodeOf(refused));
        Assert.EndsWith($" : {named}", (string?)refused["retMsg"], StringComparison.Ordinal);
        Assert.Empty(await ListAsync(customerNo));
    }

    [Theory]
    [InlineData("crypto", "US/USDC walletChain=SOL_-_Solana walletAddress=9xQeWvG816bU", "CRYPTO", "****16bU")]
    [InlineData("crypto", "BR/USDC walletChain=ETH_-_Ethereum walletAddress=0xab walletAddressTag=7",
        "CRYPTO", "****0xab")]
    [InlineData("paypal", "US/USD payeeAccount=ada@example.com", "PAYPAL", "****.com")]
    [InlineData("paypal", "DE/USD payeeAccount=ada@example.com", "PAYPAL", "****.com")]
    [InlineData("venmo", "US/USD payeeAccount=ada@example.com", "VENMO", "****.com")]
    [InlineData("venmo", "US/USD payeeAccount=+12125550100", "VENMO", "****0100")]
    public async Task A_wallet_is_created_answered_like_a_bank_account_and_its_payouts_are_told_with_its_type(
        string path, string account, string type, string number)
    {
        await using var receiver = await Receiver.StartAsync();
        var customerNo = await provider.Merchant.RegisterPayeeAsync();

        var created = (await CreateAsync(path, customerNo, "accountTag=w " + account))["result"]!;
        var listed = (await ListAsync(customerNo)).Single()!;
        var token = (string)created["accountToken"]!;
        await provider.Merchant.PayAsync((customerNo, token), "inv-1", "1.00", ipnUrl: receiver.Url);
        await StateFolder.UntilAsync(() => receiver.Notices.Count == 1);

        Assert.Equal(
            [
                "accountStatus", "accountTag", "accountToken", "accountType", "country", "currency", "customerNo",
                "email", "firstName", "lastName", "timestamp",
            ],
            created.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(type, (string?)created["accountType"]);
        Assert.Equal((type, number), ((string?)listed["accountType"], (string?)listed["cardNumber"]));
        Assert.Equal(type, receiver.Members(0)["vendor"]);
    }

    [Theory]
    [InlineData("crypto", "US/USDC walletChain=Ethereum walletAddress=0x1", "000023", "walletChain")]
    [InlineData("crypto", "US/USDC walletChain=ETH_-_Ethereum", "000020", "walletAddress")]
    [InlineData("crypto", "US/USD walletChain=ETH_-_Ethereum walletAddress=0x1",
        "000022", "accountCountry, accountCurrency")]
    [InlineData("paypal", "US/USD", "000020", "payeeAccount")]
    [InlineData("paypal", "US/USD payeeAccount=Ada", "000023", "payeeAccount")]
    [InlineData("venmo", "US/USD", "000020", "payeeAccount")]
    [InlineData("venmo", "US/USD payeeAccount=@ada", "000023", "payeeAccount")]
    [InlineData("venmo", "DE/USD payeeAccount=ada@example.com", "000022", "accountCountry, accountCurrency")]
    public async Task A_wallet_that_is_not_what_it_should_be_is_refused(
        string path, string account, string code, string named)
    {
        var customerNo = await provider.Merchant.RegisterPayeeAsync();

        var refused = await CreateAsync(path, customerNo, account);

        Assert.Equal(code, CodeOf(refused));
        Assert.EndsWith($" : {named}", (string?)refused["retMsg"], StringComparison.Ordinal);
        Assert.Empty(await ListAsync(customerNo));
    }

    [Fact]
    public async Task What_Pockyt_does_not_show_is_a_setting()
    {
        await using var other = await Provider.StartAsync(
            stateFile: null,
            ("VenmoPath", "/v1/venmo"),
            ("VenmoField", "venmoHandle"),
            ("PixKeyField", "key"),
            ("PixKeyTypeField", "keyType"),
            ("IbanField", "accountNumber"));
        var customerNo = await other.Merchant.RegisterPayeeAsync();

        foreach (var (path, account) in new[]
        {
            ("/v1/venmo", "US/USD venmoHandle=+12125550100"),
            ("/v3/payee/account/create/bank-account", "BR/BRL accountType=BANK_ACCOUNT keyType=CPF key=12345678909"),
            ("/v3/payee/account/create/bank-account",
                "DE/EUR accountType=BANK_ACCOUNT accountNumber=DE89370400440532013000 bankAccountName=Ada"),
        })
        {
            var answer = await other.Merchant.CallAsync(path, Members(customerNo, account));
            Assert.Equal("000100", CodeOf(JsonNode.Parse(answer)!));
        }
    }

    [Theory]
    [InlineData("createPayPal", "paypal")]
    [InlineData("createVenmo", "venmo")]
    public async Task A_fault_can_strike_a_wallet_s_creation(string call, string path)
    {
        var customerNo = await provider.Merchant.RegisterPayeeAsync();
        await provider.Merchant.ControlAsync(
            "/simulator/faults", new { call, answer = new { kind = "ret", code = "000080" } });

        var answer = await CreateAsync(path, customerNo, "US/USD payeeAccount=ada@example.com");

        Assert.Equal("000080", CodeOf(answer));
        Assert.Single(await ListAsync(customerNo));
    }

    // An account in one line: country/currency, then name=value; an underscore is a space.
    private static Dictionary<string, string> Members(string customerNo, string account)
    {
        var members = new Dictionary<string, string>
        {
            ["customerNo"] = customerNo,
            ["bankAccountPurpose"] = "CHECKING",
        };
        foreach (var word in account.Split(' '))
        {
            if (word.Split('=') is [var name, var value])
            {
                members[name] = value.Replace('_', name == "walletChain" ? ' ' : '_');
            }
            else
            {
                members["accountCountry"] = word[..2];
                members["accountCurrency"] = word[3..];
            }
        }

        return members;
    }

    private static string Told(JsonNode fields) => string.Join(' ', fields.AsArray().Select(field =>
        $"{field!["name"]}{((bool)field["isRequired"]! ? "*" : "")}"
        + (field["possibleValues"] is JsonArray values ? "=" + string.Join(',', values) : "")));

    private static string? CodeOf(JsonNode answer) => (string?)answer["ret_code"];

    private async Task<JsonNode> CreateAsync(string path, string customerNo, string account) => JsonNode.Parse(
        await provider.Merchant.CallAsync($"/v3/payee/account/create/{path}", Members(customerNo, account)))!;

    private async Task<JsonArray> ListAsync(string customerNo) => JsonNode.Parse(await provider.Merchant.CallAsync(
        "/v3/payee/payout-accounts", new() { ["customerNo"] = customerNo }))!["accounts"]!.AsArray();

    private async Task<JsonArray> ResultsAsync(params (string Name, string Value)[] filter) =>
        (await ConfigurationsAsync(filter))["results"]!.AsArray();

    private async Task<JsonNode> ConfigurationsAsync(params (string Name, string Value)[] filter) =>
        JsonNode.Parse(await provider.Merchant.CallAsync(
            "/v3/payee/account/configurations", filter.ToDictionary(f => f.Name, f => f.Value)))!;
}
