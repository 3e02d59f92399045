namespace PayoutService.Storage.Holds;

/// <summary>What a screening answers.</summary>
public enum ScreeningAnswer
{
    /// <summary>Nothing speaks against paying them.</summary>
    Clean,

    /// <summary>They are on a list: they are not paid.</summary>
    Hit,

    /// <summary>There was no answer, or none that can be read.</summary>
    Error,
}

/// <summary>The last answer about an account and its payee. It holds for the versions that it was given for.</summary>
internal sealed class Screening
{
    public required Guid AccountId { get; init; }

    public required string Merchant { get; init; }

    public required int PayeeVersion { get; set; }

    public required int AccountVersion { get; set; }

    public required ScreeningAnswer Answer { get; set; }

    /// <summary>What was said, or what failed.</summary>
    public required string Said { get; set; }

    public required DateTimeOffset AskedAt { get; set; }
}
