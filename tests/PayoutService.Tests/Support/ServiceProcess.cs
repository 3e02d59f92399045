using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace PayoutService.Tests.Support;

/// <summary>The service as a process of its own, with compressed times: leases of 15 s,
/// questions within seconds.</summary>
internal sealed class ServiceProcess : IDisposable
{
    /// <summary>The service as it was published, where one is named; else as it was built with the tests.</summary>
    private static readonly string Program = Environment.GetEnvironmentVariable("PAYOUTS_TEST_SERVICE")
        ?? Path.Combine(AppContext.BaseDirectory, "PayoutService.dll");

    private readonly string[] arguments;
    private readonly ConcurrentQueue<string> log = [];
    private Process? process;
    private string? accountId;

    /// <summary>A process that is not launched yet.</summary>
    public ServiceProcess(string database, string pockyt, params string[] settings)
    {
        var address = $"http://127.0.0.1:{Ports.Take()}";

        // The first answers of a process take seconds on a machine that starts several at once.
        Api = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(15) };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "dev-key");
        arguments =
        [
            Program,
            $"--urls={address}",
            "--environment=Development",
            $"--ConnectionStrings:Payouts={database}",
            $"--Pockyt:BaseUrl={pockyt}",
            $"--Pockyt:PublicUrl={address}",
            "--Pockyt:Timeout=00:00:02",
            "--Payouts:Lease=00:00:15",
            "--Payouts:PollInterval=00:00:00.050",
            "--Payouts:ResendNotSeenSpan=00:00:03",
            .. Seconds("AskDelays", 1, 1, 1, 2, 5),
            .. Seconds("HoldDelays", 1),
            .. Seconds("ReturnWatchDelays", 1, 2, 5, 10, 20, 30),
            .. settings,
        ];
    }

    public HttpClient Api { get; }

    /// <summary>What it has written.</summary>
    public IReadOnlyCollection<string> Log => log;

    public static async Task<ServiceProcess> StartAsync(string database, string pockyt, params string[] settings)
    {
        var service = new ServiceProcess(database, pockyt, settings);
        await service.StartAsync();
        return service;
    }

    /// <summary>Kills the process, as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    /// <summary>Tells the process to stop, as <c>kill -TERM</c> does, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        var stopped = process!;
        await SignalAsync("TERM");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await stopped.WaitForExitAsync(patience.Token);
        return stopped.ExitCode;
    }

    /// <summary>Sends the process a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The memory that it has now.</summary>
    public long ResidentBytes()
    {
        process!.Refresh();
        return process.WorkingSet64;
    }

    /// <summary>Ends when the process does.</summary>
    public Task WhenEndedAsync(CancellationToken cancel) => process!.WaitForExitAsync(cancel);

    /// <summary>Kills it and starts it again.</summary>
    public async Task RestartAsync()
    {
        Kill();
        await StartAsync();
    }

    /// <summary>Registers a payee with a bank account and answers the account's id.</summary>
    public async Task<string> RegisterAsync()
    {
        var payee = await ServiceFixture.RepeatAsync(Api, "/v1/payees", Example.Payee("process"));
        return await ServiceFixture.RepeatAsync(Api, $"/v1/payees/{payee}/accounts", Example.Account("bank"));
    }

    /// <summary>Asks for a payout and answers its invoice id.</summary>
    public async Task<string> PayAsync(string amount)
    {
        accountId ??= await RegisterAsync();
        var invoiceId = $"process-{amount.Replace('.', '-')}";
        await ServiceFixture.RepeatAsync(Api, "/v1/payouts", Example.Payout(accountId, invoiceId, amount));
        return invoiceId;
    }

    /// <summary>Waits until a payout is as the test expects.</summary>
    public async Task WhenAsync(string invoiceId, Func<JsonElement, bool> condition)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            var page = await ServiceFixture.Answer(await Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));
            if (condition(Assert.Single(page.GetProperty("data").EnumerateArray())))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"{invoiceId} did not become what the test waits for.");
    }

    /// <summary>Waits until the outcome of a payout is confirmed, and looks often.</summary>
    public async Task WhenConfirmedAsync(string invoiceId, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < patience)
        {
            var page = await ServiceFixture.Answer(await Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));
            if (Assert.Single(page.GetProperty("data").EnumerateArray())
                .TryGetProperty("confirmedBy", out _))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        Assert.Fail($"{invoiceId} was not confirmed.");
    }

    /// <summary>Waits until it has written lines that contain this text.</summary>
    public async Task WhenLoggedAsync(string text, int lines = 1)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            if (log.Count(line => line.Contains(text, StringComparison.Ordinal)) >= lines)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"It did not log {text}.");
    }

    public void Dispose()
    {
        Kill();
        Api.Dispose();
    }

    /// <summary>Launches the process and does not wait for anything.</summary>
    public void Launch()
    {
        process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += Write;
        process.ErrorDataReceived += Write;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Write(object by, DataReceivedEventArgs line)
        {
            if (line.Data is { Length: > 0 } text)
            {
                log.Enqueue(text);
            }
        }
    }

    /// <summary>True when it says that it is well.</summary>
    public async Task<bool> AnswersAsync(string path = "/health/live")
    {
        try
        {
            using var answer = await Api.GetAsync(path);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task StartAsync()
    {
        Launch();
        var started = process!;
        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            Assert.False(
                started.HasExited || patience.Elapsed > TimeSpan.FromSeconds(60),
                $"It did not start. {string.Join('\n', log.TakeLast(10))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static IEnumerable<string> Seconds(string setting, params int[] seconds) =>
        seconds.Select((value, at) => $"--Payouts:{setting}:{at}=00:00:{value:D2}");
}
