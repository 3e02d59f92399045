using System.Net.Sockets;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Baselines.Plain;

/// <summary>The plain handler as a process of its own, published and run as the service is.</summary>
internal static class PlainProcess
{
    public const string Verb = "plain";

    public static async Task<(ChildProcess Process, int Port)> StartAsync(Bench bench, string database)
    {
        const int PoolOfTheService = 40;
        var port = Bench.FreePort();
        var process = ChildProcess.Start(
            ThisProgram.Assembly,
            [
                Verb,
                $"--urls=http://127.0.0.1:{port}",
                $"--ConnectionStrings:Payouts={bench.Postgres.To(database)};Maximum Pool Size={PoolOfTheService}",
            ],
            ThisProgram.AsTheService(),
            bench.FileOf("plain.log"));
        while (!process.HasExited && !await ListensAsync(port))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return (process, port);
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
