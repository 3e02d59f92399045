using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>A screening over a real socket. It answers clean unless it was told to answer something else once, and
/// keeps of which accounts it said so, each time with another reference.</summary>
internal sealed partial class ScreeningServer : IAsyncDisposable
{
    /// <summary>What it can answer that does not mean clean: a hit, an error, and what cannot be read.</summary>
    public static readonly string[] Others =
    [
        "{\"answer\":\"hit\"}", "{\"answer\":\"error\"}", "{\"answer\":\"Clean\"}", "{\"answer\":\"cle", "[\"clean\"]",
        "<html></html>", "",
    ];

    private readonly ConcurrentDictionary<(string AccountId, string Said), byte> cleared = [];
    private readonly TcpListener listener;
    private readonly Task listening;
    private string? next;
    private int answers;

    public ScreeningServer()
    {
        listener = Ports.Listen(Port);
        listening = Ports.ServeAsync(listener, ServeAsync);
    }

    public int Port { get; } = Ports.Take();

    public void AnswerOnce(string answer) => next = answer;

    /// <summary>It has said of the account that it is clean.</summary>
    public bool HasCleared(string accountId) => cleared.Keys.Any(answer => answer.AccountId == accountId);

    /// <summary>It has said just this of the account.</summary>
    public bool HasSaid(string accountId, string said) => cleared.ContainsKey((accountId, said));

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

    private async Task ServeAsync(Socket from)
    {
        using var client = from;
        try
        {
            client.NoDelay = true;
            while (await HttpMessage.ReadAsync(client) is { } request)
            {
                var answer = Interlocked.Exchange(ref next, null)
                    ?? CleanFor(AccountIn().Match(Encoding.UTF8.GetString(request.Bytes)).Value);
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

    private string CleanFor(string accountId)
    {
        var reference = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref answers)}");
        cleared[(accountId, $"The screening answered clean: {reference}.")] = 0;
        return $$"""{"answer":"clean","reference":"{{reference}}"}""";
    }

    [GeneratedRegex("acc_[0-9a-z]+")]
    private static partial Regex AccountIn();
}
