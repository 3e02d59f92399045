using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Control;
using PockytSimulator.Payees;
using PockytSimulator.Payouts;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs.Fuzzing;

/// <summary>
/// Requests of every kind for every operation of the served OpenAPI document, against the service as a process of its
/// own and the simulator, which is made to fail now and then. PAYOUTS_FUZZ_SEED=n tries others.
/// </summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class ContractFuzzTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("PAYOUTS_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);

    private static readonly FaultAnswer[] Spoiled =
    [
        new("close"), new("http", Status: 502, Body: "<html>"), new("http", Status: 200, Body: "not JSON"), new("cut"),
        new("ret", Code: "000030", Message: "no rights"), new("ret", Code: "000020", Message: "parameter"),
        new("ret", Code: "999999", Message: "unheard of"), new("redirect", Location: "http://127.0.0.1:1/"),
        new("replace", Members: new() { ["result"] = 5 }), new("oversize", Bytes: 3_000_000),
    ];

    private static readonly string[] Calls =
    [
        "register", "retrieve", "update", "createAccount", "configurations", "listAccounts", "deleteAccount", "balance",
        "refund", "tranQuery", "registerPayor", "uploadPayor", "pay", "inquiry",
    ];

    private Microsoft.AspNetCore.Builder.WebApplication simulator = null!;
    private ServiceProcess service = null!;

    public async Task InitializeAsync()
    {
        simulator = Simulator.Build([], builder => builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        service = await ServiceProcess.StartAsync(
            await TestDatabase.CreateAsync(),
            simulator.Urls.First(),
            ["--Serilog:MinimumLevel:Default=Error", .. Example.OtherMerchant]);
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose() => service?.Dispose();

    [Fact]
    public async Task Every_answer_is_one_that_the_document_describes()
    {
        var contract = new Contract(await service.Api.GetFromJsonAsync<JsonElement>("/openapi/v1.json"));
        Assert.All(contract.Operations, operation =>
            Assert.False(operation.Description.GetProperty("responses").TryGetProperty("default", out _)));
        var maker = new RequestMaker(contract, Seed);
        await FillAsync(maker);

        var total = Proof.Size(20_000, 2_000);
        var random = new Random(Seed);
        var faults = simulator.Services.GetRequiredService<Faults>();
        var addresses = simulator.Services.GetRequiredService<Ledger>();
        SortedDictionary<int, int> statuses = [];
        HashSet<string> met = [];
        Dictionary<string, string> breaches = [];
        long early = 0;
        var cut = 0;

        // A connection of its own for each: one that is used again may be closed at that moment for what came before.
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
        });
        for (var at = 1; at <= total && breaches.Count < 20; at++)
        {
            faults.Clear();
            if (random.Next(12) == 0)
            {
                faults.Add(new FaultScript(
                    Calls[random.Next(Calls.Length)], Execute: random.Next(2) == 0,
                    Answer: Spoiled[random.Next(Spoiled.Length)]));
            }

            var (operation, request) = maker.Next();
            if (await SendAsync(http, request) is not { } answer)
            {
                cut++;
                continue;
            }

            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
            met.Add($"{operation.Name} {answer.Status}");
            if (contract.Breach(operation, answer) is { } breach)
            {
                breaches.TryAdd(
                    $"{operation.Name}: {breach}",
                    $"request {at} of seed {Seed}: {request}\n  answer: "
                        + answer.Body[..Math.Min(answer.Body.Length, 600)]);
            }

            if (answer.Status < 300)
            {
                maker.Remember(answer.Body);
            }

            if (at % 50 == 0 && addresses.Payouts is [.., { IpnUrl: { } url }])
            {
                maker.Remember("payouts address", new Uri(url).PathAndQuery);
            }

            early = at == total / 2 ? service.ResidentBytes() : early;
        }

        var late = service.ResidentBytes();
        var unreached = contract.Operations.Select(operation => operation.Name)
            .Where(name => !met.Any(pair => pair.StartsWith($"{name} 2", StringComparison.Ordinal))).ToList();
        output.Say($"contract fuzzer: seed {Seed}, {statuses.Values.Sum()} requests to {contract.Operations.Count} "
            + $"operations, {breaches.Count} breaches, {met.Count} pairs of operation and status; memory "
            + $"{early >> 20} MiB after half of them, {late >> 20} MiB after all; by status "
            + string.Join(", ", statuses.Select(status => $"{status.Key}: {status.Value}"))
            + $", too large to be read: {cut}; without any success: {string.Join(", ", unreached)}");
        Assert.True(
            breaches.Count == 0,
            $"Again: PAYOUTS_FUZZ_SEED={Seed} ./test --filter {nameof(ContractFuzzTests)}\n"
                + string.Join('\n', breaches.Select(breach => $"{breach.Key}\n  {breach.Value}")));
        Assert.True(late < (early * 3 / 2) + (64 << 20), $"memory grew from {early >> 20} to {late >> 20} MiB");
        Assert.True(
            unreached.Count < contract.Operations.Count / Proof.Size(8, 6),
            $"only refused: {string.Join(", ", unreached)}");
    }

    /// <summary>Objects of every kind, so that requests have something to name from the beginning.</summary>
    private async Task FillAsync(RequestMaker maker)
    {
        using var pockyt = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };
        for (var at = 0; at < 3; at++)
        {
            var payee = await MadeAsync("/v1/payees", Example.Payee($"fuzz-{at}"));
            var account = await MadeAsync($"/v1/payees/{payee}/accounts", Example.Account($"fuzz-{at}"));
            maker.Remember("account link", $"/v1/payees/{payee}/accounts/{account}");
            maker.Remember("accounts address", AddressOfLastAccount());
            await pockyt.PostAsJsonAsync(
                "/simulator/transactions", new { reference = $"order-{at}", amount = "1000000.00", currency = "USD" });
            await MadeAsync("/v1/payouts", Example.Payout(account, $"fuzz-{at}"));
            var tomorrow = Example.Payout(account, $"fuzz-later-{at}");
            tomorrow["executeAt"] = TimeProvider.System.GetUtcNow().AddDays(1);
            maker.Remember("id later", await MadeAsync("/v1/payouts", tomorrow));
            var failing = Example.Payout(account, $"fuzz-failed-{at}", "500.01");
            maker.Remember("id failed", await MadeAsync("/v1/payouts", failing));
            var row = Example.Payout(account, $"fuzz-batch-{at}", "5.00");
            await MadeAsync("/v1/batches", new { payouts = new[] { row } });
            await MadeAsync("/v1/refunds", Example.Refund($"fuzz-{at}", $"order-{at}"));
            maker.Remember("reference", $"order-{at}");
        }

        await MadeAsync("/v1/payors", Example.Payor("fuzz"));
        await MadeAsync("/v1/webhook-endpoints", new { url = "http://127.0.0.1:9/fuzz" });

        async Task<string> MadeAsync(string path, object body)
        {
            var answer = await service.Api.PostAsJsonAsync(path, body);
            var text = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
            maker.Remember(text);
            return JsonDocument.Parse(text).RootElement.TryGetProperty("id", out var id) ? id.GetString()! : "";
        }
    }

    /// <summary>Where Pockyt was told to send its notifications about an account.</summary>
    private string AddressOfLastAccount() => new Uri(
        simulator.Services.GetRequiredService<PayeeRegistry>().All
            .SelectMany(payee => payee.Accounts).Last().IpnUrl!).PathAndQuery;

    /// <summary>Null when the connection ended while a body was sent that is too large.</summary>
    private async Task<Answer?> SendAsync(HttpClient http, Request request)
    {
        try
        {
            using var message = request.Message(service.Api.BaseAddress!);
            using var answer = await http.SendAsync(message);
            return new Answer(
                (int)answer.StatusCode,
                answer.Content.Headers.ContentType?.MediaType,
                Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()));
        }
        catch (HttpRequestException) when (request.Body is { Length: > 64 * 1024 })
        {
            return null;
        }
    }
}
