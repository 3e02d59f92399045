using PayoutService.Storage;

namespace PayoutService.Views;

/// <summary>One line of a history.</summary>
public sealed record ChangeView
{
    /// <summary>The version after it; of sending, a number that only rises.</summary>
    /// <example>2</example>
    public required long Version { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The actor: an API key's name, or reconciler, dispatcher, pockyt or restore.</summary>
    /// <example>dev</example>
    public required string Actor { get; init; }

    /// <summary>The kind of the change.</summary>
    public required ChangeKind What { get; init; }

    /// <summary>The status before; absent at first.</summary>
    /// <example>registering</example>
    public string? From { get; init; }

    /// <summary>The status after.</summary>
    /// <example>active</example>
    public string? To { get; init; }

    /// <summary>Keys, reasons, and the names of the fields that changed; no names, e-mails or numbers.</summary>
    public required IReadOnlyDictionary<string, string> Members { get; init; }

    internal static ChangeView Of(HistoryEntry line) => new()
    {
        Version = line.Version,
        At = line.At,
        Actor = line.Actor.Name,
        What = line.What,
        From = line.From,
        To = line.To,
        Members = line.Members.ToDictionary(
            member => member.Key,
            member => member.Key == "payeeId" ? PublicId.Of(PublicId.Payee, Guid.Parse(member.Value)) : member.Value),
    };
}
