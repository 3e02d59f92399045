using System.Net.Http.Json;
using System.Text.Json;

namespace PayoutService.Benchmarks.World;

/// <summary>Registers payees with an account each, over the API, so that service and simulator both know them. Payouts
/// to one and the same payee would all lock that payee's row.</summary>
internal static class Registering
{
    private const int AtOnce = 16;

    /// <param name="port">Where the service listens.</param>
    /// <param name="payees">The number of payees.</param>
    /// <param name="prefix">How their customer codes begin: Pockyt knows each once.</param>
    /// <param name="key">Whose they are.</param>
    /// <returns>The ids of the accounts.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        int port, int payees, string prefix = "payee", string key = Service.Key)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var accounts = new string[payees];
        await Parallel.ForAsync(0, payees, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (at, _) =>
        {
            var payee = await PostAsync(http, "/v1/payees", Payee($"{prefix}-{at:D6}"));
            accounts[at] = await PostAsync(http, $"/v1/payees/{payee}/accounts", Account);
        });
        return accounts;
    }

    private static async Task<string> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path} was answered {answer.StatusCode}: {text}");
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private static object Payee(string code) => new
    {
        customerCode = code,
        firstName = "Ada",
        lastName = "Lovelace",
        email = $"{code}@example.com",
        dateOfBirth = "1990-12-10",
        countryCode = "US",
        country = "USA",
        state = "NY",
        city = "Hometown",
        street = "123 Main St",
        zip = "10006",
        phone = "+1 212 555 0100",
    };

    private static readonly object Account = new
    {
        accountTag = "main-bank",
        accountType = "BANK_ACCOUNT",
        country = "US",
        currency = "USD",
        details = new { bankAccountId = "7861053298", branchId = "101089292", bankAccountPurpose = "CHECKING" },
    };
}
