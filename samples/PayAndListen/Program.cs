// Pays a new payee and reads events until the payout is confirmed:
//   dotnet run --project samples/PayAndListen -- http://127.0.0.1:5080 dev-key
using PayoutService.Client;

using var http = new HttpClient { BaseAddress = new Uri(args.ElementAtOrDefault(0) ?? "http://127.0.0.1:5080") };
http.DefaultRequestHeaders.Authorization = new("Bearer", args.ElementAtOrDefault(1) ?? "dev-key");
var service = new PayoutServiceClient(http);

// Your own keys make every call safe to repeat: the same key is the same payee, account and payout.
var key = $"sample-{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}";
var payee = await service.CreatePayeeAsync(new CreatePayee
{
    CustomerCode = key, FirstName = "Ada", LastName = "Lovelace", Email = $"{key}@example.com",
    DateOfBirth = new DateOnly(1990, 12, 10), Phone = "+1 212 555 0100", CountryCode = "US", State = "NY",
    City = "Hometown", Street = "123 Main St", Zip = "10006",
});
var account = await service.CreateAccountAsync(payee.Id, new CreateAccount
{
    AccountTag = "main-bank", AccountType = "BANK_ACCOUNT", Country = "US", Currency = "USD",
    Details = new Dictionary<string, string>
    {
        ["bankAccountId"] = "7861053298", ["branchId"] = "101089292", ["bankAccountPurpose"] = "CHECKING",
    },
});

// Begin to listen before paying, so that no event is missed.
var cursor = (await service.ListEventsAsync(after: "latest")).NextCursor;
var payout = await service.CreatePayoutAsync(body: new CreatePayout
{
    AccountId = account.Id, Amount = "500.00", Currency = "USD", InvoiceId = key,
});
Console.WriteLine($"{payout.Id} {payout.Status}, money moved: {payout.MoneyMoved}");

while (true)
{
    var page = await service.ListEventsAsync(after: cursor, payoutId: payout.Id, wait: 30);
    foreach (var told in page.Data)
    {
        Console.WriteLine($"{told.Timestamp:HH:mm:ss.fff} {told.Type}");
        if (told is { Type: "payout.confirmed" } && told.Snapshot() is PayoutSnapshot now)
        {
            Console.WriteLine($"{now.InvoiceId} {now.Status}, money moved: {now.MoneyMoved}");
            return now.MoneyMoved is MoneyMoved.Yes ? 0 : 1;
        }
    }

    cursor = page.NextCursor;
}
