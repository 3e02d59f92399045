namespace PayoutService.Payees;

/// <summary>A row that is written before it is registered at Pockyt.</summary>
internal interface IPendingRegistration
{
    /// <summary>A keyed hash per field of the request that made it.</summary>
    Dictionary<string, string> Content { get; }

    /// <summary>Pockyt has not yet answered that it knows it.</summary>
    bool IsRegistering { get; }

    /// <summary>Until when one caller has the registration to itself.</summary>
    DateTimeOffset? LeaseUntil { get; }

    int Version { get; }

    /// <summary>Takes over a registration whose caller never came back with an answer.</summary>
    void TakeOver(DateTimeOffset leaseUntil);
}
