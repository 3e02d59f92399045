using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PockytSimulator.Calls;
using PockytSimulator.Payees;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Tests;

/// <summary>A simulator on a port of its own, and the merchant that calls it.</summary>
internal sealed class Provider : IAsyncDisposable
{
    private readonly WebApplication simulator;
    private readonly Merchant merchant;

    private Provider(WebApplication simulator)
    {
        this.simulator = simulator;
        merchant = new Merchant(new Uri(simulator.Urls.First()));
    }

    /// <summary>The number of the first merchant.</summary>
    public static string MerchantNo { get; } = new SimulatorSettings().MerchantNo;

    public Merchant Merchant => merchant;

    public Ledger Book => Get<Ledger>();

    public PayeeRegistry Payees => Get<PayeeRegistry>();

    public static async Task<Provider> StartAsync(string? stateFile, params (string Name, string Value)[] settings)
    {
        var simulator = Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration["Simulator:NoticeDelay"] = "00:00:00";
            builder.Configuration["Simulator:StateFile"] = stateFile;
            foreach (var (name, value) in settings)
            {
                builder.Configuration[$"Simulator:{name}"] = value;
            }
        });
        await simulator.StartAsync();
        return new Provider(simulator);
    }

    /// <summary>Another merchant, or the same one with other credentials.</summary>
    public Merchant As(string no, string storeNo, string token) =>
        new(new Uri(simulator.Urls.First()), no, storeNo, token);

    public T Get<T>()
        where T : notnull => simulator.Services.GetRequiredService<T>();

    public void Advance(TimeSpan by) => Get<SimulatorClock>().Advance(by);

    public async ValueTask DisposeAsync()
    {
        merchant.Dispose();
        await simulator.DisposeAsync();
    }
}

/// <summary>Signs calls as Pockyt's documentation says, and works the simulator's controls.</summary>
internal sealed class Merchant(
    Uri provider,
    string no = "202333",
    string storeNo = "301854",
    string token = "17cfc0170ef1c017b4a929d233d6e65e") : IDisposable
{
    private readonly HttpClient client = new() { BaseAddress = provider };
    private int made;

    public async Task<string> CallAsync(
        string path, Dictionary<string, string> members, string? requestId = null)
    {
        members = new(members)
        {
            ["merchantNo"] = no,
            ["storeNo"] = storeNo,
            ["timestamp"] = members.GetValueOrDefault("timestamp", "2025-01-02T03:04:05Z"),
        };
        members["verifySign"] = PockytSignature.Of(members, token);
        using var call = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(members) };
        if (requestId is not null)
        {
            call.Headers.Add("Pockyt-Request-ID", requestId);
        }

        using var answer = await client.SendAsync(call);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A call in several parts: the signed members, and a file.</summary>
    public async Task<string> UploadAsync(
        string path, Dictionary<string, string> members, (string Name, byte[] Bytes)? file)
    {
        members = new(members)
        {
            ["merchantNo"] = no,
            ["storeNo"] = storeNo,
            ["timestamp"] = "2025-01-02T03:04:05Z",
        };
        members["verifySign"] = PockytSignature.Of(members, token);
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in members)
        {
            form.Add(new StringContent(value), name);
        }

        if (file is { } part)
        {
            form.Add(new ByteArrayContent(part.Bytes), "file", part.Name);
        }

        using var answer = await client.PostAsync(path, form);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Registers a payee, with more members or other ones than usual.</summary>
    public async Task<string> RegisterPayeeAsync(params (string Name, string Value)[] members) =>
        MemberOf(await TryRegisterAsync(members), "customer", "customerNo");

    /// <summary>The answer to an attempt to register a payee.</summary>
    public Task<string> TryRegisterAsync(params (string Name, string Value)[] members)
    {
        var name = $"payee-{Interlocked.Increment(ref made)}";
        var payee = new Dictionary<string, string>
        {
            ["profileType"] = "INDIVIDUAL",
            ["email"] = $"{name}@example.com",
            ["customerCode"] = name,
            ["firstName"] = "三",
            ["lastName"] = "张",
            ["dateOfBirth"] = "2001-01-01",
            ["countryCode"] = "US",
            ["state"] = "NY",
            ["city"] = "Hometown",
            ["street"] = "123 Main St",
            ["zip"] = "10006",
        };
        foreach (var (member, value) in members)
        {
            payee[member] = value;
        }

        return CallAsync("/v3/payee/register", payee);
    }

    /// <summary>Registers a payee with a bank account.</summary>
    public async Task<(string CustomerNo, string AccountToken)> RegisterAsync(string? ipnUrl = null)
    {
        var customerNo = await RegisterPayeeAsync();
        var account = await AddAccountAsync(customerNo, ipnUrl: ipnUrl);
        return (customerNo, MemberOf(account, "result", "accountToken"));
    }

    /// <summary>The answer to an attempt to add a bank account.</summary>
    public Task<string> AddAccountAsync(string customerNo, string? payorNo = null, string? ipnUrl = null) =>
        CallAsync("/v3/payee/account/create/bank-account", new()
        {
            ["customerNo"] = customerNo,
            ["accountCountry"] = "US",
            ["accountCurrency"] = "USD",
            ["accountType"] = "BANK_ACCOUNT",
            ["bankAccountPurpose"] = "CHECKING",
            ["bankAccountId"] = "7861053298",
            ["branchId"] = "101089292",
            ["accountTag"] = string.Create(CultureInfo.InvariantCulture, $"payee-{made}"),
            ["ipnUrl"] = ipnUrl ?? "",
            ["payorNo"] = payorNo ?? "",
        });

    public Task<string> PayAsync(
        (string CustomerNo, string AccountToken) to,
        string invoiceId,
        string amount,
        string? requestId = null,
        string? ipnUrl = null,
        string currency = "USD")
    {
        var members = new Dictionary<string, string>
        {
            ["customerNo"] = to.CustomerNo,
            ["accountToken"] = to.AccountToken,
            ["invoiceId"] = invoiceId,
            ["amount"] = amount,
            ["currency"] = currency,
            ["ipnUrl"] = ipnUrl ?? "",
        };
        return CallAsync("/v3/payouts/pay", members, requestId);
    }

    public Task<string> RefundAsync(string reference, string refundReference, string amount, string requestId)
    {
        var members = new Dictionary<string, string>
        {
            ["reference"] = reference,
            ["refundReference"] = refundReference,
            ["refundAmount"] = amount,
            ["currency"] = "USD",
            ["settleCurrency"] = "USD",
        };
        return CallAsync("/app-data-search/v3/refund", members, requestId);
    }

    public Task<string> ReadAsync(string path) => client.GetStringAsync(path);

    public async Task<string> ControlAsync(string path, object order)
    {
        using var answer = await client.PostAsJsonAsync(path, order);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    public void Dispose() => client.Dispose();

    public static string MemberOf(string answer, string payload, string name)
    {
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty(payload, out var found)
            ? found.GetProperty(name).GetString()!
            : throw new InvalidOperationException(answer);
    }
}

/// <summary>Where a simulator remembers, in a folder that goes away with the test.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("simulator-").FullName;

    public string File => Path.Combine(folder, "state.jsonl");

    /// <summary>
    /// What another simulator would find, had the one that writes the file been killed now. By cp, because the
    /// simulator lets nobody else of .NET open the file.
    /// </summary>
    public string AsIfKilledNow()
    {
        var copy = Path.Combine(folder, Path.GetRandomFileName());
        using var cp = Process.Start("cp", [File, copy]);
        cp.WaitForExit();
        Assert.Equal(0, cp.ExitCode);
        return copy;
    }

    /// <summary>The same, as soon as so many entries of a kind are written.</summary>
    public async Task<string> KilledAfterAsync(string kind, int times)
    {
        var copy = AsIfKilledNow();
        await UntilAsync(() => System.IO.File.ReadLines(copy = AsIfKilledNow())
            .Count(line => line.StartsWith($"{{\"kind\":\"{kind}\"", StringComparison.Ordinal)) == times);
        return copy;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 1000, "It did not happen within ten seconds.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
