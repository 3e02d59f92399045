using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Api.Http;

/// <summary>The start of the next page, signed so that a cursor is only ever one that we gave this merchant.</summary>
internal sealed class Cursors(byte[] key)
{
    private const int IdBytes = 16;
    private const int MacBytes = 8;

    public string After(Guid last, string list, string merchant)
    {
        Span<byte> bytes = stackalloc byte[IdBytes + MacBytes];
        last.TryWriteBytes(bytes, bigEndian: true, out _);
        Mac(bytes[..IdBytes], list, merchant).CopyTo(bytes[IdBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    public bool TryRead(string cursor, string list, string merchant, out Guid last)
    {
        last = default;
        Span<byte> bytes = stackalloc byte[IdBytes + MacBytes];
        if (cursor.Length != Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.IsValid(cursor)
            || !Base64Url.TryDecodeFromChars(cursor, bytes, out _)
            || !CryptographicOperations.FixedTimeEquals(Mac(bytes[..IdBytes], list, merchant), bytes[IdBytes..]))
        {
            return false;
        }

        last = new Guid(bytes[..IdBytes], bigEndian: true);
        return true;
    }

    private byte[] Mac(ReadOnlySpan<byte> id, string list, string merchant) => HMACSHA256.HashData(
        key, (byte[])[.. Encoding.UTF8.GetBytes($"cursor|{list}|{merchant}|"), .. id])[..MacBytes];
}
