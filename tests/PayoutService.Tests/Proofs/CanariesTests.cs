using System.Buffers;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Control;
using PockytSimulator.Payouts;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>
/// A value of its own in every place where somebody can put one: members, headers, queries, paths, notifications,
/// uploads and Pockyt's answers. Then the log at its lowest level, the whole database, all answers and the metrics are
/// searched for each. What is kept or shown on purpose is named where it is sent.
/// </summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class CanariesTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    private readonly List<Canary> canaries = [];
    private readonly StringBuilder answers = new();
    private readonly StringBuilder problems = new();
    private Microsoft.AspNetCore.Builder.WebApplication simulator = null!;
    private ServiceProcess service = null!;
    private string database = "";

    /// <summary>Where a value may be found.</summary>
    [Flags]
    private enum Kept
    {
        Nowhere = 0,
        Database = 1,
        Answers = 2,
        Problems = 4,
        Log = 8,

        /// <summary>A key of the caller's: everywhere, so that it can be found.</summary>
        Key = Database | Answers | Problems | Log,
        Shown = Database | Answers,
    }

    public async Task InitializeAsync()
    {
        simulator = Simulator.Build([], builder => builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        database = await TestDatabase.CreateAsync();
        service = await ServiceProcess.StartAsync(
            database,
            simulator.Urls.First(),
            "--Serilog:MinimumLevel:Default=Verbose",
            "--Serilog:MinimumLevel:Override:Microsoft=Verbose",
            "--Serilog:MinimumLevel:Override:Microsoft.EntityFrameworkCore.Database.Command=Verbose",
            "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Verbose",
            "--Serilog:MinimumLevel:Override:System=Verbose");
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose() => service?.Dispose();

    [Fact]
    public async Task What_is_not_documented_as_kept_is_found_nowhere()
    {
        var (payee, account) = await RegisterAsync();
        await AddAccountsAsync(payee);
        await RegisterPayorAsync();
        await PayAsync(account);
        await RefundAsync();
        await RuleAsync();
        await NotifyAsync(account);
        await HearFromPockytAsync(account);
        await KnockOnEveryDoorAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);

        var metrics = await (await service.Api.GetAsync("/metrics")).Content.ReadAsStringAsync();
        var log = string.Join('\n', service.Log);
        var dump = await TestDatabase.DumpAllAsync(database);
        List<string> hits = [];
        Look(Kept.Log, "the log", log);
        Look(Kept.Database, "the database", dump);
        Look(Kept.Answers, "answers", answers.ToString());
        Look(Kept.Problems, "problems", problems.ToString());
        Look(Kept.Nowhere, "metrics", metrics);

        var kept = canaries.Count(canary => canary.Where != Kept.Nowhere);
        output.Say($"canaries: {canaries.Count} values ({kept} kept or shown on purpose), {log.Length / 1024} KiB of "
            + $"log, {dump.Length / 1024} KiB of rows, {hits.Count} hits");
        Assert.True(canaries.Count >= 200, $"only {canaries.Count} values");
        Assert.Contains("\"Debug\"", log, StringComparison.Ordinal);
        Assert.True(hits.Count == 0, string.Join('\n', hits));

        // All at once: a search of many megabytes for each of some thousand values took most of the time.
        void Look(Kept place, string name, string text)
        {
            var banned = canaries.Where(one => place == Kept.Nowhere || !one.Where.HasFlag(place)).ToList();
            var values = SearchValues.Create([.. banned.Select(one => one.Value)], StringComparison.OrdinalIgnoreCase);
            HashSet<Canary> found = [];
            for (var at = 0; text.AsSpan(at).IndexOfAny(values) is >= 0 and var further; at++)
            {
                at += further;
                foreach (var canary in banned.Where(one => StandsAt(text, at, one.Value) && found.Add(one)))
                {
                    hits.Add($"{canary.Name} ({canary.Value}) is in {name}: …"
                        + text[Math.Max(0, at - 150)..Math.Min(text.Length, at + 100)].ReplaceLineEndings(" "));
                }
            }
        }
    }

    private static bool StandsAt(string text, int at, string value) =>
        text.AsSpan(at).StartsWith(value, StringComparison.OrdinalIgnoreCase);

    private string New(string name, Kept where = Kept.Nowhere)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"zq{canaries.Count:x3}jx");
        canaries.Add(new Canary(name, value, where));
        return value;
    }

    /// <summary>Digits that no other number contains.</summary>
    private string Digits(string name)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"7{canaries.Count:D3}4091{canaries.Count:D3}");
        canaries.Add(new Canary(name, value, Kept.Nowhere));
        return value;
    }

    /// <summary>The long form of a US ZIP code.</summary>
    private string Zip(string name)
    {
        var digits = Digits(name);
        var zip = $"{digits[..5]}-{digits[5..9]}";
        canaries.Add(new Canary($"{name}, long", zip, Kept.Nowhere));
        return zip;
    }

    private string Day(string name)
    {
        var day = new DateOnly(1950, 1, 1).AddDays(canaries.Count);
        var value = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        canaries.Add(new Canary(name, value, Kept.Nowhere));
        return value;
    }

    private Dictionary<string, object?> Payee(string call, Kept shown, Kept key) => new()
    {
        ["customerCode"] = New($"{call} customerCode", key),
        ["firstName"] = New($"{call} firstName", shown),
        ["lastName"] = New($"{call} lastName", shown),
        ["email"] = $"{New($"{call} email", shown)}@example.com",
        ["dateOfBirth"] = Day($"{call} dateOfBirth"),
        ["countryCode"] = "US",
        ["country"] = "USA",
        ["state"] = "NY",
        ["city"] = New($"{call} city"),
        ["street"] = New($"{call} street"),
        ["street2"] = New($"{call} street2"),
        ["zip"] = Zip($"{call} zip"),
        ["phone"] = $"+{Digits($"{call} phone")}",
        ["governmentId"] = New($"{call} governmentId"),
        ["governmentIdType"] = "PASSPORT",
        ["metadata"] = new Dictionary<string, string>
        {
            [New($"{call} metadata name", shown)] = New($"{call} metadata value", shown),
        },
    };

    private async Task<(string PayeeId, string AccountId)> RegisterAsync()
    {
        var payee = IdOf(await SendAsync("POST", "/v1/payees", Payee("payee", Kept.Shown, Kept.Shown)));
        var refused = Payee("refused payee", Kept.Nowhere, Kept.Nowhere);
        refused["email"] = New("refused payee email");
        await SendAsync("POST", "/v1/payees", refused);
        await SendAsync("PATCH", $"/v1/payees/{payee}", new
        {
            firstName = New("change firstName", Kept.Shown),
            city = New("change city"),
            street = New("change street"),
            street2 = New("change street2"),
            zip = Zip("change zip"),
            phone = $"+{Digits("change phone")}",
        });
        await SendAsync("PATCH", $"/v1/payees/{payee}", new Dictionary<string, string>
        {
            ["city"] = New("refused change city"),
            [New("refused change name", Kept.Answers | Kept.Problems)] = New("refused change value"),
        });
        var account = Example.Account(New("accountTag", Kept.Shown));
        account["details"] = new Dictionary<string, string>
        {
            ["bankAccountId"] = Digits("bankAccountId"),
            ["branchId"] = "101089292",
            ["bankAccountPurpose"] = "CHECKING",
        };
        return (payee, IdOf(await SendAsync("POST", $"/v1/payees/{payee}/accounts", account)));
    }

    private async Task AddAccountsAsync(string payee)
    {
        foreach (var (type, country, currency, details) in new (string, string, string, (string, string)[])[]
        {
            ("BANK_ACCOUNT", "US", "USD", [("bankAccountId", "digits"), ("branchId", "digits")]),
            ("BANK_ACCOUNT", "BR", "BRL", [("pixKey", "digits"), ("pixKeyType", "CPF")]),
            ("BANK_ACCOUNT", "BR", "BRL", [("pixKey", "mail"), ("pixKeyType", "EMAIL")]),
            ("BANK_ACCOUNT", "DE", "EUR", [("iban", "text"), ("bankAccountName", "text")]),
            ("BANK_ACCOUNT", "CN", "CNY", [("cardNumber", "digits"), ("governmentId", "text")]),
            ("CRYPTO", "US", "USDC", [("walletAddress", "text"), ("walletTag", "text"), ("walletChain", "text")]),
            ("PAYPAL", "US", "USD", [("payeeAccount", "mail")]),
            ("VENMO", "US", "USD", [("payeeAccount", "mail")]),
            ("VENMO", "US", "USD", [("payeeAccount", "phone"), ("bankAccountId", "text")]),
        })
        {
            var kind = $"{type} {country}";
            var account = Example.Account(New($"{kind} accountTag", Kept.Shown));
            (account["accountType"], account["country"], account["currency"]) = (type, country, currency);
            account["details"] = details.ToDictionary(detail => detail.Item1, detail => detail.Item2 switch
            {
                "digits" => Digits($"{kind} {detail.Item1}"),
                "text" => New($"{kind} {detail.Item1}"),
                "mail" => $"{New($"{kind} {detail.Item1}")}@example.com",
                "phone" => $"+{Digits($"{kind} {detail.Item1}")}",
                _ => detail.Item2,
            });
            await SendAsync("POST", $"/v1/payees/{payee}/accounts", account);
        }
    }

    private async Task RegisterPayorAsync()
    {
        var details = Enumerable.Range(0, 8).ToDictionary(
            at => $"member.{at}", at => New($"payor detail {at}"));
        var payor = await SendAsync(
            "POST", "/v1/payors", new { payorCode = New("payorCode", Kept.Key), details });
        var payorNo = JsonDocument.Parse(payor).RootElement.GetProperty("payorNo").GetString();
        using var form = Example.Form(
            [(New("document name") + ".pdf", Encoding.UTF8.GetBytes(New("document content")))],
            ("documentType", New("document text")),
            (New("document text name"), "x"));
        await SendAsync("POST", $"/v1/payors/{payorNo}/documents", form);
        using var nobody = Example.Form(
            [(New("refused document name"), Encoding.UTF8.GetBytes(New("refused document content")))]);
        await SendAsync("POST", $"/v1/payors/{New("payorNo of a refused document")}/documents", nobody);
        await SendAsync("POST", "/v1/payors", new { payorCode = "a b", details = new { a = New("refused detail") } });
        await SendAsync("POST", "/v1/payors/resolve", new
        {
            payorCode = New("resolved payorCode", Kept.Log),
            payorNo = New("resolved payorNo", Kept.Log),
        });
    }

    private async Task PayAsync(string account)
    {
        foreach (var (call, amount, shown) in new[]
        {
            ("payout", "12.00", Kept.Shown), ("failing payout", "12.01", Kept.Shown),
            ("returned payout", "12.02", Kept.Shown), ("refused payout", "12.345", Kept.Nowhere),
        })
        {
            var request = Example.Payout(
                account, New($"{call} invoiceId", shown == Kept.Nowhere ? shown : Kept.Key), amount);
            request["description"] = New($"{call} description", shown);
            request["note"] = New($"{call} note", shown);
            request["subject"] = New($"{call} subject", shown);
            request["metadata"] = new Dictionary<string, string>
            {
                [New($"{call} metadata name", shown)] = New($"{call} metadata value", shown),
            };
            await SendAsync("POST", "/v1/payouts", request, (
                "Idempotency-Key", New($"{call} Idempotency-Key", shown == Kept.Nowhere ? shown : Kept.Database)));
        }

        await SendAsync("POST", "/v1/payout-batches", new
        {
            payouts = new object[]
            {
                Example.Payout(account, New("batch invoiceId", Kept.Key)),
                Example.Payout(New("batch accountId"), New("refused batch invoiceId", Kept.Answers), "1.005"),
                New("batch that is a text"),
            },
        });
    }

    private async Task RefundAsync()
    {
        var reference = New("payment reference", Kept.Key);
        using var pockyt = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };
        await pockyt.PostAsJsonAsync(
            "/simulator/transactions", new { reference, amount = "100.00", currency = "USD" });
        await SendAsync("GET", $"/v1/transactions?reference={reference}", null);
        await SendAsync("POST", "/v1/refunds", Example.Refund(New("refundReference", Kept.Key), reference));

        // That it was tried stays in the history.
        await SendAsync("POST", "/v1/refunds", Example.Refund(
            New("refused refundReference", Kept.Log | Kept.Shown), New("unknown reference")));
    }

    private async Task RuleAsync()
    {
        var page = JsonDocument.Parse(await SendAsync("GET", "/v1/payouts", null));
        var payout = page.RootElement.GetProperty("data")[0].GetProperty("id").GetString();
        await SendAsync("POST", $"/v1/payouts/{payout}/resolve", new
        {
            ruling = "paid",
            reason = New("ruling reason", Kept.Shown),
            evidence = New("ruling evidence", Kept.Shown),
        });
        await SendAsync("POST", "/v1/sending/pause", new { reason = New("pause", Kept.Key) });
        await SendAsync("POST", "/v1/sending/resume", new { reason = New("resume", Kept.Key) });
    }

    /// <summary>Notifications at their right address, and at a wrong one.</summary>
    private async Task NotifyAsync(string account)
    {
        var payout = simulator.Services.GetRequiredService<Ledger>();
        for (var tries = 0; payout.Payouts.Count == 0 && tries < 200; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        var booked = payout.Payouts[0];
        var address = new Uri(booked.IpnUrl!).PathAndQuery;
        canaries.Add(new Canary("capability", address[(address.LastIndexOf('/') + 1)..], Kept.Nowhere));
        canaries.Add(new Canary("token", Token, Kept.Nowhere));
        canaries.Add(new Canary("key", "dev-key", Kept.Nowhere));
        foreach (var (kind, sign) in new[] { ("unsigned", false), ("signed", true) })
        {
            Dictionary<string, string?> members = new()
            {
                ["accountToken"] = New($"{kind} notification accountToken"),
                ["amount"] = "12.00",
                ["currency"] = "USD",
                ["invoiceId"] = sign ? New("other invoiceId of a notification") : booked.InvoiceId,
                ["paymentTime"] = "2026-11-21T03:10:00Z",
                ["status"] = New($"{kind} notification status"),
                ["transactionNo"] = New($"{kind} notification transactionNo"),
                ["vendor"] = New($"{kind} notification vendor"),
                ["receiver"] = New($"{kind} notification receiver"),
            };
            members["verifySign"] = sign ? VerifySign.Of(members, Token) : New("signature");
            await SendAsync("POST", $"{address}?q={New($"{kind} notification query")}", members);
        }

        await SendAsync("POST", address, new StringContent(New("notification that is no JSON")));
        foreach (var kind in (string[])["payouts", "accounts"])
        {
            await SendAsync(
                "POST",
                $"/webhooks/pockyt/main/{kind}/{New($"{kind} notification key")}/{New($"{kind} capability")}",
                new { member = New($"{kind} notification to a wrong address") });
        }

        await SendAsync("POST", $"/webhooks/pockyt/{New("webhook merchant")}/payouts/{account}/x", null);
    }

    /// <summary>Whatever Pockyt may answer, to every kind of call.</summary>
    private async Task HearFromPockytAsync(string account)
    {
        var faults = simulator.Services.GetRequiredService<Faults>();
        var payee = JsonDocument.Parse(await SendAsync("GET", "/v1/payees", null)).RootElement
            .GetProperty("data")[0].GetProperty("id").GetString();
        var at = 0;
        foreach (var (name, method, path, body) in new (string, string, string, Func<object?>)[]
        {
            ("register", "POST", "/v1/payees", () => Example.Payee($"fault-{at}")),
            ("createAccount", "POST", $"/v1/payees/{payee}/accounts", () => Example.Account($"fault-{at}")),
            ("retrieve", "POST", $"/v1/payees/{payee}/refresh", () => null),
            ("configurations", "GET", "/v1/account-requirements?country=US&currency=USD&accountType=BANK_ACCOUNT",
                () => null),
            ("balance", "GET", "/v1/balances?currency=USD", () => null),
            ("tranQuery", "GET", "/v1/transactions?reference=nothing", () => null),
            ("pay", "POST", "/v1/payouts", () => Example.Payout(account, $"fault-{at}")),
        })
        {
            foreach (var answer in new[]
            {
                new FaultAnswer("http", Status: 502, Body: $"<html>{New($"page answered to {name}")}</html>"),
                new FaultAnswer("replace", Members: new JsonObject
                {
                    [New($"name of a member answered to {name}")] = New($"member answered to {name}"),
                }),
                new FaultAnswer("http", Status: 200, Body: New($"text answered to {name}")),
            })
            {
                at++;
                faults.Add(new FaultScript(name, Execute: false, Answer: answer));
                await SendAsync(method, path, body());
            }
        }
    }

    /// <summary>Every operation of the document with values in its path, its query, its headers and its body.</summary>
    private async Task KnockOnEveryDoorAsync()
    {
        var document = JsonDocument.Parse(await service.Api.GetStringAsync("/openapi/v1.json")).RootElement;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var name = $"{operation.Name} {path.Name}";
                var filled = path.Name;
                List<string> query = [$"{New($"{name} unknown query", Kept.Answers | Kept.Problems)}=1"];
                List<(string Name, string Value)> headers =
                [
                    ("X-Unknown", New($"{name} header")), ("Cookie", $"session={New($"{name} cookie")}"),
                    ("User-Agent", New($"{name} user agent")), ("If-Match", $"\"{New($"{name} If-Match")}\""),
                ];
                foreach (var parameter in operation.Value.TryGetProperty("parameters", out var all)
                    ? all.EnumerateArray().ToList() : [])
                {
                    var of = parameter.GetProperty("name").GetString()!;
                    switch (parameter.GetProperty("in").GetString())
                    {
                        case "path":
                            filled = filled.Replace($"{{{of}}}", New($"{name} {of}"), StringComparison.Ordinal);
                            break;
                        case "query":
                            query.Add($"{of}={New($"{name} query {of}")}");
                            break;
                    }
                }

                var method = operation.Name.ToUpperInvariant();
                var body = operation.Value.TryGetProperty("requestBody", out var _)
                    ? new StringContent($"{{\"{New($"{name} unknown member", Kept.Answers | Kept.Problems)}\":"
                        + $"\"{New($"{name} value of an unknown member")}\"}}", Encoding.UTF8, "application/json")
                    : null;
                await SendAsync(method, filled, body, [.. headers]);
                await SendAsync(method, $"{filled}?{string.Join('&', query)}", null);
                await SendAsync(method, filled, null, ("Authorization", $"Bearer {New($"{name} wrong key")}"));
                if (body is not null)
                {
                    await SendAsync(method, filled, new StringContent(
                        $"{{\"a\":\"{New($"{name} broken body")}", Encoding.UTF8, "application/json"));
                    await SendAsync(method, filled, new StringContent(New($"{name} text body")));
                }
            }
        }

        foreach (var root in (string[])["", "/v1", "/v1/payouts", "/swagger", "/openapi", "/health", "/webhooks"])
        {
            await SendAsync("GET", $"{root}/{New($"path below {root}")}", null);
        }
    }

    private Task<string> SendAsync(
        string method, string path, object? body, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, body is null ? null : JsonContent.Create(body), headers);

    private async Task<string> SendAsync(
        string method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await service.Api.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        var isProblem = answer.Content.Headers.ContentType?.MediaType is "application/problem+json";
        (isProblem ? problems : answers).Append(answer.Headers).Append(body).Append('\n');
        return body;
    }

    private static string IdOf(string answer) =>
        JsonDocument.Parse(answer).RootElement.TryGetProperty("id", out var id) ? id.GetString()! : throw new
            InvalidOperationException(answer);

    /// <param name="Name">Where it is sent.</param>
    /// <param name="Value">Stands nowhere else.</param>
    /// <param name="Where">The places that document that they keep or show it.</param>
    private sealed record Canary(string Name, string Value, Kept Where);
}
