using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>
/// Stands between one replica and Pockyt. A request is read whole and stops at the turnstile; then all of it arrives or
/// a part, now or later, and all of the answer comes back or a part, or somebody on the way answers instead.
/// </summary>
internal sealed class PockytProxy : IAsyncDisposable
{
    private readonly int pockyt;
    private readonly MessageInterceptor turnstile;
    private readonly ConcurrentDictionary<Socket, byte> clients = [];
    private TcpListener listener;
    private Task listening;

    public PockytProxy(int pockyt, MessageInterceptor turnstile)
    {
        this.pockyt = pockyt;
        this.turnstile = turnstile;
        listener = Ports.Listen(Port);
        listening = Ports.ServeAsync(listener, ServeAsync);
    }

    public int Port { get; } = Ports.Take();

    /// <summary>Connections are refused: not a byte of a request leaves the service.</summary>
    public bool IsShut { get; private set; }

    /// <summary>Requests that their senders have given up, and that have not arrived.</summary>
    public ConcurrentQueue<LateRequest> Late { get; } = [];

    /// <summary>Told of a request for money before anything becomes of it.</summary>
    public Func<InterceptedMessage, Task> OnCall { get; set; } = _ => Task.CompletedTask;

    public async Task ShutAsync()
    {
        IsShut = true;
        listener.Stop();
        await listening;
        CutAll();
    }

    public void Open()
    {
        if (IsShut)
        {
            IsShut = false;
            listener = Ports.Listen(Port);
            listening = Ports.ServeAsync(listener, ServeAsync);
        }
    }

    public void CutAll()
    {
        foreach (var client in clients.Keys)
        {
            client.Close(0);
        }
    }

    /// <summary>A request arrives that nobody waits for any more.</summary>
    public async Task DeliverAsync(LateRequest late)
    {
        using var behind = await ConnectAsync();
        await behind.SendAllAsync(late.Bytes);
        await HttpMessage.ReadAsync(behind);
    }

    public async ValueTask DisposeAsync()
    {
        await ShutAsync();
        listener.Dispose();
    }

    private async Task ServeAsync(Socket from)
    {
        using var client = from;
        clients[client] = 0;
        try
        {
            client.NoDelay = true;
            while (await HttpMessage.ReadAsync(client) is { } request && await PassAsync(client, request))
            {
            }
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
        {
        }

        clients.TryRemove(client, out _);
    }

    /// <returns>Whether the connection lives on.</returns>
    private async Task<bool> PassAsync(Socket client, HttpMessage request)
    {
        var asker = turnstile.Running;
        var hop = new InterceptedMessage(MessageKind.Call, request.Path, request.InvoiceId);
        await OnCall(hop);
        var fate = await turnstile.StopAsync(asker, hop);
        switch (fate.Kind)
        {
            case FaultKind.Late:
                Late.Enqueue(new LateRequest(request.InvoiceId, request.Bytes));
                client.Close(0);
                return false;
            case FaultKind.CutBefore:
                var sent = (int)(request.Bytes.Length * fate.Part);
                hop.Cut = ("request", sent, request.Bytes.Length);
                await DeliverPartAsync(request.Bytes.AsMemory(0, sent));
                client.Close(0);
                return false;
            case FaultKind.Refuse:
                await client.SendAllAsync(Answer(fate.Code));
                return true;
        }

        using var behind = await ConnectAsync();
        await behind.SendAllAsync(request.Bytes);
        var answer = await HttpMessage.ReadAsync(behind) ?? throw new IOException("Pockyt hung up.");
        if (fate.Kind is FaultKind.CutAfter)
        {
            var told = (int)(answer.Bytes.Length * fate.Part);
            hop.Cut = ("answer", told, answer.Bytes.Length);
            await client.SendAllAsync(answer.Bytes.AsMemory(0, told));
            client.Shutdown(SocketShutdown.Both);
            return false;
        }

        var stop = await turnstile.StopAnswerAsync(
            asker, fate, new InterceptedMessage(MessageKind.CallAnswer, request.Path, request.InvoiceId));
        if (stop.Kind is not FaultKind.Pass)
        {
            client.Close(0);
            return false;
        }

        await client.SendAllAsync(answer.Bytes);
        return fate.Kind is not FaultKind.PassAndClose;
    }

    private async Task DeliverPartAsync(ReadOnlyMemory<byte> part)
    {
        if (part.Length > 0)
        {
            using var behind = await ConnectAsync();
            await behind.SendAllAsync(part);
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, pockyt);
        return socket;
    }

    private static byte[] Answer(string status)
    {
        const string Page = "<html><body>somebody on the way</body></html>";
        var location = status[0] == '3' ? "Location: http://127.0.0.1:9/elsewhere\r\n" : "";
        var head = $"HTTP/1.1 {status} Away\r\nContent-Type: text/html\r\n{location}";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{head}Content-Length: {Page.Length}\r\n\r\n{Page}"));
    }
}

/// <summary>A request that is still on its way though its sender gave it up.</summary>
internal sealed record LateRequest(string? InvoiceId, byte[] Bytes);

/// <summary>One HTTP message with a Content-Length, as bytes.</summary>
internal sealed partial record HttpMessage(byte[] Bytes, string Path, string? InvoiceId)
{
    /// <summary>Null when the other side hangs up before it begins.</summary>
    public static async Task<HttpMessage?> ReadAsync(Socket socket)
    {
        var buffer = new byte[4 * 1024];
        var length = 0;
        while (true)
        {
            var bodyAt = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) + 4;
            if (bodyAt >= 4)
            {
                var head = Encoding.ASCII.GetString(buffer, 0, bodyAt);
                var whole = bodyAt + int.Parse(Length().Match(head).Groups[1].Value, CultureInfo.InvariantCulture);
                if (length >= whole)
                {
                    var body = Encoding.UTF8.GetString(buffer, bodyAt, whole - bodyAt);
                    var invoiceId = InvoiceIdIn().Match(body) is { Success: true } found ? found.Groups[1].Value : null;
                    return new HttpMessage(buffer[..whole], PathIn().Match(head).Groups[1].Value, invoiceId);
                }
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }

            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                return length == 0 ? null : throw new IOException("Half a message.");
            }

            length += read;
        }
    }

    [GeneratedRegex(@"^Content-Length: *(\d+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Length();

    [GeneratedRegex(@"^\w+ \S*/(\S+) HTTP")]
    private static partial Regex PathIn();

    [GeneratedRegex(@"""invoiceId"":""([^""]+)""")]
    private static partial Regex InvoiceIdIn();
}
