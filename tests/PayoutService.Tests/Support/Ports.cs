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

    /// <summary>A port that nobody listens on.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref given) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                // The next one may be free.
            }
        }
    }
}
