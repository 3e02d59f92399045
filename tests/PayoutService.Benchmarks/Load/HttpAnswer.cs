using System.Buffers.Text;

namespace PayoutService.Benchmarks.Load;

/// <summary>Just enough of HTTP/1.1 to know when an answer is complete, and what it says.</summary>
internal static class HttpAnswer
{
    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> LengthHeader => "\r\nContent-Length: "u8;

    /// <summary>The last chunk. One answer is under way at a time, and JSON has no bare line ends, so an answer that
    /// ends like this has ended.</summary>
    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <summary>Reads the status of a complete answer; false while some of it is still to come.</summary>
    public static bool TryRead(ReadOnlySpan<byte> received, out int status)
    {
        status = 0;
        var head = received.IndexOf(EndOfHead);
        if (head < 0)
        {
            return false;
        }

        var body = received[(head + EndOfHead.Length)..];
        var length = received[..head].IndexOf(LengthHeader);
        var isComplete = length >= 0
            ? Utf8Parser.TryParse(received[(length + LengthHeader.Length)..head], out int bytes, out _)
                && body.Length >= bytes
            : body.EndsWith(LastChunk);
        return isComplete && Utf8Parser.TryParse(received["HTTP/1.1 ".Length..], out status, out _);
    }
}
