namespace PayoutService.Payouts;

/// <summary>The outcome of a call to Pockyt. Whatever happens on the wire is one of these, never an exception.
/// </summary>
internal abstract record ProviderAnswer<T>
{
    /// <summary>The call was executed, and this is what Pockyt says.</summary>
    internal sealed record Done(T Told) : ProviderAnswer<T>;

    /// <summary>Pockyt does not know what the call is about, in its own words.</summary>
    internal sealed record NotFound(string Code, string Message) : ProviderAnswer<T>;

    /// <summary>The call was certainly not executed; the caller can correct it.</summary>
    internal sealed record Refused(string Code, string Message) : ProviderAnswer<T>;

    /// <summary>Provably no byte of the request's body left us.</summary>
    internal sealed record NotSent(string Why) : ProviderAnswer<T>;

    /// <summary>The call may or may not have been executed.</summary>
    internal sealed record Unclear(string Why) : ProviderAnswer<T>;
}
