using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayoutService.Tests.Controls;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Proofs;

/// <summary>Accounts of which each is for one rule, and calls of which each is for one verdict, at random.</summary>
internal sealed class DryRunWorld : IAsyncDisposable
{
    private const int BodiesADay = 1_200;

    /// <summary>Every refusal and every reason to hold that a call for a payout can meet.</summary>
    public static readonly string[] Expected =
    [
        "accepted", "repeated",
        "account-not-found", "account-not-usable", "already-replaced", "currency-mismatch", "duplicate-member",
        "idempotency-key-in-use", "invoice-id-in-use", "invoice-id-required", "limit-exceeded", "malformed-request",
        "payee-not-active", "payout-not-found", "reissue-hold", "replacement-differs", "unknown-member",
        "unsupported-currency", "validation-failed",
        "approval", "duplicateSuspect", "firstPayout", "limit", "newAccount", "screening", "sharedAccount", "velocity",
    ];

    private static readonly string[] Refused =
    [
        "account-not-found", "account-not-usable", "already-replaced", "currency-mismatch", "duplicate-member",
        "idempotency-key-in-use", "invoice-id-in-use", "invoice-id-required", "limit-exceeded", "malformed-request",
        "payee-not-active", "payout-not-found", "reissue-hold", "replacement-differs", "unknown-member",
        "unsupported-currency", "validation-failed", "several",
    ];

    private static readonly string[] Taken =
    [
        "plain", "plain", "plain", "plain", "plain", "repeated", "replacing", "approval", "duplicateSuspect",
        "firstPayout", "limit", "newAccount", "screening", "sharedAccount", "velocity",
    ];

    private readonly Random random;
    private readonly ControlledService controlled = new();
    private readonly Dictionary<string, List<string>> accounts = [];
    private readonly List<(JsonObject Body, string? Key, string Id)> made = [];
    private readonly List<string> canceled = [];
    private readonly List<string> replaced = [];
    private HttpClient? other;
    private int cents;

    private DryRunWorld(Random random) => this.random = random;

    private ServiceFixture Stage => controlled.Stage;

    public static async Task<DryRunWorld> StartAsync(Random random, bool isSmall = false)
    {
        var world = new DryRunWorld(random);
        world.Stage.With("Limits:Payout:Max:0", "20000.00 USD").With("Limits:Payout:Hold:0", "15000.00 USD")
            .With("Controls:Merchants:other:ScreeningUrl", "https://screening.example.com")
            .With("Controls:Merchants:other:ScreeningSecret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
            .With("Limits:CallsPerMerchant", "0");
        await world.controlled.InitializeAsync();
        world.other = world.Stage.Client("other-key");
        await world.FillAsync(isSmall);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        other!.Dispose();
        await controlled.DisposeAsync();
    }

    /// <summary>Every row there is, in one order.</summary>
    public async Task<string[]> DumpAsync() =>
        [.. (await TestDatabase.DumpAllAsync(Stage.ConnectionString)).Split('\n').Order(StringComparer.Ordinal)];

    /// <summary>Moves the clock now and then, keeps the new accounts new, and cancels what is to be replaced.</summary>
    public async Task LetTimePassAsync(int at)
    {
        if (at % 50 != 49)
        {
            return;
        }

        await Stage.AdvanceAsync(TimeSpan.FromDays(1) * 50 / BodiesADay);
        await RenewAsync();
        var gone = made[random.Next(made.Count)].Id;
        if ((await Stage.Api.PostAsync($"/v1/payouts/{gone}/cancel", null)).IsSuccessStatusCode)
        {
            canceled.Add(gone);
        }
    }

    public Call Next(int at)
    {
        var kind = random.Next(100) < 37 ? Taken[random.Next(Taken.Length)] : Refused[random.Next(Refused.Length)];
        return Bend(Plain(at, kind), at);
    }

    public Call Plain(int at, string kind = "plain")
    {
        var body = new JsonObject
        {
            ["accountId"] = One(accounts.GetValueOrDefault(kind) ?? accounts["plain"]),
            ["amount"] = Amount(1, 400),
            ["currency"] = "USD",
            ["invoiceId"] = $"dry-{at}",
        };
        return new Call(kind, body)
        {
            Key = random.Next(10) == 0 ? $"key-{at}" : null,
            IsOther = kind == "screening",
        };
    }

    public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(
        Call call, string query, string path = "/v1/payouts")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path + query)
        {
            Content = new StringContent(call.Text ?? call.Body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        if (call.Key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", call.Key);
        }

        using var answer = await (call.IsOther ? other! : Stage.Api).SendAsync(request);
        return (answer.StatusCode, (JsonObject)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>Keeps what a call made, for later ones to repeat, contradict and replace.</summary>
    public void Learn(Call call, HttpStatusCode status, JsonObject answer)
    {
        if (status is HttpStatusCode.Created && !call.IsOther)
        {
            made.Add((call.Body, call.Key, $"{answer["id"]}"));
            if (call.Body["replaces"] is { } old)
            {
                canceled.Remove($"{old}");
                replaced.Add($"{old}");
            }
        }
    }

    private Call Bend(Call call, int at)
    {
        var body = call.Body;
        var old = made[random.Next(made.Count)];
        switch (call.Kind)
        {
            case "repeated":
                return call with { Body = (JsonObject)old.Body.DeepClone(), Key = old.Key };
            case "replacing" or "replacement-differs" when canceled.Count > 0:
                body["replaces"] = canceled[^1];
                var first = made.Find(one => one.Id == canceled[^1]).Body;
                (body["accountId"], body["amount"]) = ($"{first["accountId"]}", $"{first["amount"]}");
                if (call.Kind == "replacement-differs")
                {
                    body["amount"] = Amount(14_000, 15_000);
                }

                return call;
            case "already-replaced" when replaced.Count > 0:
                body["replaces"] = One(replaced);
                (body["accountId"], body["amount"]) = ($"{FirstOf($"{body["replaces"]}")["accountId"]}", "1.00");
                return call;
            case "reissue-hold":
                var open = made.Last(one => !canceled.Contains(one.Id) && !replaced.Contains(one.Id));
                (body["replaces"], body["accountId"], body["amount"]) = (open.Id, $"{open.Body["accountId"]}", "0.50");
                return call;
            case "payout-not-found":
                body["replaces"] = random.Next(2) == 0 ? "po_nonsense" : PublicId.Of(PublicId.Payout, Guid.Empty);
                return call;
            case "account-not-found":
                body["accountId"] = One([
                    "acc_nonsense", PublicId.Of(PublicId.Account, Guid.Empty), accounts["screening"][0],
                ]);
                return call;
            case "invoice-id-in-use":
                return call with { Body = With(old.Body, "amount", "0.01"), Key = null };
            case "idempotency-key-in-use":
                return call with { Key = made.Last(one => one.Key is not null).Key };
            case "invoice-id-required":
                body.Remove("invoiceId");
                return call with { Key = null };
            case "duplicateSuspect":
                var twin = made[^random.Next(1, Math.Min(20, made.Count))].Body;
                (body["accountId"], body["amount"]) = ($"{twin["accountId"]}", $"{twin["amount"]}");
                return call;
            default:
                return Spoil(call, at);
        }
    }

    private Call Spoil(Call call, int at)
    {
        var body = call.Body;
        switch (call.Kind)
        {
            case "approval":
                body["amount"] = Amount(10_001, 14_900);
                break;
            case "firstPayout":
                body["amount"] = Amount(5_001, 9_900);
                break;
            case "limit":
                body["amount"] = Amount(15_001, 19_900);
                break;
            case "limit-exceeded":
                body["amount"] = Amount(20_001, 90_000);
                break;
            case "currency-mismatch":
                body["currency"] = "EUR";
                break;
            case "unsupported-currency":
                body["currency"] = One(["XXX", "usd", "dollars"]);
                break;
            case "unknown-member":
                body["amonut"] = "1.00";
                break;
            case "duplicate-member":
                return call with { Text = body.ToJsonString()[..^1] + ",\"amount\":\"2.00\"}" };
            case "malformed-request":
                return call with { Text = body.ToJsonString()[..^random.Next(1, 9)] };
            case "several":
                (body["accountId"], body["currency"]) = (One(accounts["account-not-usable"]), "EUR");
                break;
            case "validation-failed":
                Invalidate(call.Body, at);
                break;
            default:
                break;
        }

        return call;
    }

    private void Invalidate(JsonObject body, int at)
    {
        for (var faults = random.Next(1, 4); faults > 0; faults--)
        {
            var (name, value) = random.Next(6) switch
            {
                0 => ("amount", One(["0", "-1.00", "1.234", "abc", "1e3"])),
                1 => ("executeAt", "2001-01-01T00:00:00Z"),
                2 => ("invoiceId", One(["", "a b", new string('x', 65)])),
                3 => ("description", new string('x', 101)),
                4 => ("processingChannel", "PIGEON"),
                _ => ("note", "a&b"),
            };
            body[name] = value;
        }

        if (at % 7 == 0)
        {
            body["currency"] = "XXX";
        }
    }

    /// <summary>The accounts were added long ago, and most were paid long ago too.</summary>
    private async Task FillAsync(bool isSmall)
    {
        await FillAsync("plain", isSmall ? 1 : 40);
        if (!isSmall)
        {
            await FillAsync("approval", 12);
            await FillAsync("limit", 6);
            await FillAsync("velocity", 2);
            await FillAsync("newAccount", 12);
            await FillAsync("firstPayout", 3);
            await FillAsync("account-not-usable", 2);
            await FillAsync("payee-not-active", 2);
            accounts["sharedAccount"] = [];
            for (var pair = 0; pair < 8; pair++)
            {
                var number = string.Create(CultureInfo.InvariantCulture, $"66{pair:00000000}");
                accounts["sharedAccount"].Add(await controlled.AccountAsync(default, number));
                accounts["sharedAccount"].Add(await controlled.AccountAsync(default, number));
            }

            accounts["screening"] = [(await Stage.RegisterAsync(other!)).AccountId];
        }

        await Stage.AdvanceAsync(TimeSpan.FromDays(8));
        foreach (var account in accounts.Where(pool => pool.Key is not ("firstPayout" or "newAccount" or "screening"))
            .SelectMany(pool => pool.Value))
        {
            var body = (JsonObject)JsonSerializer.SerializeToNode(
                Example.Payout(account, Stage.NewKey("first"), Amount(1, 2)))!;
            var call = new Call("first", body) { Key = Stage.NewKey("first") };
            var (status, answer) = await SendAsync(call, "");
            Learn(call, status, answer);
        }

        await Stage.AdvanceAsync(TimeSpan.FromDays(4));
        if (!isSmall)
        {
            await RenewAsync();
            await TestDatabase.ExecuteAsync(Stage.ConnectionString, $"""
                UPDATE accounts SET status = 'pending' WHERE id IN ({Ids("account-not-usable")});
                UPDATE payees SET status = 'pending'
                WHERE id IN (SELECT payee_id FROM accounts WHERE id IN ({Ids("payee-not-active")}))
                """);
        }
    }

    private async Task FillAsync(string kind, int number)
    {
        accounts[kind] = [];
        for (var at = 0; at < number; at++)
        {
            accounts[kind].Add(await controlled.AccountAsync(default));
        }
    }

    private Task<int> RenewAsync() => TestDatabase.ExecuteAsync(
        Stage.ConnectionString,
        $"UPDATE accounts SET created_at = '{Stage.Clock.GetUtcNow():O}' WHERE id IN ({Ids("newAccount")})");

    private string Ids(string kind) => string.Join(", ", accounts[kind].Select(account =>
        PublicId.TryParse(PublicId.Account, account, out var id) ? $"'{id}'" : "NULL"));

    private JsonObject FirstOf(string id) => made.Find(one => one.Id == id).Body;

    /// <summary>No two are the same, so that none is suspected to be paid twice by chance.</summary>
    private string Amount(int least, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"{random.Next(least, most)}.{++cents % 100:00}");

    private string One(IReadOnlyList<string> some) => some[random.Next(some.Count)];

    private static JsonObject With(JsonObject body, string member, string value)
    {
        var copy = (JsonObject)body.DeepClone();
        copy[member] = value;
        return copy;
    }

    /// <summary>A call for a payout.</summary>
    /// <param name="Kind">The verdict that it is meant for.</param>
    /// <param name="Body">What it asks for.</param>
    internal sealed record Call(string Kind, JsonObject Body)
    {
        /// <summary>The body when it is not to be JSON like any other.</summary>
        public string? Text { get; init; }

        public string? Key { get; init; }

        public bool IsOther { get; init; }
    }
}
