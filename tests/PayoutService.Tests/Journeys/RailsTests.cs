using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>Every kind of account Pockyt describes, from what it needs to a payout that is paid to it.</summary>
public sealed class RailsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private const string ResidentId = "11010519491231002X";

    public static TheoryData<string, string, string, string, string> Rails => new()
    {
        {
            "US", "USD", "BANK_ACCOUNT", "500.00",
            "bankAccountId=7861053298;branchId=101089292;bankAccountPurpose=CHECKING"
        },
        {
            "CN", "CNY", "BANK_ACCOUNT", "500.00",
            "cardNumber=6227000060741686775;bankCode=01050000;governmentIdType=ID_CARD;bankAccountPurpose=SAVINGS;"
            + $"governmentId={ResidentId}"
        },
        { "BR", "BRL", "BANK_ACCOUNT", "500.00", "pixKeyType=CPF;pixKey=12345678909;bankAccountPurpose=CHECKING" },
        { "BR", "BRL", "BANK_ACCOUNT", "500.00", "pixKeyType=CNPJ;pixKey=12ABC34501DE35;bankAccountPurpose=CHECKING" },
        {
            "DE", "EUR", "BANK_ACCOUNT", "500.00",
            "iban=DE89370400440532013000;bankAccountName=Ada Lovelace;bankAccountPurpose=CHECKING"
        },
        {
            "US", "USDC", "CRYPTO", "500.00",
            "walletChain=ETH - Ethereum;walletAddress=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
        },
        {
            "US", "USDC", "CRYPTO", "500.00",
            "walletChain=POLY - Polygon;walletAddress=0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
        },
        {
            "US", "USDC", "CRYPTO", "500.00",
            "walletChain=SOL - Solana;walletAddress=TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
        },
        { "US", "USD", "PAYPAL", "500.00", "payeeAccount=ada@example.com" },
        { "US", "USD", "VENMO", "500.00", "payeeAccount=ada@example.com" },
    };

    [Theory]
    [MemberData(nameof(Rails))]
    public async Task A_payout_reaches_an_account_of_each_kind(
        string country, string currency, string accountType, string amount, string details)
    {
        var payeeId = await RegisterAsync(resident: country is "CN");
        var needed = await stage.Api.GetAsync(Requirements(country, currency, accountType));
        var account = await ServiceFixture.Answer(await AddAsync(payeeId, country, currency, accountType, details));
        var invoiceId = stage.NewKey("rail");
        var request = Example.Payout(account.GetProperty("id").GetString()!, invoiceId, amount);
        request["currency"] = currency;
        request["processingChannel"] = "REAL_TIME_PAY";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await stage.RunAsync(TimeSpan.FromMinutes(10));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (needed.StatusCode, answer.StatusCode));
        var wanted = (await ServiceFixture.Answer(needed)).GetProperty("data")[0].GetProperty("fields").EnumerateArray()
            .Where(field => field.GetProperty("required").GetBoolean())
            .Select(field => field.GetProperty("name").GetString()!)
            .ToList();
        Assert.NotEmpty(wanted);
        Assert.Empty(wanted.Except(details.Split(';').Select(detail => detail.Split('=')[0])));
        Assert.Equal("active", account.GetProperty("status").GetString());
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, null), (payout.Status, payout.Attention));
        Assert.Equal(500m, Assert.Single(stage.Book.PayoutsOf(invoiceId)).Amount);
    }

    [Theory]
    [InlineData("BR", "BRL", "BANK_ACCOUNT", "pixKeyType=CPF;pixKey=12345678900;bankAccountPurpose=CHECKING", "pixKey")]
    [InlineData(
        "BR", "BRL", "BANK_ACCOUNT",
        "pixKeyType=EGG;pixKey=12345678909;bankAccountPurpose=CHECKING", "pixKeyType")]
    [InlineData("BR", "BRL", "BANK_ACCOUNT", "pixKeyType=CPF;bankAccountPurpose=CHECKING", "pixKey")]
    [InlineData(
        "DE", "EUR", "BANK_ACCOUNT",
        "iban=DE89370400440532013001;bankAccountName=Ada;bankAccountPurpose=CHECKING", "iban")]
    [InlineData(
        "US", "USDC", "CRYPTO",
        "walletChain=ETH - Ethereum;walletAddress=0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "walletAddress")]
    [InlineData(
        "US", "USDC", "CRYPTO",
        "walletChain=DOGE;walletAddress=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "walletChain")]
    [InlineData("US", "USDC", "CRYPTO", "walletChain=SOL - Solana;walletAddress=0OIl", "walletAddress")]
    public async Task A_detail_that_pockyt_would_refuse_is_named_before_pockyt_is_called(
        string country, string currency, string accountType, string details, string field)
    {
        var payeeId = await RegisterAsync();

        var answer = await AddAsync(payeeId, country, currency, accountType, details);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await ServiceFixture.Answer(answer);
        Assert.True(problem.GetProperty("errors").TryGetProperty($"details.{field}", out _), problem.ToString());
    }

    [Fact]
    public async Task A_detail_that_is_not_among_the_wanted_ones_never_reaches_pockyt()
    {
        var payeeId = await RegisterAsync();

        var answer = await AddAsync(
            payeeId, "US", "USD", "BANK_ACCOUNT",
            "bankAccountId=7861053298;branchId=101089292;bankAccountPurpose=CHECKING;customerNo=2000");

        Assert.Equal("unknown-member", (await ServiceFixture.Answer(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Requirements_are_asked_for_once_and_their_tag_says_that_nothing_changed()
    {
        var path = Requirements("GB", "GBP", "BANK_ACCOUNT");
        var first = await stage.Api.GetAsync(path);
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "configurations", answer = new { kind = "http", status = 500, body = "" } });
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.Tag);

        var answer = await stage.Api.SendAsync(again);

        await stage.Control.DeleteAsync("/simulator/faults");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, answer.StatusCode));
        var fields = (await ServiceFixture.Answer(first)).GetProperty("data")[0].GetProperty("fields");
        Assert.Contains(fields.EnumerateArray(), field => field.GetProperty("name").GetString() == "iban");
    }

    [Theory]
    [InlineData("XX", HttpStatusCode.BadRequest)]
    [InlineData("AQ", HttpStatusCode.NotFound)]
    public async Task A_kind_of_account_that_pockyt_does_not_know_is_not_found(string country, HttpStatusCode status)
    {
        var answer = await stage.Api.GetAsync(Requirements(country, "USD", "BANK_ACCOUNT"));

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("U%26", "USD", "BANK_ACCOUNT", "INDIVIDUAL", "country")]
    [InlineData("us", "USD", "BANK_ACCOUNT", "INDIVIDUAL", "country")]
    [InlineData("US", "USD%26a%3Db", "BANK_ACCOUNT", "INDIVIDUAL", "currency")]
    [InlineData("US", "USD", "BANK%26accountCountry%3DDE", "INDIVIDUAL", "accountType")]
    [InlineData("US", "USD", "BANK%0A", "INDIVIDUAL", "accountType")]
    [InlineData("US", "USD", "BANK_ACCOUNT", "A%3DB", "profileType")]
    public async Task Nothing_in_a_question_for_requirements_changes_what_is_signed(
        string country, string currency, string accountType, string profileType, string field)
    {
        var answer = await stage.Api.GetAsync(
            $"{Requirements(country, currency, accountType)}&profileType={profileType}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await ServiceFixture.Answer(answer)).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("12.34", HttpStatusCode.Created)]
    [InlineData("12.340000", HttpStatusCode.Created)]
    [InlineData("12.345", HttpStatusCode.BadRequest)]
    public async Task Usdc_is_accepted_with_as_many_decimals_as_pockyt_has_shown(string amount, HttpStatusCode status)
    {
        var payeeId = await RegisterAsync();
        var account = await ServiceFixture.Answer(await AddAsync(
            payeeId, "US", "USDC", "CRYPTO",
            "walletChain=ETH - Ethereum;walletAddress=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        var request = Example.Payout(account.GetProperty("id").GetString()!, stage.NewKey("usdc"), amount);
        request["currency"] = "USDC";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        Assert.Equal(status, answer.StatusCode);
    }

    private static string Requirements(string country, string currency, string accountType) =>
        $"/v1/account-requirements?country={country}&currency={currency}&accountType={accountType}";

    /// <summary>A payee; a resident of China has the id that its account names, which Pockyt takes once only.</summary>
    private async Task<string> RegisterAsync(bool resident = false)
    {
        var request = Example.Payee(stage.NewKey("rails"));
        if (resident)
        {
            request["governmentId"] = ResidentId;
            request["governmentIdType"] = "ID_CARD";
        }

        var answer = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", request));
        return answer.GetProperty("id").GetString()!;
    }

    private Task<HttpResponseMessage> AddAsync(
        string payeeId, string country, string currency, string accountType, string details)
    {
        var request = Example.Account("rail");
        request["country"] = country;
        request["currency"] = currency;
        request["accountType"] = accountType;
        request["details"] = details.Split(';').Select(detail => detail.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return stage.Api.PostAsJsonAsync($"/v1/payees/{payeeId}/accounts", request);
    }
}
