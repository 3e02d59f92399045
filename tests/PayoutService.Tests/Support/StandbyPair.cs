using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Development;
using PayoutService.Storage;

namespace PayoutService.Tests.Support;

/// <summary>A primary and its synchronous standby, both real, on this machine. The standby can be stopped and started.
/// </summary>
internal sealed class StandbyPair : IAsyncDisposable
{
    private const string ServerUser = "postgres";
    private readonly string primaryFolder;
    private readonly string standbyFolder;
    private readonly PrivatePostgres primary;
    private PrivatePostgres? standby;

    private StandbyPair(string primaryFolder, string standbyFolder, PrivatePostgres primary)
    {
        this.primaryFolder = primaryFolder;
        this.standbyFolder = standbyFolder;
        this.primary = primary;
    }

    public string Primary => primary.ConnectionString("payouts");

    public string Standby => standby!.ConnectionString("payouts");

    /// <summary>Starts both, with the tables of the service.</summary>
    public static async Task<StandbyPair> StartAsync(string purpose)
    {
        var (primaryFolder, standbyFolder) =
            (TestDatabase.FolderFor($"{purpose}-primary"), TestDatabase.FolderFor($"{purpose}-standby"));
        var pair = new StandbyPair(
            primaryFolder, standbyFolder, await PrivatePostgres.StartAsync(primaryFolder, durable: false));
        await pair.primary.CreateDatabaseAsync("payouts");
        await using (var source = NpgsqlDataSource.Create(pair.Primary + ";Pooling=false"))
        {
            await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options);
            await db.Database.MigrateAsync();
        }

        await pair.CopyAsync();
        await pair.StartStandbyAsync();
        await TestDatabase.ExecuteAsync(pair.Primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await TestDatabase.ExecuteAsync(pair.Primary, "SELECT pg_reload_conf()");
        await pair.WhenReplicatedAsync();
        return pair;
    }

    public async Task StartStandbyAsync()
    {
        standby = await PrivatePostgres.StartAsync(standbyFolder, durable: false);
        await WhenAsync("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'");
    }

    public async Task StopStandbyAsync()
    {
        await standby!.DisposeAsync();
        await WhenAsync("SELECT 1 - count(*) FROM pg_stat_replication");
    }

    /// <summary>Cancels every commit that waits for the standby, as an operator or a time-out of the server would.
    /// </summary>
    public async Task CancelWaitsAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await TestDatabase.ExecuteAsync(
                Primary, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await standby!.DisposeAsync();
        await primary.DisposeAsync();
        Directory.Delete(standbyFolder, recursive: true);
        Directory.Delete(primaryFolder, recursive: true);
    }

    private Task WhenReplicatedAsync() =>
        WhenAsync("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");

    private async Task WhenAsync(string oneWhenSo)
    {
        await using var source = NpgsqlDataSource.Create(primary.ConnectionString("postgres") + ";Pooling=false");
        var patience = Stopwatch.StartNew();
        while (true)
        {
            await using var ask = source.CreateCommand(oneWhenSo);
            if (await ask.ExecuteScalarAsync() is 1L or 1)
            {
                return;
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), oneWhenSo);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Copies the primary into the folder of the standby.</summary>
    private async Task CopyAsync()
    {
        Directory.CreateDirectory(standbyFolder);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", [ServerUser, standbyFolder], user: null);
        }

        var host = new NpgsqlConnectionStringBuilder(Primary).Host!;
        await RunAsync(
            Path.Combine(PrivatePostgres.FindBinaries(), "pg_basebackup"),
            ["-h", host, "-U", "payouts", "-D", Path.Combine(standbyFolder, "data"), "-R", "-c", "fast", "--no-sync"],
            Environment.IsPrivilegedProcess ? ServerUser : null);
    }

    private static async Task RunAsync(string program, string[] arguments, string? user)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = "/", RedirectStandardError = true };
        if (user is not null)
        {
            start.UserName = user;
        }

        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
