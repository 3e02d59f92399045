namespace PayoutService.Storage;

/// <summary>Ids that begin with the millisecond in which they were made (UUID version 7), so that they are in the order
/// of time.</summary>
internal static class SortableId
{
    /// <summary>The first id that can be made in the millisecond of a time.</summary>
    public static Guid FirstAt(DateTimeOffset at)
    {
        var time = Math.Max(0, at.ToUnixTimeMilliseconds());
        return new Guid((int)(time >> 16), (short)time, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /// <summary>The time at which an id was made: its first 48 bits.</summary>
    public static DateTimeOffset TimeOf(Guid id) => DateTimeOffset.FromUnixTimeMilliseconds(
        Convert.ToInt64(Convert.ToHexString(id.ToByteArray(bigEndian: true).AsSpan(0, 6)), 16));
}
