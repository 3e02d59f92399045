using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>What a service says to PostgreSQL before it waits for an answer.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="Trips">How many times PostgreSQL will say that it is ready again.</param>
/// <param name="LastTripAt">Where the part begins that the last of these answers.</param>
/// <param name="Statements">The SQL that it runs; at most BEGIN where it only prepares.</param>
/// <param name="OnlyPrepares">Nothing that it prepares is run yet.</param>
internal sealed record Request(
    byte[] Bytes, int Trips, int LastTripAt, IReadOnlyList<string> Statements, bool OnlyPrepares);

/// <summary>Reads PostgreSQL's messages: a letter, a length, a body.</summary>
internal sealed class MessageReader(Socket socket)
{
    private const byte Parse = (byte)'P';
    private const byte Bind = (byte)'B';

    /// <summary>The SQL of statements by their names: what was parsed once may be used again.</summary>
    private readonly Dictionary<string, string> parsed = [];

    private byte[] buffer = new byte[16 * 1024];
    private int start;
    private int end;

    /// <summary>The first message has no letter.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadStartupAsync()
    {
        await FillAsync(4);
        var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start));
        await FillAsync(length);
        return Take(length);
    }

    public async Task<(byte Type, ReadOnlyMemory<byte> Message)> ReadMessageAsync()
    {
        await FillAsync(5);
        var length = 1 + BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 1));
        await FillAsync(length);
        return (buffer[start], Take(length));
    }

    /// <summary>Everything up to where the sender waits for an answer; null when it hangs up.</summary>
    public async Task<Request?> ReadRequestAsync(byte query, byte sync, byte terminate)
    {
        using var bytes = new MemoryStream();
        var statements = new List<string>();
        var trips = 0;
        var lastTripAt = 0;
        var begun = 0;
        var (prepares, runs) = (false, false);
        do
        {
            var (type, message) = await ReadMessageAsync();
            if (type == terminate)
            {
                return null;
            }

            var text = message.Span[5..];
            if (type == query)
            {
                statements.Add(Text(ref text));
            }
            else if (type == Parse)
            {
                parsed[Text(ref text)] = Text(ref text);
                prepares = true;
            }
            else if (type == Bind)
            {
                _ = Text(ref text);
                statements.Add(parsed[Text(ref text)]);
                runs = true;
            }

            bytes.Write(message.Span);
            if (type == query || type == sync)
            {
                trips++;
                lastTripAt = begun;
                begun = (int)bytes.Length;
            }
        }
        while (begun != bytes.Length || start != end);

        return new Request(bytes.ToArray(), trips, lastTripAt, statements, prepares && !runs);
    }

    /// <summary>Takes the text that a zero ends.</summary>
    private static string Text(ref ReadOnlySpan<byte> message)
    {
        var end = message.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(message[..end]);
        message = message[(end + 1)..];
        return text;
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        var message = buffer.AsSpan(start, length).ToArray();
        start += length;
        return message;
    }

    private async Task FillAsync(int needed)
    {
        if (end - start >= needed)
        {
            return;
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (buffer.Length < needed)
        {
            Array.Resize(ref buffer, needed * 2);
        }

        while (end < needed)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(end));
            end += read > 0 ? read : throw new IOException("The other side hung up.");
        }
    }
}

internal static class Sockets
{
    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}
