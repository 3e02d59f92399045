using System.Diagnostics;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Chaos;

/// <summary>One of several processes of the service. Whatever ends it, it is started again at once, as whoever runs
/// containers does.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly CancellationTokenSource over = new();
    private readonly ServiceProcess process;
    private readonly Task keeping;

    public Replica(string database, string pockyt, params string[] settings)
    {
        process = new ServiceProcess(database, pockyt, settings);
        keeping = KeepAsync();
    }

    /// <summary>Where it is called.</summary>
    public Uri Address => process.Api.BaseAddress!;

    /// <summary>It was well since it was last started.</summary>
    public bool Serves { get; private set; }

    /// <summary>It is halted, until it is told to go on.</summary>
    public bool IsHalted { get; private set; }

    /// <summary>What it has written.</summary>
    public IReadOnlyCollection<string> Log => process.Log;

    public HttpClient Api => process.Api;

    /// <summary>Registers a payee with a bank account and answers the account's id.</summary>
    public Task<string> RegisterAsync() => process.RegisterAsync();

    public async Task KillAsync()
    {
        Serves = false;
        await process.SignalAsync("KILL");
    }

    public async Task HaltAsync()
    {
        IsHalted = true;
        await process.SignalAsync("STOP");
    }

    public async Task GoOnAsync()
    {
        await process.SignalAsync("CONT");
        IsHalted = false;
    }

    /// <summary>Tells it to stop, and waits until it has.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> StopAsync()
    {
        Serves = false;
        var took = Stopwatch.StartNew();
        var exitCode = await process.StopAsync();
        return (exitCode, took.Elapsed);
    }

    public async Task WhenServesAsync()
    {
        for (var patience = Stopwatch.StartNew(); !Serves;)
        {
            Assert.True(
                patience.Elapsed < TimeSpan.FromMinutes(2),
                $"A replica does not come up. {string.Join('\n', Log.TakeLast(20))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await keeping;
        process.Dispose();
        over.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!over.IsCancellationRequested)
        {
            process.Launch();
            var ended = process.WhenEndedAsync(over.Token);
            while (!ended.IsCompleted && !(Serves = await process.AnswersAsync("/health/ready")))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Serves = false;
        }
    }
}
