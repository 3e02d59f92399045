using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using static System.StringComparison;

namespace PayoutService.Benchmarks.World;

/// <summary>The published service in Production: keys by their hash, validation, and the log that production writes.
/// </summary>
/// <param name="bench">What runs beside it.</param>
/// <param name="folder">Where ./bench published it.</param>
internal sealed class Service(Bench bench, string folder = "service")
{
    public const string Key = "key-of-the-benchmark";
    public const string Merchant = "main";

    /// <summary>Nothing that was dispatched, and no payee, is asked about while something else is measured.</summary>
    public static readonly string[] NothingElseFallsDue =
        ["--Payouts:AskDelays:0=12:00:00", "--Payouts:PayeeLookDelays:0=12:00:00", "--Payouts:PayeeFreshFor=12:00:00"];

    private static readonly string[] Scopes =
        ["payouts:read", "payouts:write", "payees:write", "events:write", "ops"];

    /// <summary>A second merchant, with a key of its own, where two are measured beside each other.</summary>
    public const string OtherMerchant = "other";

    public const string OtherKey = "key-of-the-other-merchant";

    private const string OtherNo = "202334";
    private const string OtherStore = "301855";
    private const string OtherToken = "token-of-the-other-merchant-here";

    public static readonly string[] OtherAtTheSimulator =
    [
        $"--Simulator:Merchants:{OtherMerchant}:MerchantNo={OtherNo}",
        $"--Simulator:Merchants:{OtherMerchant}:StoreNo={OtherStore}",
        $"--Simulator:Merchants:{OtherMerchant}:Token={OtherToken}",
    ];

    public static readonly string[] WithTheOther =
    [
        $"--Pockyt:Merchants:{OtherMerchant}:MerchantNo={OtherNo}",
        $"--Pockyt:Merchants:{OtherMerchant}:StoreNo={OtherStore}",
        $"--Pockyt:Merchants:{OtherMerchant}:Environment=sandbox",
        $"--Pockyt:Merchants:{OtherMerchant}:Tokens:0={OtherToken}",
        $"--Pockyt:Merchants:{OtherMerchant}:IpnSecrets:0=notices-of-the-other-merchant",
        // A list comes whole from the last source that has it, and arguments come last.
        .. ApiKey(0, Merchant, Key, Scopes),
        .. ApiKey(1, OtherMerchant, OtherKey, "payouts:write", "payees:write"),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);

    private readonly string program = Bench.Published(folder, "PayoutService.dll");

    // Pockyt's notices go to the address that a payout was sent with, so the ports stay the same all along.
    private readonly int port = Bench.FreePort();
    private readonly int securePort = Bench.FreePort();

    /// <summary>A service that runs.</summary>
    /// <param name="Process">Its process.</param>
    /// <param name="Port">Where it takes requests; in front of it, production has somebody who ends TLS.</param>
    /// <param name="StartSeconds">From the start of the process to the first answered query.</param>
    internal sealed record Running(ChildProcess Process, int Port, double StartSeconds) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }

    /// <param name="database">The database it uses.</param>
    /// <param name="roles">What it does: api, workers, or both.</param>
    /// <param name="settings">Arguments besides those of production.</param>
    public Task<Running> StartAsync(string database, string roles, params string[] settings) =>
        StartAsync(database, roles, port, securePort, settings);

    /// <summary>One more beside the first, on ports of its own.</summary>
    public Task<Running> StartSecondAsync(string database, string roles, params string[] settings) =>
        StartAsync(database, roles, Bench.FreePort(), Bench.FreePort(), settings);

    /// <summary>The same as arguments, for a service in this process that only takes requests.</summary>
    public string[] Arguments(string database) =>
    [
        "--environment=Production",
        "--urls=http://127.0.0.1:0",
        "--Roles=api",
        .. Environment(database, securePort).Where(setting => !setting.Key.StartsWith("ASPNETCORE", Ordinal)).Select(
            setting => $"--{setting.Key.Replace("__", ":", Ordinal)}={setting.Value}"),
    ];

    public async Task MigrateAsync(string database)
    {
        var log = bench.FileOf("migrate.log");
        await using var migrate = ChildProcess.Start(program, ["migrate"], Environment(database, securePort), log);
        if (await migrate.EndAsync() != 0)
        {
            throw new InvalidOperationException($"The migration failed:\n{await File.ReadAllTextAsync(log)}");
        }
    }

    private async Task<Running> StartAsync(string database, string roles, int http, int https, string[] settings)
    {
        string[] arguments =
        [
            $"--urls=http://127.0.0.1:{http};https://127.0.0.1:{https}",
            $"--Roles={roles}",
            .. settings,
        ];
        var began = Stopwatch.GetTimestamp();
        var process = ChildProcess.Start(
            program, arguments, Environment(database, https), bench.FileOf("service.log"));
        await AnswersAsync(process, http);
        return new Running(process, http, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Waits for the first answer to a query; workers have none, and answer for their health.</summary>
    private static async Task AnswersAsync(ChildProcess process, int port)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/v1/payouts?limit=1", UriKind.Relative));
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!process.HasExited && Stopwatch.GetElapsedTime(began) < Patience)
            {
                // Not listening yet.
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException("The service does not answer as it should: see its log.");
            }

            await Task.Delay(Pace, TimeProvider.System);
        }
    }

    private static IEnumerable<string> ApiKey(int at, string merchant, string key, params string[] scopes) =>
    [
        $"--ApiKeys:{at}:Name={merchant}",
        $"--ApiKeys:{at}:Merchant={merchant}",
        $"--ApiKeys:{at}:Sha256={HashOf(key)}",
        .. scopes.Select((scope, number) => $"--ApiKeys:{at}:Scopes:{number}={scope}"),
    ];

    private Dictionary<string, string> Environment(string database, int https)
    {
        Dictionary<string, string> environment = new(bench.Certificate.Environment)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",

            // Every account here is a minute old, and gets more in a second than a payee does in a year.
            ["Controls__Enabled"] = "false",
            ["ConnectionStrings__Payouts"] = bench.Postgres.To(database),
            ["FingerprintKey"] = "fingerprints-of-the-benchmark",
            ["Events__Keys__0"] = "webhooks-of-the-benchmark",
            ["Pockyt__BaseUrl"] = $"https://127.0.0.1:{bench.SimulatorPort}",
            ["Pockyt__PublicUrl"] = $"https://127.0.0.1:{https}",
            [$"Pockyt__Merchants__{Merchant}__MerchantNo"] = Pockyt.MerchantNo,
            ["Pockyt__SandboxHosts__0"] = "127.0.0.1",
            [$"Pockyt__Merchants__{Merchant}__Environment"] = "sandbox",
            [$"Pockyt__Merchants__{Merchant}__StoreNo"] = Pockyt.StoreNo,
            [$"Pockyt__Merchants__{Merchant}__Tokens__0"] = Pockyt.Token,
            [$"Pockyt__Merchants__{Merchant}__IpnSecrets__0"] = "notices-of-the-benchmark",

            // A thousand payees are registered within a minute before anything is measured.
            ["Limits__PockytCallsPerMerchant"] = "0",
        };
        foreach (var setting in ApiKey(0, Merchant, Key, Scopes).Select(argument => argument[2..].Split('=')))
        {
            environment[setting[0].Replace(":", "__", Ordinal)] = setting[1];
        }

        return environment;
    }

    private static string HashOf(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>The merchant as the simulator knows it.</summary>
    private static PockytSimulator.SimulatorSettings Pockyt { get; } = new();
}
