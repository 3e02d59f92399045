using System.Net;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Pockyt;

/// <summary>What Pockyt's answers about payees and their accounts mean.</summary>
public sealed class PockytPayeesTests : IAsyncLifetime
{
    private const string CustomerNo = "2000305228303182610217";

    private ScriptedPockyt pockyt = null!;

    public async Task InitializeAsync() => pockyt = await ScriptedPockyt.StartAsync();

    public async Task DisposeAsync() => await pockyt.DisposeAsync();

    [Theory]
    [InlineData("Activated", PayeeStatus.Active)]
    [InlineData("ACTIVATED", PayeeStatus.Active)]
    [InlineData("ACTIVE", PayeeStatus.Active)]
    [InlineData(" active ", PayeeStatus.Active)]
    [InlineData("Pending", PayeeStatus.Pending)]
    [InlineData("PENDING", PayeeStatus.Pending)]
    [InlineData("under review", PayeeStatus.Pending)]
    [InlineData("Under Review", PayeeStatus.Pending)]
    [InlineData("Declined", PayeeStatus.Declined)]
    [InlineData("DECLINED", PayeeStatus.Declined)]
    [InlineData("Deactivated", PayeeStatus.Deactivated)]
    [InlineData("deactivated", PayeeStatus.Deactivated)]
    [InlineData("inactive", PayeeStatus.Unknown)]
    [InlineData("not active", PayeeStatus.Unknown)]
    [InlineData("screening", PayeeStatus.Unknown)]
    [InlineData("", PayeeStatus.Unknown)]
    public async Task A_payees_status_word_means_the_same_in_every_letter_case(string word, PayeeStatus status)
    {
        foreach (var member in (string[])["payeeStatus", "status"])
        {
            pockyt.Answer = Customer($"\"{member}\":\"{word}\"");

            var registered = await RegisterAsync();
            var found = await FindAsync();

            Assert.Equal((status, status), (Told(registered).Status, Told(found).Status));
            Assert.Equal((word, word), (Told(registered).StatusWord, Told(found).StatusWord));
        }
    }

    [Fact]
    public async Task A_new_payee_of_whose_status_nothing_is_said_is_active_and_an_old_one_is_not_payable()
    {
        pockyt.Answer = Customer("\"lang\":\"en\"");

        var registered = await RegisterAsync();
        var found = await FindAsync();

        Assert.Equal((PayeeStatus.Active, PayeeStatus.Unknown), (Told(registered).Status, Told(found).Status));
    }

    [Fact]
    public async Task Of_two_status_members_payeeStatus_counts()
    {
        pockyt.Answer = Customer("\"status\":\"Activated\",\"payeeStatus\":\"Declined\"");

        var found = await FindAsync();

        Assert.Equal(PayeeStatus.Declined, Told(found).Status);
    }

    [Theory]
    [InlineData("ACTIVATED", AccountStatus.Active)]
    [InlineData("activated", AccountStatus.Active)]
    [InlineData(" Active ", AccountStatus.Active)]
    [InlineData("PENDING", AccountStatus.Pending)]
    [InlineData("pending", AccountStatus.Pending)]
    [InlineData("INVALID", AccountStatus.Invalid)]
    [InlineData("invalid", AccountStatus.Invalid)]
    [InlineData("deleted", AccountStatus.Removed)]
    [InlineData("DELETED", AccountStatus.Removed)]
    [InlineData("inactive", AccountStatus.Invalid)]
    [InlineData("", AccountStatus.Invalid)]
    public async Task An_accounts_status_word_means_the_same_in_every_letter_case(string word, AccountStatus status)
    {
        pockyt.Answer = Result($"\"accountStatus\":\"{word}\"");
        var added = await AddAsync();
        pockyt.Answer = Accounts($"\"status\":\"{word}\"");
        var listed = await ListAsync();

        Assert.Equal((status, word), (Told(added).Status, Told(added).StatusWord));
        Assert.Equal((status, word), (Told(listed).All[0].Status, Told(listed).All[0].StatusWord));
    }

    [Fact]
    public async Task An_account_of_whose_status_nothing_is_said_is_not_payable_yet_and_not_called_invalid()
    {
        // Older answers have a page that the payee still has to fill in, and no status.
        pockyt.Answer = Result("\"link\":\"https://pockyt.example/page\"");
        var added = await AddAsync();
        pockyt.Answer = Accounts("\"accountType\":\"PAYPAL\"");
        var listed = await ListAsync();

        Assert.Equal((AccountStatus.Pending, null), (Told(added).Status, Told(added).StatusWord));
        Assert.Equal(AccountStatus.Pending, Told(listed).All[0].Status);
    }

    [Theory]
    [InlineData("000010", "version", "Refused")]
    [InlineData("000020", "email is required", "Refused")]
    [InlineData("000021", "no record", "NotFound")]
    [InlineData("000022", "do not match", "Refused")]
    [InlineData("000023", "bad date", "Refused")]
    [InlineData("000030", "no rights", "Refused")]
    [InlineData("000000", "data error : verifySign", "Refused")]
    [InlineData("000000", "system error", "Unclear")]
    [InlineData("000040", "status error", "Unclear")]
    [InlineData("000080", "supplier", "Unclear")]
    [InlineData("999999", "new", "Unclear")]
    [InlineData("", "", "Unclear")]
    public async Task A_code_in_answer_to_a_call_about_a_payee_means(string code, string message, string kind)
    {
        pockyt.Answer = $$"""{"ret_code":"{{code}}","retMsg":"{{message}}"}""";

        var registered = await RegisterAsync();
        var found = await FindAsync();
        var added = await AddAsync();
        var listed = await ListAsync();

        Assert.All(
            [registered.GetType(), found.GetType(), added.GetType(), listed.GetType()],
            type => Assert.Equal(kind, type.Name));
    }

    [Theory]
    [InlineData("{\"ret_code\":\"000100\"}")]
    [InlineData("{\"ret_code\":\"000100\",\"customer\":{},\"result\":{},\"accounts\":{}}")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task Success_without_what_it_should_carry_and_what_is_no_answer_are_unclear(string answer)
    {
        pockyt.Answer = answer;

        Assert.IsType<ProviderAnswer<ProviderPayee>.Unclear>(await RegisterAsync());
        Assert.IsType<ProviderAnswer<ProviderPayee>.Unclear>(await FindAsync());
        Assert.IsType<ProviderAnswer<ProviderAccount>.Unclear>(await AddAsync());
        Assert.IsType<ProviderAnswer<ProviderAccounts>.Unclear>(await ListAsync());
    }

    [Fact]
    public async Task An_answer_about_another_payee_is_not_taken_for_ours()
    {
        pockyt.Answer = Customer("\"payeeStatus\":\"Activated\"", customerNo: "2000999999999999999999");
        var found = await FindAsync();
        pockyt.Answer = Customer("\"payeeStatus\":\"Activated\"", customerCode: "somebody-else");
        var registered = await RegisterAsync();
        var foundByCode = await FindAsync(registered: false);
        pockyt.Answer = """{"ret_code":"000100","customer":{"customerNo":"2000305228303182610217"}}""";
        var foundByNothing = await FindAsync(registered: false);
        pockyt.Answer = Result("\"accountStatus\":\"ACTIVATED\"", customerNo: "2000999999999999999999");
        var added = await AddAsync();
        pockyt.Answer = Result("\"accountStatus\":\"ACTIVATED\",\"accountTag\":\"another\"");
        var addedUnderAnotherTag = await AddAsync();
        pockyt.Answer = Accounts("\"status\":\"activated\"", customerNo: "2000999999999999999999");
        var listed = await ListAsync();

        Assert.All(
            [found, registered, foundByCode, foundByNothing],
            answer => Assert.IsType<ProviderAnswer<ProviderPayee>.Unclear>(answer));
        Assert.All(
            [added, addedUnderAnotherTag],
            answer => Assert.IsType<ProviderAnswer<ProviderAccount>.Unclear>(answer));
        Assert.IsType<ProviderAnswer<ProviderAccounts>.Unclear>(listed);
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    public async Task Http_408_429_and_5xx_decide_nothing_about_a_payee(HttpStatusCode status)
    {
        pockyt.Status = status;
        pockyt.Answer = """{"ret_code":"000023","ret_msg":"bad format"}""";

        Assert.IsType<ProviderAnswer<ProviderPayee>.Unclear>(await RegisterAsync());
        Assert.IsType<ProviderAnswer<ProviderAccount>.Unclear>(await AddAsync());
    }

    [Fact]
    public async Task No_detail_of_an_account_takes_the_place_of_a_member_of_ours()
    {
        string[] ours =
        [
            "ipnUrl", "customerNo", "accountTag", "accountType", "accountCountry", "accountCurrency",
            "merchantNo", "storeNo", "timestamp", "verifySign",
        ];
        await pockyt.AddAccountAsync("PAYPAL");

        await pockyt.AddAccountAsync("PAYPAL", ours.Append("payorNo").ToDictionary(name => name, _ => "theirs"));

        var (plain, crossed) = (pockyt.Calls[0].Members, pockyt.Calls[1].Members);
        Assert.Equal(plain.Keys.Order(), crossed.Keys.Order());
        Assert.DoesNotContain("theirs", crossed.Values);
        Assert.Equal(plain["ipnUrl"], crossed["ipnUrl"]);
    }

    private Task<ProviderAnswer<ProviderPayee>> RegisterAsync() =>
        pockyt.Payees.RegisterAsync("acme", ScriptedPockyt.Profile, CancellationToken.None);

    private Task<ProviderAnswer<ProviderPayee>> FindAsync(bool registered = true) =>
        pockyt.Payees.FindAsync(ScriptedPockyt.Payee(registered), CancellationToken.None);

    private Task<ProviderAnswer<ProviderAccount>> AddAsync() => pockyt.AddAccountAsync("PAYPAL");

    private Task<ProviderAnswer<ProviderAccounts>> ListAsync() =>
        pockyt.Payees.ListAccountsAsync(ScriptedPockyt.Payee(), CancellationToken.None);

    private static T Told<T>(ProviderAnswer<T> answer) => Assert.IsType<ProviderAnswer<T>.Done>(answer).Told;

    private static string Customer(
        string members, string customerNo = CustomerNo, string customerCode = "contractor-42") => $$"""
        {
          "ret_code": "000100", "ret_msg": "success",
          "customer": { "customerNo": "{{customerNo}}", "customerCode": "{{customerCode}}", {{members}} }
        }
        """;

    private static string Result(string members, string customerNo = CustomerNo) => $$"""
        {
          "ret_code": "000100", "ret_msg": "success",
          "result": { "customerNo": "{{customerNo}}", "accountToken": "2010305228303182765718", {{members}} }
        }
        """;

    private static string Accounts(string members, string customerNo = CustomerNo) => $$"""
        {
          "ret_code": "000100", "ret_msg": "success",
          "accounts": [ { "accountToken": "2010305228303182765718", {{members}} } ],
          "user": { "customerNo": "{{customerNo}}" }
        }
        """;
}
