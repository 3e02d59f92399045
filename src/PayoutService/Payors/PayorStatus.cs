namespace PayoutService.Payors;

/// <summary>The status of a payor: whether payees can be registered under it.</summary>
public enum PayorStatus
{
    /// <summary>Our row exists, and its one request may be on the wire.</summary>
    Registering,

    /// <summary>Its one request may have reached Pockyt and we do not know. No call looks a payor up, so it is never
    /// sent again by itself: an operator looks in Pockyt's portal and tells us.</summary>
    Unconfirmed,

    /// <summary>Written down at Pockyt, not yet handed in for review.</summary>
    Saved,

    /// <summary>Under review at Pockyt.</summary>
    Submitted,

    /// <summary>Payees can be registered under it.</summary>
    Approved,

    /// <summary>Approved, and in force.</summary>
    Effective,

    /// <summary>Refused by Pockyt's review.</summary>
    Declined,

    /// <summary>Pockyt has it, and told no status that we know.</summary>
    Unknown,
}
