using PayoutService.Api.Validation;

namespace PayoutService.Api.Sending;

/// <summary>The request to pause sending.</summary>
public sealed record PauseSendingRequest
{
    /// <summary>The reason; shown wherever sending is paused.</summary>
    /// <example>The balance is being moved to another store.</example>
    [OwnText(200)]
    public required string Reason { get; init; }
}

/// <summary>A request to resume sending.</summary>
public sealed record ResumeSendingRequest
{
    /// <summary>true: you know that a restore of the database lost nothing of this merchant. What was marked as
    /// possibly sent is then sent without asking Pockyt first.</summary>
    public bool NothingLost { get; init; }

    /// <summary>Evidence that nothing was lost; required with nothingLost. Kept in the history.</summary>
    [OwnText(500)]
    public string? Reason { get; init; }
}
