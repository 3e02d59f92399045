namespace PayoutService.Storage.Holds;

/// <summary>The rules of a merchant from a time on, as its settings had them. A line is added when a process starts
/// with others.</summary>
internal sealed class RuleSet
{
    public long No { get; private set; }

    public required string Merchant { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The settings and their values.</summary>
    public required Dictionary<string, string> Rules { get; init; }
}
