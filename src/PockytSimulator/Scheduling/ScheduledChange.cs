using System.Text.Json.Serialization;

namespace PockytSimulator.Scheduling;

/// <summary>A change ordered in advance, and when it is due by the simulator's clock.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MovePayee), "movePayee")]
[JsonDerivedType(typeof(MoveAccount), "moveAccount")]
[JsonDerivedType(typeof(MovePayor), "movePayor")]
[JsonDerivedType(typeof(ChangeBalance), "changeBalance")]
internal abstract record ScheduledChange(string No, DateTimeOffset DueAt)
{
    public sealed record MovePayee(string No, DateTimeOffset DueAt, string CustomerNo, string Status)
        : ScheduledChange(No, DueAt);

    public sealed record MoveAccount(string No, DateTimeOffset DueAt, string Token, string Status, bool? Notify)
        : ScheduledChange(No, DueAt);

    public sealed record MovePayor(string No, DateTimeOffset DueAt, string PayorNo, string Status)
        : ScheduledChange(No, DueAt);

    /// <summary>A top-up, or with a negative amount a withdrawal.</summary>
    public sealed record ChangeBalance(
        string No, DateTimeOffset DueAt, string Currency, decimal By, string MerchantNo) : ScheduledChange(No, DueAt);
}
