using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>
/// Stands between one replica and PostgreSQL and knows as much of the protocol as it takes to tell round trips apart:
/// each stops at the turnstile, and may be cut before it arrives, or after it was done and before its answer is known.
/// </summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<PostgresLink, byte> links = [];
    private readonly NpgsqlConnectionStringBuilder server;
    private readonly IMessageGate turnstile;
    private readonly Task listening;

    public PostgresProxy(string connectionString, IMessageGate turnstile)
    {
        server = new NpgsqlConnectionStringBuilder(connectionString);
        this.turnstile = turnstile;
        listener.Start();
        listening = ListenAsync();
    }

    /// <summary>New connections are refused.</summary>
    public bool IsAway { get; set; }

    public IEnumerable<PostgresLink> Links => links.Keys;

    /// <summary>How to reach PostgreSQL through this proxy.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        Timeout = 60,
        CommandTimeout = 60,
    }.ConnectionString;

    /// <summary>Cuts every connection. What PostgreSQL is doing it finishes, and nobody hears of it.</summary>
    public void CutAll()
    {
        foreach (var link in links.Keys)
        {
            link.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        CutAll();
        await listening;
        listener.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                if (IsAway)
                {
                    client.Close(0);
                }
                else
                {
                    _ = ServeAsync(client);
                }
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var behind = await ConnectAsync();
        using var link = new PostgresLink(client, behind, turnstile);
        links[link] = 0;
        await link.RunAsync();
        links.TryRemove(link, out _);
        turnstile.Wake();
    }

    private async Task<Socket> ConnectAsync()
    {
        var host = server.Host!;
        if (!host.StartsWith('/'))
        {
            var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await tcp.ConnectAsync(host, server.Port);
            return tcp;
        }

        var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await unix.ConnectAsync(new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{server.Port}"));
        return unix;
    }
}

/// <summary>One connection through the proxy.</summary>
internal sealed partial class PostgresLink(Socket client, Socket server, IMessageGate turnstile) : IDisposable
{
    private const byte Query = (byte)'Q';
    private const byte Sync = (byte)'S';
    private const byte Terminate = (byte)'X';
    private const byte Ready = (byte)'Z';
    private const byte Authentication = (byte)'R';
    private const byte BackendKey = (byte)'K';
    private const byte Idle = (byte)'I';

    private readonly MessageReader fromClient = new(client);
    private readonly MessageReader fromServer = new(server);
    private volatile bool isCut;
    private volatile bool isBusy;
    private volatile bool isAwaited;
    private volatile InterceptedMessage? stopped;
    private byte status = Idle;

    /// <summary>A transaction begun that runs nothing yet.</summary>
    private bool hasBegun;

    /// <summary>The process that serves it, as PostgreSQL numbers them.</summary>
    public int BackendId { get; private set; }

    /// <summary>Who used it last.</summary>
    public Activity? User { get; private set; }

    /// <summary>PostgreSQL is working for it, or tidying up after it.</summary>
    public bool IsBusy => isBusy || (isCut && stopped is not { Decided.IsCompleted: false });

    /// <summary>The number of statements it was given: what was seen of one says nothing of the next.</summary>
    public int Asked { get; private set; }

    /// <summary>Who used it still waits for PostgreSQL's answer.</summary>
    public bool IsAwaited => isAwaited && !isCut;

    public bool IsInTransaction => status != Idle;

    public async Task RunAsync()
    {
        try
        {
            client.NoDelay = true;
            await ConnectAsync();
            while (!isCut && await fromClient.ReadRequestAsync(Query, Sync, Terminate) is { } request)
            {
                if (!await PassAsync(request))
                {
                    break;
                }
            }
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
        {
        }

        await EndAsync();
    }

    /// <summary>Cuts it for the service.</summary>
    public void Cut()
    {
        isCut = true;
        client.Close(0);
    }

    /// <summary>Nobody decides any more about the message that waits here: whoever sent it has ended.</summary>
    public void LetGo() => stopped?.Decide(new FaultDecision(FaultKind.CutBefore));

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }

    /// <summary>PostgreSQL rolls back what was not committed; it is done when it hangs up. Only then does the service
    /// see that the connection is gone, so that nobody finds a lock that is about to vanish.</summary>
    private async Task EndAsync()
    {
        isBusy = true;
        try
        {
            server.Shutdown(SocketShutdown.Send);
            var rest = new byte[1024];
            while (await server.ReceiveAsync(rest) > 0)
            {
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
        }

        status = Idle;
        client.Close(0);
    }

    /// <summary>The greeting is passed on as it is.</summary>
    private async Task ConnectAsync()
    {
        await server.SendAllAsync(await fromClient.ReadStartupAsync());
        while (true)
        {
            var (type, message) = await fromServer.ReadMessageAsync();
            await client.SendAllAsync(message);
            if (type == Ready)
            {
                return;
            }

            if (type == BackendKey)
            {
                BackendId = BinaryPrimitives.ReadInt32BigEndian(message.Span[5..]);
            }

            // What asks for more than it was told wants an answer.
            if (type == Authentication
                && BinaryPrimitives.ReadInt32BigEndian(message.Span[5..]) is 3 or 5 or 10 or 11)
            {
                await server.SendAllAsync((await fromClient.ReadMessageAsync()).Message);
            }
        }
    }

    private async Task<bool> PassAsync(Request request)
    {
        if (request.Statements.Count == 0 || request.OnlyPrepares)
        {
            // Which connection has what prepared is left to chance, and must not show. A transaction that begins with
            // it is shown with what it runs first.
            if (request.Statements.Count > 0)
            {
                (hasBegun, User) = (true, turnstile.Running);
            }

            await server.SendAllAsync(request.Bytes);
            await client.SendAllAsync(await ReadAnswerAsync(request.Trips));
            return true;
        }

        var label = hasBegun ? $"begin + {LabelOf(request)}" : LabelOf(request);
        hasBegun = false;
        User = IsInTransaction && User is { Outcome.IsCompleted: false } ? User : turnstile.Running;
        var isOfGroup = GroupBegins().IsMatch(label) || (IsInTransaction && User is { IsInGroup: true });
        var hop = new InterceptedMessage(MessageKind.Query, label, isOfGroup: isOfGroup);
        stopped = hop;
        var fate = await turnstile.StopAsync(User, hop);
        stopped = null;
        if (isCut || fate.Kind is FaultKind.CutBefore)
        {
            return false;
        }

        isAwaited = true;
        Asked++;
        isBusy = true;
        await server.SendAllAsync(fate.Kind is FaultKind.Refuse ? Refused(request, fate.Code) : request.Bytes);
        var answer = await ReadAnswerAsync(request.Trips);
        if (isCut)
        {
            return false;
        }

        isAwaited = false;
        stopped = new InterceptedMessage(MessageKind.QueryAnswer, label);
        var stop = turnstile.StopAnswerAsync(User, fate, stopped);
        isBusy = false;
        var after = await stop;
        stopped = null;
        if (fate.Kind is FaultKind.CutAfter || after.Kind is not FaultKind.Pass || isCut)
        {
            return false;
        }

        await client.SendAllAsync(answer);
        return true;
    }

    private async Task<byte[]> ReadAnswerAsync(int trips)
    {
        using var answer = new MemoryStream();
        while (trips > 0)
        {
            var (type, message) = await fromServer.ReadMessageAsync();
            answer.Write(message.Span);
            if (type == Ready)
            {
                status = message.Span[5];
                trips--;
            }
        }

        return answer.ToArray();
    }

    /// <summary>The request with its last statement replaced by one that PostgreSQL refuses with this code.</summary>
    private static byte[] Refused(Request request, string sqlState)
    {
        var sql = Encoding.UTF8.GetBytes(
            $"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlState}', MESSAGE = 'refused by the schedule'; END $$\0");
        var raise = new byte[1 + 4 + sql.Length];
        raise[0] = Query;
        BinaryPrimitives.WriteInt32BigEndian(raise.AsSpan(1), 4 + sql.Length);
        sql.CopyTo(raise, 5);
        return [.. request.Bytes.AsSpan(0, request.LastTripAt), .. raise];
    }

    /// <summary>The statements of a round trip, each by its verb and its table.</summary>
    private static string LabelOf(Request request) =>
        string.Join(" + ", request.Statements.Select(LabelOf).Where(label => label.Length > 0));

    private static string LabelOf(string sql)
    {
        var isClaim = sql.Contains("RETURNING", StringComparison.Ordinal)
            && sql.Contains("UPDATE payouts", StringComparison.Ordinal);
        var verb = Verb().Match(sql).Value.ToLowerInvariant();
        if (verb is "discard" or "set")
        {
            // A connection that comes from the pool says so first; a new one has nothing to discard.
            return "";
        }

        var table = Table().Match(sql).Groups[1].Value;
        return isClaim
            ? sql.Contains("'dispatcher'", StringComparison.Ordinal) ? "claim to send"
                : sql.Contains("'doubted'", StringComparison.Ordinal) ? "mark payouts"
                : sql.Contains("'raised'", StringComparison.Ordinal) ? "raise attention" : "claim to ask"
            : sql.Contains("-- payouts.claim_again", StringComparison.Ordinal) ? "claim to send again"
            : sql.Contains("FOR UPDATE", StringComparison.Ordinal) && sql.Contains("AS told", StringComparison.Ordinal)
                ? "lock group"
            : sql.Contains(" UPDATE", StringComparison.Ordinal) && sql.Contains(" FOR ", StringComparison.Ordinal)
                ? $"lock {table}"
            : $"{verb} {table}".Trim();
    }

    /// <summary>What is served in groups begins with one of these.</summary>
    [GeneratedRegex("lock group|^select pauses$")]
    private static partial Regex GroupBegins();

    /// <summary>The first word after the comment that names the statement.</summary>
    [GeneratedRegex(@"(?<=^\s*(--.*\n\s*)*)\w+")]
    private static partial Regex Verb();

    [GeneratedRegex(@"\b(?:FROM|INTO|UPDATE)\s+""?(\w+)")]
    private static partial Regex Table();
}
