using PayoutService.Payouts;

namespace PayoutService.Storage.Operators;

/// <summary>The kinds of acts that operators do on the pages.</summary>
public enum OperatorAction
{
    /// <summary>An operator logged in.</summary>
    LoggedIn,

    /// <summary>An operator had a masked value shown.</summary>
    Revealed,

    /// <summary>An operator had Pockyt asked about a payout now.</summary>
    AskedPockyt,

    /// <summary>An operator asked to cancel a payout.</summary>
    Canceled,

    /// <summary>An operator sent a decision about a payout.</summary>
    Resolved,

    /// <summary>An operator had a delivery sent again.</summary>
    Resent,

    /// <summary>An operator had an endpoint sent what it missed.</summary>
    Recovered,

    /// <summary>An operator paused a merchant's sending.</summary>
    Paused,

    /// <summary>An operator resumed a merchant's sending.</summary>
    Resumed,

    /// <summary>An operator released a payout that rules held.</summary>
    Released,

    /// <summary>A second person approved a payout.</summary>
    Approved,

    /// <summary>A second person rejected a payout.</summary>
    Rejected,

    /// <summary>An operator uploaded a file of payouts.</summary>
    Uploaded,

    /// <summary>An operator confirmed a batch.</summary>
    Confirmed,
}

/// <summary>What an operator did on the pages. Written before it is done, and only ever added to: what became of it
/// stands in the history of its object.</summary>
internal sealed class OperatorAct
{
    /// <summary>Given by the database.</summary>
    public long No { get; init; }

    /// <summary>Whose object it is about; * for none's.</summary>
    public required string Merchant { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the operator's API key.</summary>
    public required Actor Actor { get; init; }

    public required OperatorAction Action { get; init; }

    /// <summary>The public id of the object.</summary>
    public string? Subject { get; init; }

    /// <summary>Why, in the operator's words.</summary>
    public string? Reason { get; init; }
}
