using System.Text;

namespace PayoutService.Benchmarks.Load;

/// <summary>Where requests come from, rendered beforehand as far as possible. Many connections take from it.</summary>
internal abstract class Requests
{
    private long taken = -1;

    /// <summary>Writes the next request into the buffer and answers its length; zero when there are no more.</summary>
    public int Write(byte[] buffer) => Write(Interlocked.Increment(ref taken), buffer);

    protected abstract int Write(long number, byte[] buffer);

    /// <summary>A request as it goes over the wire.</summary>
    public static byte[] Render(string method, string path, string? key, string? type = null, string? body = null)
    {
        var head = $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            + (key is null ? "" : $"Authorization: Bearer {key}\r\n")
            + (body is null ? "" : $"Content-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        return Encoding.UTF8.GetBytes($"{head}\r\n{body}");
    }
}

/// <summary>Requests that were all rendered beforehand, each sent once.</summary>
internal sealed class RenderedRequests(IReadOnlyList<byte[]> rendered) : Requests
{
    protected override int Write(long number, byte[] buffer)
    {
        if (number >= rendered.Count)
        {
            return 0;
        }

        rendered[(int)number].CopyTo(buffer, 0);
        return rendered[(int)number].Length;
    }
}

/// <summary>The same requests again and again, for reading.</summary>
internal sealed class RepeatedRequests(IReadOnlyList<byte[]> rendered) : Requests
{
    protected override int Write(long number, byte[] buffer)
    {
        var request = rendered[(int)(number % rendered.Count)];
        request.CopyTo(buffer, 0);
        return request.Length;
    }
}
