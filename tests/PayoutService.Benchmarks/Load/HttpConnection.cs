using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PayoutService.Benchmarks.Load;

/// <summary>One connection that is kept alive, with one request under way at a time. By hand, because the driver shares
/// the processors with what it measures, and a request by HttpClient costs several times as much.</summary>
internal sealed class HttpConnection : IDisposable
{
    /// <summary>A page of 50 payouts has about 25 KiB.</summary>
    private const int MaxAnswer = 128 * 1024;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
    };

    private readonly byte[] answer = new byte[MaxAnswer];
    private int length;

    /// <summary>The last answer, head and body.</summary>
    public string Text => Encoding.UTF8.GetString(answer, 0, length);

    public async Task OpenAsync(int port) => await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Sends a request, waits for the whole answer, and tells its status.</summary>
    public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await socket.SendAsync(request[sent..]);
        }

        length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException($"The connection was closed after {length} bytes of an answer.");
            }

            length += read;
            if (HttpAnswer.TryRead(answer.AsSpan(0, length), out var status))
            {
                return status;
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
