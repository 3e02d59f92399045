namespace PayoutService.Storage;

/// <summary>The outcome of beginning what has a natural key and is done at Pockyt once: a payee, an account, a payor, a
/// refund.</summary>
internal abstract record BeginResult<T>
{
    /// <summary>The row is written; nobody has called Pockyt yet.</summary>
    internal sealed record New(T Row) : BeginResult<T>;

    /// <summary>An earlier call was never answered, or a restore may have lost it: ask Pockyt before calling again.
    /// </summary>
    internal sealed record Resumed(T Row) : BeginResult<T>;

    /// <summary>Another call is under way right now.</summary>
    internal sealed record Busy(T Row) : BeginResult<T>;

    /// <summary>The same request again: this is what it made.</summary>
    internal sealed record Replayed(T Row) : BeginResult<T>;

    /// <summary>The key belongs to something with other content.</summary>
    internal sealed record Differs(T Row, string[] Fields) : BeginResult<T>;

    /// <summary>The database was restored, and may have lost that Pockyt was called.</summary>
    internal sealed record Restored : BeginResult<T>;
}
