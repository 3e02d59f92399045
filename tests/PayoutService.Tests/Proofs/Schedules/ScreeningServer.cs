using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>A screening over a real socket. It answers clean unless it was told to answer something else once, and
/// keeps the accounts of which it said so.</summary>
internal sealed partial class ScreeningServer : IAsyncDisposable
{
    /// <summary>What it can answer that does not mean clean: a hit, an error, and what cannot be read.</summary>
    public static readonly string[] Others =
    [
        "{\"answer\":\"hit\"}", "{\"answer\":\"error\"}", "{\"answer\":\"Clean\"}", "{\"answer\":\"cle", "[\"clean\"]",
        "<html></html>", "",
    ];

    private const string Clean = "{\"answer\":\"clean\"}";

    private readonly ConcurrentDictionary<string, byte> cleared = [];
    private readonly TcpListener listener;
    private readonly Task listening;
    private string? next;

    public ScreeningServer()
    {
        listener = Ports.Listen(Port);
        listening = ListenAsync();
    }

    public int Port { get; } = Ports.Take();

    public void AnswerOnce(string answer) => next = answer;

    /// <summary>It has said of the account that it is clean.</summary>
    public bool HasCleared(string accountId) => cleared.ContainsKey(accountId);

    public void Forget()
    {
        cleared.Clear();
        next = null;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await listening;
        listener.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception shut) when (shut is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket from)
    {
        using var client = from;
        try
        {
            client.NoDelay = true;
            while (await HttpMessage.ReadAsync(client) is { } request)
            {
                var answer = Interlocked.Exchange(ref next, null) ?? Clean;
                if (answer == Clean)
                {
                    cleared[AccountIn().Match(Encoding.UTF8.GetString(request.Bytes)).Value] = 0;
                }

                await client.SendAllAsync(Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\n\r\n"
                        + $"{answer}")));
            }
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
        {
        }
    }

    [GeneratedRegex("acc_[0-9a-z]+")]
    private static partial Regex AccountIn();
}
