using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PayoutService.Tests.Support;

/// <summary>Passes bytes on to a port of this machine while it is open, and refuses connections
/// while it is shut.</summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly int to;
    private readonly ConcurrentDictionary<TcpClient, byte> open = [];
    private TcpListener? listener;
    private Task passing = Task.CompletedTask;

    public Gate(int to)
    {
        this.to = to;
        Open();
    }

    public int Port { get; private set; }

    public void Open()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        passing = PassAsync(listener);
    }

    /// <summary>Refuses new connections and cuts those there are.</summary>
    public async Task ShutAsync()
    {
        listener!.Stop();
        await passing;
        foreach (var client in open.Keys)
        {
            client.Close();
        }
    }

    public async ValueTask DisposeAsync() => await ShutAsync();

    private async Task PassAsync(TcpListener listening)
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await listening.AcceptTcpClientAsync());
            }
        }
        catch (Exception shut) when (shut is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(TcpClient from)
    {
        using var client = from;
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, to);
            open[client] = 0;
            open[server] = 0;
            await Task.WhenAny(
                client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
        {
        }
        finally
        {
            open.TryRemove(client, out _);
            open.TryRemove(server, out _);
        }
    }
}
