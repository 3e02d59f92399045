using System.Text.Json.Serialization;

namespace PockytSimulator;

/// <summary>A change ordered in advance, and when it is due by the simulator's clock.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MovePayee), "movePayee")]
[JsonDerivedType(typeof(MoveAccount), "moveAccount")]
internal abstract record Plan(string No, DateTimeOffset DueAt)
{
    public sealed record MovePayee(string No, DateTimeOffset DueAt, string CustomerNo, string Status)
        : Plan(No, DueAt);

    public sealed record MoveAccount(string No, DateTimeOffset DueAt, string Token, string Status, bool? Notify)
        : Plan(No, DueAt);
}
