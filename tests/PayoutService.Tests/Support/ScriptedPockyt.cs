using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Refunds;
using PayoutService.Storage.Calls;

namespace PayoutService.Tests.Support;

/// <summary>
/// A server that answers every call with the one text the test gives it, and keeps what it was sent: for answers that
/// the simulator, which is one reading of Pockyt's documents, would never give.
/// </summary>
internal sealed class ScriptedPockyt : IAsyncDisposable
{
    public const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    private readonly WebApplication app;
    private readonly ConcurrentQueue<Call> calls = new();
    private readonly PockytClient client;

    private ScriptedPockyt(WebApplication app)
    {
        this.app = app;
        Options = new PockytOptions
        {
            BaseUrl = new Uri(app.Urls.First()),
            PublicUrl = new Uri("https://payouts.example"),
            Merchants =
            {
                ["acme"] = new PockytMerchant
                {
                    MerchantNo = "202333",
                    StoreNo = "301854",
                    Tokens = [Token],
                    IpnSecrets = ["0123456789abcdef"],
                },
            },
        };
        var oddities = new Oddities(TimeProvider.System);
        client = new PockytClient(Options, new PayoutRules(), oddities, new CallLog(), TimeProvider.System);
        var address = new NoticeAddress(Options);
        Payouts = new PockytPayouts(client, address, oddities, Options, TimeProvider.System);
        Payees = new PockytPayees(client, address, Options, TimeProvider.System);
        Payors = new PockytPayors(client, Options, TimeProvider.System);
    }

    public string Answer { get; set; } = """{"ret_code":"000100","ret_msg":"success"}""";

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public PockytOptions Options { get; }

    public PockytPayouts Payouts { get; }

    public PockytPayees Payees { get; }

    public PockytPayors Payors { get; }

    public IReadOnlyList<Call> Calls => [.. calls];

    public static async Task<ScriptedPockyt> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        ScriptedPockyt? pockyt = null;
        app.MapPost("{**path}", (HttpRequest request) => pockyt!.AnswerAsync(request));
        await app.StartAsync();
        return pockyt = new ScriptedPockyt(app);
    }

    /// <summary>A payee of the merchant; Pockyt's number of it is the one in Pockyt's own samples.</summary>
    public static Payee Payee(bool registered = true)
    {
        var now = PayoutBuilder.Start;
        var payee = PayoutService.Payees.Payee.Begin(
            Guid.Parse("0199b000-0000-7000-8000-000000000003"), "acme", Profile, [], [], now, now);
        if (registered)
        {
            payee.Learn(new ProviderPayee("2000305228303182610217", PayeeStatus.Active, "Activated"), now);
        }

        return payee;
    }

    /// <summary>Adds an account, tag-1, to that payee.</summary>
    public Task<ProviderAnswer<ProviderAccount>> AddAccountAsync(
        string accountType, Dictionary<string, string>? details = null)
    {
        var payee = Payee();
        var request = new AccountRequest("tag-1", accountType, "US", "USD", details ?? []);
        var account = Account.Begin(
            Guid.Parse("0199b000-0000-7000-8000-000000000002"),
            payee,
            request,
            new AccountTrace(Last4: null, NumberFingerprint: null, Content: []),
            PayoutBuilder.Start,
            PayoutBuilder.Start);
        return Payees.AddAccountAsync(payee, account, request, CancellationToken.None);
    }

    /// <summary>A part of a payment that the merchant named order-1.</summary>
    public static Refund Refund() => PayoutService.Refunds.Refund.Begin(
        Guid.Parse("0199b000-0000-7000-8000-000000000006"),
        new RefundOrder
        {
            Merchant = "acme",
            RefundReference = "refund-1",
            Reference = "order-1",
            AmountMinor = 1000,
            Currency = "USD",
            SettleCurrency = "USD",
            ApiKey = "billing",
            Content = [],
        },
        PayoutBuilder.Start,
        PayoutBuilder.Start);

    public static PayeeProfile Profile { get; } = new()
    {
        CustomerCode = "contractor-42",
        ProfileType = "INDIVIDUAL",
        FirstName = "Ada",
        LastName = "Lovelace",
        Email = "ada@example.com",
        DateOfBirth = "1990-12-10",
        CountryCode = "US",
        Country = "United States of America",
        State = "NY",
        City = "Hometown",
        Street = "123 Main St",
        Zip = "10006",
        Phone = "+1 212 555 0100",
    };

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        var members = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(request.Body);
        calls.Enqueue(new Call(request.Path, members!, request.Headers["Pockyt-Request-ID"]));
        return Results.Text(Answer, "application/json", statusCode: (int)Status);
    }

    internal sealed record Call(string Path, IReadOnlyDictionary<string, string> Members, string? RequestId);
}
