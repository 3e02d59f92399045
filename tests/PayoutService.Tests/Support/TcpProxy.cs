using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PayoutService.Tests.Support;

/// <summary>Which way bytes go through a gate: to whoever was called, or back from there.</summary>
internal enum Way
{
    Neither,
    There,
    Back,
}

/// <summary>Passes bytes on while it is open, and refuses connections while it is shut.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly Func<EndPoint> to;
    private readonly ConcurrentDictionary<Socket, byte> open = [];
    private TcpListener? listener;
    private Task passing = Task.CompletedTask;
    private volatile Way swallowed;

    /// <summary>A gate to a port of this machine.</summary>
    public TcpProxy(int to)
        : this(() => new IPEndPoint(IPAddress.Loopback, to))
    {
    }

    /// <summary>A gate to wherever each new connection is to go.</summary>
    public TcpProxy(Func<EndPoint> to)
    {
        this.to = to;
        Open();
    }

    public int Port { get; } = Ports.Take();

    public void Open()
    {
        listener = Ports.Listen(Port);
        passing = Ports.ServeAsync(listener, PassAsync);
    }

    /// <summary>Refuses new connections and cuts those there are.</summary>
    public async Task ShutAsync()
    {
        listener!.Stop();
        await passing;
        Cut();
    }

    /// <summary>Swallows for a while whatever goes one way, then cuts all connections: what went the other way has
    /// arrived.</summary>
    public async Task CutAsync(Way way, TimeSpan after)
    {
        swallowed = way;
        await Task.Delay(after, TimeProvider.System);

        // In this order: a connection that has lost bytes must never pass on others.
        swallowed = Way.Neither;
        Cut();
    }

    public async ValueTask DisposeAsync() => await ShutAsync();

    private void Cut()
    {
        foreach (var socket in open.Keys)
        {
            socket.Close();
        }
    }

    private async Task PassAsync(Socket from)
    {
        using var client = from;
        var target = to();
        using var server = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            open[client] = 0;
            open[server] = 0;
            await server.ConnectAsync(target);
            client.NoDelay = true;
            if (target is IPEndPoint)
            {
                server.NoDelay = true;
            }

            await Task.WhenAny(PassAsync(client, server, Way.There), PassAsync(server, client, Way.Back));
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

    private async Task PassAsync(Socket from, Socket onto, Way way)
    {
        var buffer = new byte[32 * 1024];
        var lost = false;
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            lost |= swallowed == way;
            for (var sent = 0; sent < count && !lost;)
            {
                sent += await onto.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
    }
}
