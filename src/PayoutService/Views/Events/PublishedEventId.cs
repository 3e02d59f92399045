using System.Buffers.Binary;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using SimpleBase;

namespace PayoutService.Views.Events;

/// <summary>
/// The id of an event: <c>evt_</c> and 40 characters that name the line of history and which of its events it is, so
/// that a feed that is built anew has the same ids. It holds the time of the line too: after a restore of the database
/// another change may have the same version, and is another event.
/// </summary>
/// <param name="Kind">The kind of object; null: a payout.</param>
/// <param name="ObjectId">The object.</param>
/// <param name="Version">Its version.</param>
/// <param name="Milliseconds">The last 24 bits of the time of the line.</param>
/// <param name="Part">Which of the line's events, from 0.</param>
internal readonly record struct PublishedEventId(
    HistoryKind? Kind, Guid ObjectId, uint Version, int Milliseconds, byte Part)
{
    private const string Prefix = "evt_";
    private const int Length = 25;

    public static string Of(FeedEvent told) => told.Payout is { Line: var line }
        ? Of(null, line.PayoutId, line.Version, line.At, told.Entry.Part).ToString()
        : Of(told.Other!.Kind, told.Other.Id, told.Other.Version, told.Other.At, told.Entry.Part).ToString();

    /// <summary>Reads an id in its one canonical form.</summary>
    public static bool TryParse(string text, out PublishedEventId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !System.Text.Ascii.IsValid(text)
            || !Base32.Crockford.TryDecode(text.AsSpan(Prefix.Length), bytes, out var read) || read != Length)
        {
            return false;
        }

        id = new PublishedEventId(
            bytes[0] is 0 ? null : (HistoryKind)(bytes[0] - 1),
            new Guid(bytes[1..17], bigEndian: true),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[17..]),
            (bytes[21] << 16) | (bytes[22] << 8) | bytes[23],
            bytes[24]);
        return id.ToString() == text;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Kind is { } kind ? (byte)(kind + 1) : (byte)0;
        ObjectId.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[17..], Version);
        (bytes[21], bytes[22], bytes[23]) =
            ((byte)(Milliseconds >> 16), (byte)(Milliseconds >> 8), (byte)Milliseconds);
        bytes[24] = Part;
        return Prefix + Base32.Crockford.Encode(bytes).ToLowerInvariant();
    }

    private static PublishedEventId Of(HistoryKind? kind, Guid id, long version, DateTimeOffset at, short part) =>
        new(kind, id, checked((uint)version), (int)(at.ToUnixTimeMilliseconds() & 0xFFFFFF), (byte)part);
}
