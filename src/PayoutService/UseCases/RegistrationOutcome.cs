namespace PayoutService.UseCases;

/// <summary>The outcome of registering something at Pockyt, or of sending a refund: once for each natural key.
/// </summary>
internal abstract record RegistrationOutcome<T>
{
    /// <summary>Pockyt answered.</summary>
    internal sealed record Created(T Row) : RegistrationOutcome<T>;

    /// <summary>Pockyt did not answer, or another call is under way: the row says what happens next.</summary>
    internal sealed record Pending(T Row) : RegistrationOutcome<T>;

    /// <summary>The same request again: this is what it made.</summary>
    internal sealed record Replayed(T Row) : RegistrationOutcome<T>;

    /// <summary>The key belongs to something with other content.</summary>
    internal sealed record Differs(T Row, string[] Fields) : RegistrationOutcome<T>;

    /// <summary>Pockyt says that it is the same as another of ours, under another key. Nothing was kept.</summary>
    internal sealed record Duplicate(T Other) : RegistrationOutcome<T>;

    /// <summary>Another payee at Pockyt has the e-mail. Nothing was kept.</summary>
    internal sealed record EmailInUse : RegistrationOutcome<T>;

    /// <summary>Pockyt refused it. Nothing was kept.</summary>
    internal sealed record Refused(string Code, string Message) : RegistrationOutcome<T>;

    /// <summary>Provably nothing of it left us. Nothing was kept.</summary>
    internal sealed record NotSent(string Why) : RegistrationOutcome<T>;

    /// <summary>The database was restored, and may have lost that it was done before.</summary>
    internal sealed record Restored : RegistrationOutcome<T>;
}
