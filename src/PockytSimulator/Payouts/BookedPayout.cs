using System.Text.Json.Serialization;

namespace PockytSimulator.Payouts;

/// <summary>A status and since when.</summary>
internal sealed record StatusChange(DateTimeOffset At, string Status);

/// <summary>
/// A payout the simulator accepted. The facts never change, and are what the journal keeps of its acceptance; the
/// status does, and its history grows.
/// </summary>
internal sealed class BookedPayout
{
    private readonly Lock _gate = new();
    private readonly List<StatusChange> _history;

    public BookedPayout(DateTimeOffset acceptedAt)
    {
        AcceptedAt = acceptedAt;
        _history = [new StatusChange(acceptedAt, "pending")];
    }

    /// <summary>Who pays; the first merchant when not set.</summary>
    public required string MerchantNo { get; init; }

    public required string InvoiceId { get; init; }

    public required string TransactionNo { get; init; }

    public required string? RequestId { get; init; }

    public required string CustomerNo { get; init; }

    public required string AccountToken { get; init; }

    public required decimal Amount { get; init; }

    public required string Currency { get; init; }

    /// <summary>The account's type, which notices call vendor.</summary>
    public required string Vendor { get; init; }

    public required string? IpnUrl { get; init; }

    public DateTimeOffset AcceptedAt { get; }

    /// <summary>Where it stands among all that the book holds.</summary>
    public long Position { get; init; }

    /// <summary>The answer to the call that made it, for repeats of that call.</summary>
    public byte[] FirstAnswer { get; set; } = [];

    /// <summary>Set once somebody moved it by hand: from then on its course does not touch it.</summary>
    [JsonIgnore]
    public bool MovedByHand { get; set; }

    /// <summary>The number of its course's statuses that it has taken.</summary>
    [JsonIgnore]
    public int StepsTaken { get; set; }

    [JsonIgnore]
    public string Status
    {
        get
        {
            lock (_gate)
            {
                return _history[^1].Status;
            }
        }
    }

    [JsonIgnore]
    public IReadOnlyList<StatusChange> History
    {
        get
        {
            lock (_gate)
            {
                return [.. _history];
            }
        }
    }

    /// <summary>Moves it and answers the status it had.</summary>
    public string Move(string status, DateTimeOffset at)
    {
        lock (_gate)
        {
            var before = _history[^1].Status;
            _history.Add(new StatusChange(at, status));
            return before;
        }
    }

    /// <summary>When it took this status last; when it was accepted, if it never did.</summary>
    public DateTimeOffset Since(string status)
    {
        lock (_gate)
        {
            return _history.FindLast(change => change.Status == status)?.At ?? AcceptedAt;
        }
    }
}
