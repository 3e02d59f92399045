using System.Net;
using System.Net.Sockets;

namespace PayoutService.Tests.Support;

/// <summary>Ports that are listened on again and again: none of those that the system gives to outgoing connections,
/// which could have taken it meanwhile.</summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int given = Environment.ProcessId * 97;

    /// <summary>Listens on a port that may just have been given up: the system may still be closing it.</summary>
    public static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        if (!SpinWait.SpinUntil(() => Starts(listener), TimeSpan.FromSeconds(5)))
        {
            throw new InvalidOperationException($"Somebody else listens on port {port}.");
        }

        return listener;
    }

    /// <summary>Serves whoever connects, until the listener stops.</summary>
    public static async Task ServeAsync(TcpListener listener, Func<Socket, Task> serve)
    {
        try
        {
            while (true)
            {
                _ = serve(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception shut) when (shut is SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref given) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            if (Starts(listener))
            {
                return port;
            }
        }
    }

    private static bool Starts(TcpListener listener)
    {
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
