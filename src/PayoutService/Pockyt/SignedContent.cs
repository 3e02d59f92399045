using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace PayoutService.Pockyt;

/// <summary>
/// A request body that is written at most once, and that knows whether it was begun. A call whose body was never begun
/// cannot have been executed: that is the proof behind NotSent, whatever the connection's error was called.
/// </summary>
internal sealed class SignedContent : HttpContent
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Forbidden = 2;

    private readonly byte[] body;
    private int state = Waiting;

    public SignedContent(IReadOnlyDictionary<string, string> members)
    {
        body = JsonSerializer.SerializeToUtf8Bytes(members);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>Settles that the body is not sent; false when it is too late to be sure.</summary>
    public bool NeverBegins() => Interlocked.CompareExchange(ref state, Forbidden, Waiting) == Waiting;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        if (Interlocked.CompareExchange(ref state, Begun, Waiting) != Waiting)
        {
            throw new IOException("The request was given up or already sent; it is not sent again.");
        }

        await stream.WriteAsync(body);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
