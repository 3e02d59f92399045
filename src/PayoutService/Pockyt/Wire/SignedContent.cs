using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PayoutService.Pockyt.Wire;

/// <summary>A file that goes with a call; it is not part of what is signed.</summary>
/// <param name="Member">The name of its part of the form.</param>
/// <param name="FileName">What it is called; without a quote or a line break.</param>
/// <param name="ContentType">What it says it is.</param>
/// <param name="Content">Its bytes, as many as its length says; read once.</param>
internal sealed record SignedFile(string Member, string FileName, string ContentType, Stream Content);

/// <summary>
/// A request body that is written at most once, and that knows whether it was begun. A call whose body was never begun
/// cannot have been executed: that is the proof behind NotSent, whatever the connection's error was called.
/// </summary>
internal sealed class SignedContent : HttpContent
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Forbidden = 2;

    private readonly IReadOnlyList<Stream> parts;
    private readonly long length;
    private int state = Waiting;

    private SignedContent(MediaTypeHeaderValue type, IReadOnlyList<Stream> parts)
    {
        this.parts = parts;
        length = parts.Sum(part => part.Length);
        Headers.ContentType = type;
    }

    /// <summary>The members as a JSON object.</summary>
    public static SignedContent Json(IReadOnlyDictionary<string, string> members) => new(
        new MediaTypeHeaderValue("application/json"), [new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(members))]);

    /// <summary>The members and the files as the parts of a form. The signature is the border between them: nobody who
    /// made a file could know it.</summary>
    public static SignedContent Form(IReadOnlyDictionary<string, string> members, IReadOnlyList<SignedFile> files)
    {
        var border = members[VerifySign.Member];
        var texts = members.Select(member => $"--{border}\r\n"
            + $"Content-Disposition: form-data; name=\"{member.Key}\"\r\n\r\n{member.Value}\r\n");
        List<Stream> parts = [Utf8(string.Concat(texts))];
        foreach (var file in files)
        {
            parts.Add(Utf8($"--{border}\r\n"
                + $"Content-Disposition: form-data; name=\"{file.Member}\"; filename=\"{file.FileName}\"\r\n"
                + $"Content-Type: {file.ContentType}\r\n\r\n"));
            parts.Add(file.Content);
            parts.Add(Utf8("\r\n"));
        }

        parts.Add(Utf8($"--{border}--\r\n"));
        return new(new MediaTypeHeaderValue("multipart/form-data") { Parameters = { new("boundary", border) } }, parts);
    }

    /// <summary>Settles that the body is not sent; false when it is too late to be sure.</summary>
    public bool NeverBegins() => Interlocked.CompareExchange(ref state, Forbidden, Waiting) == Waiting;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        if (Interlocked.CompareExchange(ref state, Begun, Waiting) != Waiting)
        {
            throw new IOException("The request was given up or already sent; it is not sent again.");
        }

        foreach (var part in parts)
        {
            await part.CopyToAsync(stream);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = this.length;
        return true;
    }

    private static MemoryStream Utf8(string text) => new(Encoding.UTF8.GetBytes(text));
}
